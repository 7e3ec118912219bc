package dev.batuta.node;

import ch.qos.logback.classic.pattern.KeyValuePairConverter;
import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import dev.batuta.tracing.CurrentTrace;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Words of the patterns by which logs go to a terminal: what they quote is {@link VisibleText}. */
public final class VisibleLog {
  private VisibleLog() {}

  /** {@code %text}: what happened. */
  public static final class Text extends MessageConverter {
    @Override
    public String convert(ILoggingEvent event) {
      return VisibleText.of(super.convert(event));
    }
  }

  /** {@code %pairs}: the keys and values of an event, and the trace that it belongs to. */
  public static final class Pairs extends KeyValuePairConverter {
    @Override
    public String convert(ILoggingEvent event) {
      String pairs = VisibleText.of(super.convert(event));
      return CurrentTrace.idFor(event.getMDCPropertyMap())
          .map(trace -> "%s %s=\"%s\"".formatted(pairs, CurrentTrace.KEY, trace).strip())
          .orElse(pairs);
    }
  }

  /** {@code %stack}: a stack trace whose only lines are its own. */
  public static final class Stack extends ThrowableProxyConverter {
    @Override
    protected String throwableProxyToString(IThrowableProxy thrown) {
      return super.throwableProxyToString(new Thrown(thrown));
    }
  }

  /** A throwable whose message, and those of its causes, are one line each. */
  private record Thrown(IThrowableProxy of) implements IThrowableProxy {
    @Override
    public @Nullable String getMessage() {
      var message = of.getMessage();
      return message == null ? null : VisibleText.of(message);
    }

    @Override
    public String getClassName() {
      return of.getClassName();
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
      return of.getStackTraceElementProxyArray();
    }

    @Override
    public int getCommonFrames() {
      return of.getCommonFrames();
    }

    @Override
    public @Nullable IThrowableProxy getCause() {
      var cause = of.getCause();
      return cause == null ? null : new Thrown(cause);
    }

    @Override
    public IThrowableProxy @Nullable [] getSuppressed() {
      var suppressed = of.getSuppressed();
      return suppressed == null
          ? null
          : Arrays.stream(suppressed).map(Thrown::new).toArray(IThrowableProxy[]::new);
    }

    @Override
    public boolean isCyclic() {
      return of.isCyclic();
    }
  }
}
