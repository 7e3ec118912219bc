package dev.batuta.cli.up;

import java.time.Duration;

/**
 * How long to wait before a process that died is started again: 1 s, doubled to at most 30 s, until
 * it lives.
 */
final class RestartBackoff {
  static final Duration FIRST = Duration.ofSeconds(1);
  static final Duration MOST = Duration.ofSeconds(30);

  /** Who lived so long had started well; its next death is a new story. */
  static final Duration WELL = Duration.ofSeconds(60);

  private Duration next = FIRST;

  /** The wait after a death; {@code lived} is how long the process ran. */
  Duration died(Duration lived) {
    if (lived.compareTo(WELL) >= 0) {
      next = FIRST;
    }
    var wait = next;
    var doubled = next.multipliedBy(2);
    next = doubled.compareTo(MOST) > 0 ? MOST : doubled;
    return wait;
  }
}
