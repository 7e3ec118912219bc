package dev.batuta.gateway.services;

import dev.batuta.codec.Refused;
import org.jspecify.annotations.Nullable;

/** Where a page begins of a list that is in the order of numbers. */
final class PageStart {
  private PageStart() {}

  /**
   * The number after which the page begins; 0 at the start.
   *
   * @param next that the page before gave
   */
  static long after(@Nullable String next) {
    try {
      return next == null ? 0 : Long.parseLong(next);
    } catch (NumberFormatException notOurs) {
      throw Refused.invalid(
          "invalid-parameter",
          "after \""
              + Refused.shown(next)
              + "\" is not the next of a page; leave it out to start.");
    }
  }
}
