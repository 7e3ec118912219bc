package dev.batuta.messaging.search;

import java.util.OptionalLong;

/**
 * The number of a message in the index: its Lamport clock, and a place among those of one clock, so
 * that the order of numbers is the reading order, but for who is first of one clock.
 */
final class DocumentId {
  private static final int PLACE_BITS = 6;
  private static final long LAST_PLACE = (1L << PLACE_BITS) - 1;

  /** A life of a server gives a clock once: as many have one clock as lives go on at one time. */
  static final int MOST_OF_ONE_CLOCK = 1 << PLACE_BITS;

  /** Above what any cluster counts up to, and with room for the place. */
  static final long HIGHEST_CLOCK = (1L << (62 - PLACE_BITS)) - 1;

  private DocumentId() {}

  static long clock(long id) {
    return id >> PLACE_BITS;
  }

  /** The first number of a clock; of one that is too high, the last of all. */
  static long first(long clock) {
    return isTooHigh(clock) ? Long.MAX_VALUE : clock << PLACE_BITS;
  }

  /** The last number of a clock; of one that is too high, the last of all. */
  static long last(long clock) {
    return isTooHigh(clock) ? Long.MAX_VALUE : (clock << PLACE_BITS) | LAST_PLACE;
  }

  /**
   * A number of a clock.
   *
   * @param highest the highest that is taken of this clock, 0 for none
   * @return empty when there is none left
   */
  static OptionalLong next(long clock, long highest) {
    if (isTooHigh(clock) || highest == last(clock)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Math.max(highest + 1, first(clock)));
  }

  private static boolean isTooHigh(long clock) {
    return Long.compareUnsigned(clock, HIGHEST_CLOCK) > 0;
  }
}
