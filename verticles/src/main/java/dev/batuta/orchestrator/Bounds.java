package dev.batuta.orchestrator;

import dev.batuta.codec.Refused;

/** Whole numbers that a field of a task takes, both ends among them. */
public record Bounds(String field, long least, long most) {

  public boolean hold(long number) {
    return number >= least && number <= most;
  }

  /**
   * Refuses a number that is out of bounds.
   *
   * @param at where the field is, such as {@code tasks[3].}; empty at the top
   */
  public void check(String at, long number) {
    if (!hold(number)) {
      throw refusal(at, Long.toString(number));
    }
  }

  /**
   * The refusal of what is no such number.
   *
   * @param at as in {@link #check}
   * @param given as the client wrote it
   */
  public Refused refusal(String at, String given) {
    return Refused.invalid(
        "invalid-request",
        at
            + field
            + " is "
            + Refused.shown(given)
            + "; use a whole number from "
            + least
            + " to "
            + most
            + ".");
  }
}
