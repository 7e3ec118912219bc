package dev.batuta.messaging.search;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.ReadingOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a page of what was found begins, as the opaque text {@code after}. It is of no server: one
 * goes on where another one stopped.
 */
sealed interface SearchPlace {

  /** Behind a place, from later to earlier; null for the latest. */
  record Behind(@Nullable ReadingOrder place) implements SearchPlace {
    @Override
    public String token() {
      return place == null ? "" : place.token();
    }
  }

  /**
   * Among the best of those whose clocks are from one on to below another one.
   *
   * @param below exclusive
   * @param from inclusive; unknown while it is negative: the window is yet to be filled
   * @param after the last that was given; null at the begin of the window
   */
  record Among(long below, long from, @Nullable Ranked after) implements SearchPlace {
    @Override
    public String token() {
      return after == null
          ? "w." + below
          : String.join(
              ".",
              String.valueOf(after.score()),
              String.valueOf(below),
              String.valueOf(from),
              after.place().token());
    }
  }

  /** Where a message stands among those that are found: the better first, then the later. */
  record Ranked(int score, ReadingOrder place) implements Comparable<Ranked> {
    @Override
    public int compareTo(Ranked other) {
      int byScore = Integer.compare(other.score, score);
      return byScore != 0 ? byScore : other.place.compareTo(place);
    }
  }

  String token();

  /** Before all that are said under a clock or a later one, behind all that were said before. */
  static ReadingOrder floor(long clock) {
    return new ReadingOrder(clock, new Origin("", 0), 0);
  }

  /** The begin of what is found by time. */
  static Behind behind(@Nullable String after) {
    return after == null
        ? new Behind(null)
        : new Behind(ReadingOrder.ofToken(after).orElseThrow(() -> invalid(after)));
  }

  /** The begin of what is found by rank. */
  static Among among(@Nullable String after) {
    if (after == null) {
      return new Among(Long.MAX_VALUE, -1, null);
    }
    String[] parts = after.split("\\.", -1);
    try {
      if (parts.length == 2 && parts[0].equals("w")) {
        return new Among(clock(parts[1]), -1, null);
      }
      Optional<ReadingOrder> place =
          parts.length == 4 ? ReadingOrder.ofToken(parts[3]) : Optional.empty();
      if (place.isPresent()) {
        Ranked last = new Ranked(Integer.parseInt(parts[0]), place.get());
        return new Among(clock(parts[1]), clock(parts[2]), last);
      }
    } catch (NumberFormatException notOurs) {
      throw invalid(after);
    }
    throw invalid(after);
  }

  private static long clock(String digits) {
    long clock = Long.parseLong(digits);
    if (clock < 0) {
      throw new NumberFormatException(digits);
    }
    return clock;
  }

  private static Refused invalid(String after) {
    return Refused.invalid(
        "after-invalid",
        "The value '%s' of after is none that a page of this order gave as next: leave it out to start."
            .formatted(Refused.shown(after)));
  }
}
