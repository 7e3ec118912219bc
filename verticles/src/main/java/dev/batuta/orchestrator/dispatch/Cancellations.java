package dev.batuta.orchestrator.dispatch;

import java.util.HashMap;
import java.util.Map;

/** What is being cancelled, and whether it has ended here since that was asked for. */
final class Cancellations {
  private final Map<Long, Boolean> ended = new HashMap<>();

  /** A task, wherever it is, is about to be cancelled. */
  void begin(long id) {
    ended.put(id, false);
  }

  /** A task has ended here. */
  void ended(long id) {
    ended.computeIfPresent(id, (same, before) -> true);
  }

  /** It is decided; says whether the task had ended here meanwhile. */
  boolean end(long id) {
    return Boolean.TRUE.equals(ended.remove(id));
  }
}
