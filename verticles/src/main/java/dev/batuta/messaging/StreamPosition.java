package dev.batuta.messaging;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.Text;
import dev.batuta.messaging.replica.DeltaVector;

/** What a subscriber gives to go on behind what was delivered to it. */
final class StreamPosition {
  private StreamPosition() {}

  /**
   * Reads one.
   *
   * @throws Refused when it is none of ours, or of a newer version
   */
  static DeltaVector read(String position) {
    return DeltaVector.ofToken(position)
        .orElseThrow(
            () ->
                new Refused(
                    Kind.INVALID,
                    "position-invalid",
                    "The position '%s' is none that this stream gave: leave it out to begin now."
                        .formatted(Refused.shown(Text.beginning(position, 40)))));
  }

  /** One names what did not come from the other servers in time: it is late, or lost with disks. */
  static Refused notHere() {
    return new Refused(
        Kind.UNAVAILABLE,
        "position-lost",
        "What the position names did not come from the other servers in time: ask another server, and if none has it leave it out to begin now.");
  }
}
