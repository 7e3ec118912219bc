package dev.batuta.orchestrator.dispatch;

import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.TaskId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How far tasks may have been dispatched, by the term that accepted them, and by their {@link
 * Scope}: what is persisted, and what is on its way to be. It goes in blocks ahead, so that it is
 * not one write for each batch.
 */
final class DispatchWatermarks {
  static final long AHEAD = 4_096;

  /** Of a special kind: what is marked and not sent pays for a take-over. */
  static final long AHEAD_SPECIAL = 256;

  /** Whose mark it is. */
  private record Key(long term, Scope scope) {
    static Key of(QueuedTask task) {
      return new Key(TaskId.term(task.id), scopeOf(task));
    }
  }

  /**
   * Which tasks a mark with this one is about: those of its kind, if that is a special one; else
   * those of its priority, because they overtake the others. The lowest priority is overtaken only:
   * its mark is about all common kinds.
   */
  static Scope scopeOf(QueuedTask task) {
    if (!task.common) {
      return new Scope.Kind(task.kind());
    }
    return task.priority == 0 ? new Scope.All() : new Scope.Priority(task.priority);
  }

  private static final class Mark {
    long persisted;
    long asked;
  }

  private final Map<Key, Mark> watermarks = new HashMap<>();

  /** Whether a task may be sent now. */
  boolean covers(QueuedTask task) {
    Mark mark = watermarks.get(Key.of(task));
    return mark != null && task.id <= mark.persisted;
  }

  /** What to persist now, so that this task, and those after it, may be sent; usually nothing. */
  Optional<DispatchEffect> ahead(QueuedTask task) {
    Mark mark = watermarks.computeIfAbsent(Key.of(task), none -> new Mark());
    long ahead = task.common ? AHEAD : AHEAD_SPECIAL;
    if (task.id + ahead / 2 <= mark.asked) {
      return Optional.empty();
    }
    mark.asked = task.id + ahead;
    return Optional.of(new DispatchEffect.Mark(mark.asked, scopeOf(task)));
  }

  void persisted(long throughId, Scope scope) {
    Key key = new Key(TaskId.term(throughId), scope);
    Mark mark = watermarks.computeIfAbsent(key, none -> new Mark());
    mark.persisted = Math.max(mark.persisted, throughId);
    mark.asked = Math.max(mark.asked, throughId);
  }
}
