package dev.batuta.tracing;

import io.vertx.core.MultiMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a trace, as the header {@link #HEADER} names it (W3C Trace Context, section 3.2).
 *
 * @param traceId 32 hexadecimal digits in lower case, not all 0
 * @param spanId 16 of these, not all 0: the span that what follows is a part of
 * @param isSampled whether who began the trace records it; what follows is recorded then, too
 */
public record TraceContext(String traceId, String spanId, boolean isSampled) {
  /** Name of the header. */
  public static final String HEADER = "traceparent";

  /** Of a version that is not known yet the beginning is read as of this one. */
  private static final Pattern KNOWN =
      Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  private static final int MAX_LENGTH = 512;
  private static final int SAMPLED = 1;

  /** What a header says; null where it says nothing, or nothing valid: that is no error. */
  public static @Nullable TraceContext parse(@Nullable String header) {
    if (header == null || header.length() > MAX_LENGTH) {
      return null;
    }
    Matcher parts = KNOWN.matcher(header.strip());
    if (!parts.matches()
        || parts.group(1).equals("ff")
        || (parts.group(1).equals("00") && parts.group(5) != null)
        || isZero(parts.group(2))
        || isZero(parts.group(3))) {
      return null;
    }
    int flags = Integer.parseInt(parts.group(4), 16);
    return new TraceContext(parts.group(2), parts.group(3), (flags & SAMPLED) != 0);
  }

  /** What headers say; null also where they say it twice. */
  static @Nullable TraceContext given(Iterable<Map.Entry<String, String>> headers) {
    if (headers instanceof MultiMap map) {
      String first = map.get(HEADER);
      return first == null || map.getAll(HEADER).size() > 1 ? null : parse(first);
    }
    String only = null;
    for (Map.Entry<String, String> header : headers) {
      if (header.getKey().equalsIgnoreCase(HEADER)) {
        if (only != null) {
          return null;
        }
        only = header.getValue();
      }
    }
    return parse(only);
  }

  /** The beginning of a trace that nobody records. */
  static TraceContext fresh() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return new TraceContext(
        hex(random.nextLong()) + hex(random.nextLong() | 1), hex(random.nextLong() | 1), false);
  }

  /** The same place, of which nothing that follows is recorded. */
  public TraceContext unsampled() {
    return isSampled ? new TraceContext(traceId, spanId, false) : this;
  }

  /** The value of {@link #HEADER}. */
  @Override
  public String toString() {
    return "00-" + traceId + "-" + spanId + (isSampled ? "-01" : "-00");
  }

  private static boolean isZero(String digits) {
    return digits.chars().allMatch(digit -> digit == '0');
  }

  private static String hex(long value) {
    return String.format("%016x", value);
  }
}
