package dev.batuta.orchestrator;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How far tasks may have been dispatched, by the term that accepted them: what is persisted, and
 * what is on its way to be. It goes in blocks ahead, so that it is not one write for each batch.
 */
final class Marks {
  static final long AHEAD = 4_096;

  /** Of the tasks of one term. */
  private static final class Mark {
    long persisted;
    long asked;
  }

  private final Map<Long, Mark> terms = new HashMap<>();

  /** Whether a task may be sent now. */
  boolean covers(long id) {
    Mark mark = terms.get(TaskStore.termOf(id));
    return mark != null && id <= mark.persisted;
  }

  /** What to persist now, so that this task, and those after it, may be sent; usually nothing. */
  OptionalLong ahead(long id) {
    Mark mark = terms.computeIfAbsent(TaskStore.termOf(id), term -> new Mark());
    if (id + AHEAD / 2 <= mark.asked) {
      return OptionalLong.empty();
    }
    mark.asked = id + AHEAD;
    return OptionalLong.of(mark.asked);
  }

  void persisted(long throughId) {
    Mark mark = terms.computeIfAbsent(TaskStore.termOf(throughId), term -> new Mark());
    mark.persisted = Math.max(mark.persisted, throughId);
    mark.asked = Math.max(mark.asked, throughId);
  }
}
