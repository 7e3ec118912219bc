package dev.batuta.orchestrator.dispatch;

import dev.batuta.task.TaskId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far tasks may have been dispatched, by the term that accepted them, and by their kind where
 * not every worker takes it: what is persisted, and what is on its way to be. It goes in blocks
 * ahead, so that it is not one write for each batch.
 */
final class DispatchWatermarks {
  static final long AHEAD = 4_096;

  /** Of a kind that not every worker takes: what is marked and not sent pays for a take-over. */
  static final long AHEAD_SPECIAL = 256;

  /** Which tasks; see {@link #kindOf}. */
  private record Scope(long term, @Nullable String kind) {
    static Scope of(QueuedTask entry) {
      return new Scope(TaskId.term(entry.id), kindOf(entry));
    }
  }

  /**
   * Which tasks a mark with this one is about: those of its kind; of the kinds that every worker
   * takes, those of its priority, as {@code #9}, because they overtake the others; null for the
   * lowest one, which is overtaken only, so that its mark is about all of these kinds.
   */
  static @Nullable String kindOf(QueuedTask entry) {
    if (!entry.common) {
      return entry.kind();
    }
    return entry.priority == 0 ? null : "#" + entry.priority;
  }

  private static final class Mark {
    long persisted;
    long asked;
  }

  private final Map<Scope, Mark> watermarks = new HashMap<>();

  /** Whether a task may be sent now. */
  boolean covers(QueuedTask entry) {
    Mark mark = watermarks.get(Scope.of(entry));
    return mark != null && entry.id <= mark.persisted;
  }

  /** What to persist now, so that this task, and those after it, may be sent; usually nothing. */
  Optional<DispatchEffect> ahead(QueuedTask entry) {
    Mark mark = watermarks.computeIfAbsent(Scope.of(entry), scope -> new Mark());
    long ahead = entry.common ? AHEAD : AHEAD_SPECIAL;
    if (entry.id + ahead / 2 <= mark.asked) {
      return Optional.empty();
    }
    mark.asked = entry.id + ahead;
    return Optional.of(new DispatchEffect.Mark(mark.asked, kindOf(entry)));
  }

  void persisted(long throughId, @Nullable String kind) {
    Scope scope = new Scope(TaskId.term(throughId), kind);
    Mark mark = watermarks.computeIfAbsent(scope, none -> new Mark());
    mark.persisted = Math.max(mark.persisted, throughId);
    mark.asked = Math.max(mark.asked, throughId);
  }
}
