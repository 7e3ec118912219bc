package dev.batuta.election;

import dev.batuta.codec.ElectionMessage;
import dev.batuta.codec.ElectionMessage.Released;

/** What is to be done, in this order. */
public sealed interface ElectionEffect {
  record Send(String server, ElectionMessage message) implements ElectionEffect {}

  record Publish(ElectionMessage message) implements ElectionEffect {}

  /** Try to win an epoch above this one by compare-and-set. */
  record Claim(long above) implements ElectionEffect {}

  record Renew(long epoch) implements ElectionEffect {}

  /** Give the epoch row free, and only then tell the others. */
  record Release(long epoch, Released then) implements ElectionEffect {}

  /** For the log and the live events. */
  record Note(String event, String detail) implements ElectionEffect {}
}
