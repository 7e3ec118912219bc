package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import dev.batuta.bus.LamportClock;
import dev.batuta.tracing.CurrentTrace;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.KeyValuePair;

class LoggingTest {
  private final Logger logger =
      ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("dev.batuta.Some");

  @AfterEach
  void stopFollowing() {
    Logging.follow(new LamportClock());
  }

  @Test
  void everyLineCarriesTheLamportClock() {
    LamportClock clock = new LamportClock();
    Logging.follow(clock);
    clock.onReceive(41);

    JsonObject line = line(event("node changed"));

    assertThat(line.getLong("clock")).isEqualTo(42);
    assertThat(line.getString("message")).isEqualTo("node changed");
  }

  @Test
  void whatAnEventTellsCannotHideWhoseLineItIsAndWhen() {
    LamportClock clock = new LamportClock();
    Logging.follow(clock);
    clock.beforeSend();
    LoggingEvent event = event("node changed");
    event.addKeyValuePair(new KeyValuePair("node", "server-9"));
    event.addKeyValuePair(new KeyValuePair("clock", 7L));
    event.addKeyValuePair(new KeyValuePair("message", "Probe"));
    event.addKeyValuePair(new KeyValuePair("now", "GONE"));

    JsonObject line = line(event);

    assertThat(line.getLong("clock")).isEqualTo(1);
    assertThat(line.getString("node")).isNotEqualTo("server-9");
    assertThat(line.getString("message")).isEqualTo("node changed");
    assertThat(line.getString("about.node")).isEqualTo("server-9");
    assertThat(line.getLong("about.clock")).isEqualTo(7);
    assertThat(line.getString("now")).isEqualTo("GONE");
  }

  @Test
  void aLineThatIsWrittenForARequestNamesItsTrace() {
    Vertx vertx = Vertx.vertx();
    try {
      ContextInternal request = ((VertxInternal) vertx).createEventLoopContext().duplicate();
      Promise<String> trace = Promise.promise();
      Promise<JsonObject> line = Promise.promise();
      request.runOnContext(
          turn -> {
            trace.complete(CurrentTrace.getOrBegin().traceId());
            line.complete(line(event("a request failed")));
          });
      assertThat(line.future().await().getString("traceId")).isEqualTo(trace.future().await());
      assertThat(line(event("another")).containsKey("traceId")).isFalse();
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void aTerminalNamesTheTraceToo(@TempDir Path folder) throws JoranException {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    CurrentTrace.mark("00-" + trace + "-b7ad6b7169203331-00");
    try {
      LoggingEvent event = event("a handler failed");
      event.addKeyValuePair(new KeyValuePair("task", 7));

      assertThat(terminal(folder, event))
          .endsWith("a handler failed task=\"7\" traceId=\"" + trace + "\"\n");
      assertThat(terminal(folder, event("begun"))).endsWith("begun traceId=\"" + trace + "\"\n");
      assertThat(line(event).getString("traceId")).isEqualTo(trace);
      assertThat(line(event).containsKey("about.traceId")).isFalse();
    } finally {
      MDC.clear();
    }
    assertThat(terminal(folder, event("another"))).doesNotContain("traceId");
  }

  @Test
  void whatOthersWroteIsOneVisibleLineOnATerminal(@TempDir Path folder) throws JoranException {
    LoggingEvent event =
        new LoggingEvent(
            "",
            logger,
            Level.WARN,
            "a handler failed",
            new IllegalStateException("no\u001b[2J\n09:00 INFO  well", new IOException("\u009bA")),
            null);
    event.addKeyValuePair(new KeyValuePair("error", "x\u001b[1A\n09:00 INFO  well"));

    for (String line : List.of(terminal(folder, event), stderr(event))) {
      assertThat(line)
          .contains("Some: a handler failed error=\"x\\u001b[1A\\n09:00 INFO  well\"\n")
          .contains("IllegalStateException: no\\u001b[2J\\n09:00 INFO  well\n\tat ")
          .contains("Caused by: java.io.IOException: \\u009bA\n")
          .doesNotContain("\u001b", "\u009b");
    }
  }

  @Test
  void aLineOfTheFileMayBeLookedAtInATerminal() {
    LoggingEvent event = event("named");
    event.addKeyValuePair(new KeyValuePair("name", "a\u009b2J\u202eb\n\u007f"));

    String line = new String(new Logging.JsonLine().encode(event), StandardCharsets.UTF_8);

    assertThat(line).contains("a\\u009b2J\\u202eb\\n\\u007f").endsWith("}\n");
    assertThat(new JsonObject(line).getString("name")).isEqualTo("a\u009b2J\u202eb\n\u007f");
  }

  /** As the terminal of a node shows it. */
  private static String terminal(Path folder, LoggingEvent event) throws JoranException {
    LoggerContext context = new LoggerContext();
    context.putProperty("node", "server-1");
    context.putProperty("file", folder.resolve("x.log").toString());
    context.putProperty("terminal", "INFO");
    return shown(context, "/conf/logback.xml", "terminal", event);
  }

  /** As a command shows it. */
  private static String stderr(LoggingEvent event) throws JoranException {
    return shown(new LoggerContext(), "/logback.xml", "stderr", event);
  }

  private static String shown(
      LoggerContext context, String configuration, String appender, LoggingEvent event)
      throws JoranException {
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(
          Objects.requireNonNull(LoggingTest.class.getResource(configuration)));
      OutputStreamAppender<ILoggingEvent> shown =
          (OutputStreamAppender<ILoggingEvent>)
              context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender(appender);
      return new String(shown.getEncoder().encode(event), StandardCharsets.UTF_8);
    } finally {
      context.stop();
    }
  }

  private LoggingEvent event(String message) {
    return new LoggingEvent("", logger, Level.INFO, message, null, null);
  }

  private static JsonObject line(LoggingEvent event) {
    return new JsonObject(new String(new Logging.JsonLine().encode(event), StandardCharsets.UTF_8));
  }
}
