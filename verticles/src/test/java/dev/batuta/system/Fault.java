package dev.batuta.system;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A fault lasts for a time; what follows from it is waited for by conditions. */
final class Fault {
  private Fault() {}

  /** Lets the fault that was made last for so long; not at all if that is over. */
  static void lasts(Duration time) {
    try {
      TimeUnit.MILLISECONDS.sleep(Math.max(0, time.toMillis()));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
