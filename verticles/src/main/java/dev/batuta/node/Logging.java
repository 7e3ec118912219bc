package dev.batuta.node;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.joran.spi.JoranException;
import dev.batuta.bus.LamportClock;
import dev.batuta.tracing.CurrentTrace;
import io.vertx.core.json.JsonObject;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * The log of this process: every line carries the node and its Lamport clock, and what belongs to a
 * trace its id.
 */
public final class Logging {
  private static volatile @Nullable LamportClock clock;
  private static volatile String node = "";

  private Logging() {}

  /**
   * Writes JSON lines to {@code logs/<node>.log} from now on.
   *
   * @param terminal whether plain text goes to the terminal too
   */
  public static void start(String name, Path logs, boolean terminal) {
    node = name;
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    context.putProperty("node", name);
    context.putProperty("file", logs.resolve(name + ".log").toString());
    context.putProperty("terminal", terminal ? "INFO" : "OFF");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    URL configuration = Logging.class.getResource("/conf/logback.xml");
    if (configuration == null) {
      throw new IllegalStateException("conf/logback.xml is not packed into this build");
    }
    try {
      configurator.doConfigure(configuration);
    } catch (JoranException e) {
      throw new SettingsException("conf/logback.xml cannot be read: " + e);
    }
  }

  /** The clock whose value the lines carry. */
  static void follow(LamportClock lamport) {
    clock = lamport;
  }

  private static long clockValue() {
    LamportClock lamport = clock;
    return lamport == null ? 0 : lamport.value();
  }

  /** The Lamport clock in a pattern. */
  public static final class ClockConverter extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
      return Long.toString(clockValue());
    }
  }

  /** One JSON object a line, that may be looked at in a terminal as it is. */
  public static final class JsonLine extends EncoderBase<ILoggingEvent> {
    @Override
    public byte[] headerBytes() {
      return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
      return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
      JsonObject line =
          new JsonObject()
              .put("at", event.getInstant().toString())
              .put("level", event.getLevel().toString())
              .put("node", node)
              .put("clock", clockValue())
              .put("logger", event.getLoggerName())
              .put("message", event.getFormattedMessage());
      Map<String, String> marks = event.getMDCPropertyMap();
      CurrentTrace.idFor(marks).ifPresent(trace -> line.put(CurrentTrace.KEY, trace));
      if (event.getKeyValuePairs() != null) {
        for (KeyValuePair pair : event.getKeyValuePairs()) {
          line.put(free(line, pair.key), plain(pair.value));
        }
      }
      marks.forEach(
          (key, mark) -> {
            if (!key.equals(CurrentTrace.KEY)) {
              line.put(free(line, key), mark);
            }
          });
      if (event.getThrowableProxy() != null) {
        line.put("exception", ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
      return (VisibleText.of(line.encode()) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** An event about another node, or an older clock, must not hide whose line it is, and when. */
    private static String free(JsonObject line, String key) {
      return line.containsKey(key) ? "about." + key : key;
    }

    private static @Nullable Object plain(@Nullable Object value) {
      return value instanceof Number || value instanceof Boolean || value == null
          ? value
          : value.toString();
    }
  }
}
