package dev.batuta.node;

import java.time.Duration;

/**
 * Whether a node that the others put out while it stood still has stayed alone since. The cluster
 * manager joins it to the others again within seconds; where that fails nothing else does, and only
 * a new start brings it back. Pure, and used by one thread.
 */
final class PutOut {
  /** The way back takes ten seconds, and twenty on a busy machine. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private boolean alone;
  private long sinceNanos;

  /**
   * Looks; to be called several times within the patience, and within what the cluster manager
   * remembers of a pause.
   *
   * @param wasPutOut whether that was a short while ago
   * @param members that it sees, itself among them
   * @return whether it has waited long enough
   */
  boolean look(long nowNanos, boolean wasPutOut, int members) {
    if (members > 1) {
      alone = false;
    } else if (wasPutOut && !alone) {
      alone = true;
      sinceNanos = nowNanos;
    }
    return alone && nowNanos - sinceNanos >= PATIENCE.toNanos();
  }
}
