package dev.batuta.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.batuta.tracing.OtlpReceiver.Received;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Spans on their way to a collector. */
class CollectorTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PLACE = "00-" + TRACE + "-b7ad6b7169203331-";

  @Test
  void aSpanComesWithAllThatIsSaidOfIt() {
    try (OtlpReceiver collector = OtlpReceiver.start()) {
      Span span =
          collector
              .tracing("server-1")
              .begin("work", Span.Kind.CONSUMER, PLACE + "01", 1_700_000_000_000L)
              .orElseThrow()
              .with("batuta.worker", "W1")
              .with("batuta.task.id", 7)
              .failed("no luck");
      span.end();

      Received received = collector.span(TRACE, "work");

      assertThat(received.node()).isEqualTo("server-1");
      assertThat(received.id()).isEqualTo(span.place().spanId());
      assertThat(received.parent()).isEqualTo("b7ad6b7169203331");
      assertThat(received.attribute("batuta.worker")).isEqualTo("W1");
      assertThat(received.attribute("batuta.task.id")).isEqualTo("7");
      assertThat(received.failed()).isTrue();
      assertThat(received.span().getStartTimeUnixNano()).isEqualTo(1_700_000_000_000_000_000L);
    }
  }

  @Test
  void nothingBeginsOfWhatIsNotRecorded() {
    try (OtlpReceiver collector = OtlpReceiver.start()) {
      Tracing tracing = collector.tracing("server-1");
      assertThat(tracing.begin("work", Span.Kind.INTERNAL, PLACE + "00")).isEmpty();
      assertThat(tracing.begin("work", Span.Kind.INTERNAL, null)).isEmpty();
      assertThat(tracing.begin("work", Span.Kind.INTERNAL, "00-xyz")).isEmpty();
    }
  }

  @Test
  void aCollectorThatIsAwayIsToldOfOnce() {
    URI closed;
    try (OtlpReceiver collector = OtlpReceiver.start()) {
      closed = collector.url();
    }
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    Logger log = (Logger) LoggerFactory.getLogger(ToldExporter.class);
    said.start();
    log.addAppender(said);
    try {
      Tracing tracing = Tracing.to(new Tracing.Collector(closed, 1), "test", "server-1");
      for (int i = 0; i < 2000; i++) { // of several exports
        tracing.begin("work", Span.Kind.INTERNAL).orElseThrow().end();
      }
      tracing.shutdown().await();
    } finally {
      log.detachAppender(said);
    }
    assertThat(said.list)
        .extracting(ILoggingEvent::getMessage)
        .containsExactly("the collector of tracing.otlp takes no spans, they are dropped");
  }
}
