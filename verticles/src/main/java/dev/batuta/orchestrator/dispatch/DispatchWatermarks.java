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
    static Key of(QueuedTask entry) {
      return new Key(TaskId.term(entry.id), scopeOf(entry));
    }
  }

  /**
   * Which tasks a mark with this one is about: those of its kind, if that is a special one; else
   * those of its priority, because they overtake the others. The lowest priority is overtaken only:
   * its mark is about all common kinds.
   */
  static Scope scopeOf(QueuedTask entry) {
    if (!entry.common) {
      return new Scope.Kind(entry.kind());
    }
    return entry.priority == 0 ? new Scope.All() : new Scope.Priority(entry.priority);
  }

  private static final class Mark {
    long persisted;
    long asked;
  }

  private final Map<Key, Mark> watermarks = new HashMap<>();

  /** Whether a task may be sent now. */
  boolean covers(QueuedTask entry) {
    Mark mark = watermarks.get(Key.of(entry));
    return mark != null && entry.id <= mark.persisted;
  }

  /** What to persist now, so that this task, and those after it, may be sent; usually nothing. */
  Optional<DispatchEffect> ahead(QueuedTask entry) {
    Mark mark = watermarks.computeIfAbsent(Key.of(entry), none -> new Mark());
    long ahead = entry.common ? AHEAD : AHEAD_SPECIAL;
    if (entry.id + ahead / 2 <= mark.asked) {
      return Optional.empty();
    }
    mark.asked = entry.id + ahead;
    return Optional.of(new DispatchEffect.Mark(mark.asked, scopeOf(entry)));
  }

  void persisted(long throughId, Scope scope) {
    Key key = new Key(TaskId.term(throughId), scope);
    Mark mark = watermarks.computeIfAbsent(key, none -> new Mark());
    mark.persisted = Math.max(mark.persisted, throughId);
    mark.asked = Math.max(mark.asked, throughId);
  }
}
