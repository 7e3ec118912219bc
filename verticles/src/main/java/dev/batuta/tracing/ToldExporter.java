package dev.batuta.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log when the collector goes away, and when it is back, once each. */
final class ToldExporter implements SpanExporter {
  private static final Logger LOG = LoggerFactory.getLogger(ToldExporter.class);

  /**
   * It says each failure on the terminal. Held, because a logger that nobody holds is forgotten.
   */
  private static final java.util.logging.Logger QUIET =
      java.util.logging.Logger.getLogger("io.opentelemetry.exporter");

  private final SpanExporter to;
  private final URI collector;
  private final AtomicBoolean away = new AtomicBoolean();
  private volatile IntConsumer before = spans -> {};

  ToldExporter(SpanExporter to, URI collector) {
    this.to = to;
    this.collector = collector;
    QUIET.setLevel(Level.OFF);
  }

  /** Has someone told of the number of spans of each batch, before it is sent. */
  void beforeEach(IntConsumer told) {
    before = told;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    before.accept(spans.size());
    CompletableResultCode sent = to.export(spans);
    return sent.whenComplete(() -> tell(sent, spans.size()));
  }

  private void tell(CompletableResultCode sent, int spans) {
    if (away.compareAndSet(sent.isSuccess(), !sent.isSuccess())) {
      if (sent.isSuccess()) {
        LOG.atInfo().addKeyValue("collector", collector).log("the collector takes spans again");
      } else {
        LOG.atWarn()
            .addKeyValue("collector", collector)
            .addKeyValue("spans", spans)
            .addKeyValue("why", why(sent))
            .log("the collector of tracing.otlp takes no spans, they are dropped");
      }
    }
  }

  private static String why(CompletableResultCode sent) {
    Throwable why = sent.getFailureThrowable();
    return why == null ? "no answer, or not 200" : String.valueOf(why);
  }

  @Override
  public CompletableResultCode flush() {
    return to.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return to.shutdown();
  }
}
