package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.batuta.bus.LamportClock;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
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

  private LoggingEvent event(String message) {
    return new LoggingEvent("", logger, Level.INFO, message, null, null);
  }

  private static JsonObject line(LoggingEvent event) {
    return new JsonObject(new String(new Logging.JsonLine().encode(event), StandardCharsets.UTF_8));
  }
}
