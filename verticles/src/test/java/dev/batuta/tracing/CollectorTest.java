package dev.batuta.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.batuta.tracing.OtlpReceiver.Received;
import java.net.URI;
import java.util.List;
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
    List<String> said =
        said(
            ToldExporter.class,
            () -> {
              Tracing tracing = Tracing.to(new Tracing.Collector(closed, 1), "test", "server-1");
              begin(tracing, 2_000); // of several exports
              tracing.shutdown().await();
            });
    assertThat(said)
        .containsExactly("the collector of tracing.otlp takes no spans, they are dropped");
  }

  @Test
  void oneThatTakesFewerThanComeIsToldOfOnceAndAgainWhenAllGoOn() {
    try (OtlpReceiver collector = OtlpReceiver.start()) {
      Tracing tracing = collector.tracing("server-1");
      List<String> said =
          said(
              SpanQueue.class,
              () -> {
                collector.whileItHangs(() -> begin(tracing, 20_000));
                collector.awaitSpans(8_192); // all that waited
              });
      assertThat(said)
          .containsExactly(
              "spans are dropped: the collector of tracing.otlp takes fewer than come",
              "no more spans are dropped");
    }
  }

  private static void begin(Tracing tracing, int spans) {
    for (int i = 0; i < spans; i++) {
      tracing.begin("work", Span.Kind.INTERNAL).orElseThrow().end();
    }
  }

  private static List<String> said(Class<?> by, Runnable meanwhile) {
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    Logger log = (Logger) LoggerFactory.getLogger(by);
    said.start();
    log.addAppender(said);
    log.setLevel(Level.INFO);
    try {
      meanwhile.run();
    } finally {
      log.setLevel(null);
      log.detachAppender(said);
    }
    return said.list.stream().map(ILoggingEvent::getMessage).toList();
  }
}
