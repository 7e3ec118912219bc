package dev.batuta.gateway.http;

import java.time.Duration;

/**
 * Keeps who looks again and again at what is late from blaming others for its own lateness: after
 * this process stood still, what came meanwhile has not been read yet. That excuses the one look
 * right after it; the next one judges, however late it is, as under lasting overload each one is.
 */
final class Looks {
  private final long standstillNanos;
  private long lookedNanos;
  private boolean excused;

  /**
   * @param standstill more than this between two looks is one
   * @param nowNanos of {@link System#nanoTime}, as at each look
   */
  Looks(Duration standstill, long nowNanos) {
    this.standstillNanos = standstill.toNanos();
    this.lookedNanos = nowNanos;
  }

  /** Whether this look judges; to be asked once at each. */
  boolean judges(long nowNanos) {
    boolean stoodStill = nowNanos - lookedNanos > standstillNanos;
    lookedNanos = nowNanos;
    excused = stoodStill && !excused;
    return !excused;
  }
}
