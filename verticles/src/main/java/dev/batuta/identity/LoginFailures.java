package dev.batuta.identity;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Wrong passwords, counted for a minute from the first, the same for all nodes. Safe on any thread.
 */
public interface LoginFailures {
  /** From the first that counts; then all are forgotten. */
  Duration WINDOW = Duration.ofMinutes(1);

  /**
   * What was counted.
   *
   * @param left until it is forgotten
   */
  record Count(int failures, Duration left) {
    static final Count NONE = new Count(0, Duration.ZERO);
  }

  /** Counts one more of each, and tells what there is then, by the same texts. */
  Future<Map<String, Count>> add(List<String> whose);

  /** What there is; nothing of those that have none. */
  Future<Map<String, Count>> of(List<String> whose);

  Future<Void> forget(String whose);
}
