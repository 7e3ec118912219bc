package dev.batuta.lending;

import dev.batuta.codec.LendingMessage;

/** What happens to the lending of a master. */
public sealed interface LendingInput {
  /** Time has passed; to be given several times within an interval. */
  record Tick() implements LendingInput {}

  /** A peer said something; it may come late, twice or out of order. */
  record Heard(LendingMessage message) implements LendingInput {}
}
