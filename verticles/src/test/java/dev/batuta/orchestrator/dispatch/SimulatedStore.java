package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.orchestrator.dispatch.DispatchEffect.End;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Lost;
import dev.batuta.orchestrator.dispatch.DispatchInput.Verdict;
import dev.batuta.orchestrator.dispatch.DispatchWorld.Sabotage;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.task.TaskId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a {@link TaskStore} and a ledger promise, in memory, for a {@link DispatchWorld}. */
final class SimulatedStore {
  /** What is known of a task. */
  static final class Row {
    final QueuedTask task;
    int attempt = 1;
    int maxAttempts = 3;
    State state = State.PENDING;
    int effects;

    Row(QueuedTask task) {
      this.task = task;
    }

    /** Also one that has been retried since. */
    boolean hasEnded() {
      return state.isFinal() || maxAttempts > 3;
    }
  }

  private record Key(long term, Scope scope) {}

  final TreeMap<Long, Row> rows = new TreeMap<>();
  private final Map<Key, Long> dispatchedTo = new HashMap<>();
  private final Sabotage sabotage;

  SimulatedStore(Sabotage sabotage) {
    this.sabotage = sabotage;
  }

  Row row(long id) {
    Row row = rows.get(id);
    if (row == null) {
      throw new AssertionError("task " + id + " was never accepted");
    }
    return row;
  }

  /** A new term: gives up what may have been dispatched; says how many tasks have no outcome. */
  int open() {
    List<Row> unfinished = unfinishedRows();
    unfinished.stream().filter(row -> marked(row.task)).forEach(row -> row.attempt++);
    return unfinished.size();
  }

  List<Long> unfinished() {
    return unfinishedRows().stream().map(row -> row.task.id).toList();
  }

  private List<Row> unfinishedRows() {
    return rows.values().stream().filter(row -> !row.state.isFinal()).toList();
  }

  void accept(List<QueuedTask> tasks) {
    tasks.forEach(task -> rows.put(task.id, new Row(task)));
  }

  void mark(long through, Scope scope) {
    if (sabotage != Sabotage.SEND_BEFORE_MARK) {
      dispatchedTo.merge(new Key(TaskId.term(through), scope), through, Math::max);
    }
  }

  boolean marked(QueuedTask task) {
    Key key = new Key(TaskId.term(task.id), DispatchWatermarks.scopeOf(task));
    return task.id <= dispatchedTo.getOrDefault(key, 0L);
  }

  List<Verdict> giveUp(List<Lost> lost) {
    List<Verdict> verdicts = new ArrayList<>();
    for (Lost given : lost) {
      Row row = row(given.id());
      if (sabotage == Sabotage.RETRY_BEFORE_GIVING_UP && !row.state.isFinal()) {
        verdicts.add(new Verdict(given, State.FAILED, given.attempt() + 1));
        continue;
      }
      if (!row.state.isFinal() && row.attempt == given.attempt()) {
        if (row.attempt >= row.maxAttempts) {
          row.state = State.DEAD;
        } else {
          row.attempt++;
        }
      }
      verdicts.add(new Verdict(given, row.state.isFinal() ? row.state : State.FAILED, row.attempt));
    }
    return verdicts;
  }

  /** Says which it refused. */
  List<End> complete(List<End> ends) {
    List<End> refused = new ArrayList<>();
    for (End end : ends) {
      Row row = row(end.id());
      if (!row.state.isFinal() && row.attempt == end.attempt()) {
        row.state = end.state();
        row.effects++;
      } else {
        refused.add(end);
      }
    }
    return refused;
  }

  /** Whether it is cancelled now. */
  boolean cancel(long id) {
    Row row = row(id);
    if (!row.state.isFinal() || sabotage == Sabotage.CANCEL_WHAT_HAS_ENDED) {
      row.state = State.CANCELLED;
    }
    return row.state == State.CANCELLED;
  }

  /** The task as it is to run again, if it is dead after this attempt. */
  Optional<QueuedTask> retry(long id, int lastAttempt) {
    Row row = row(id);
    if (row.state != State.DEAD || row.attempt != lastAttempt) {
      return Optional.empty();
    }
    row.state = State.FAILED;
    row.attempt++;
    row.maxAttempts = lastAttempt + 3;
    return Optional.of(queued(id, row.task.priority, 0, row.task.timeoutMillis, row.attempt));
  }

  /** Without the payloads of other kinds, as the real one. */
  List<QueuedTask> page(long after, int limit, Scope scope) {
    List<QueuedTask> page = new ArrayList<>();
    for (Row row : rows.tailMap(after, false).values()) {
      if (!row.state.isFinal() && page.size() < limit) {
        QueuedTask task = row.task;
        boolean wanted = scope.kinds().contains(task.kind());
        page.add(
            new QueuedTask(
                task.id,
                wanted ? task.payload : new Custom(task.kind(), ""),
                task.priority,
                task.dueMillis,
                task.timeoutMillis,
                row.attempt,
                3));
      }
    }
    return page;
  }

  /** A worker executes in the store itself: effect and outcome, under the fence of the attempt. */
  Outcome execute(Assignment task) {
    Row row = row(task.id());
    if (row.state == State.DONE) {
      return outcome(task, true, null);
    }
    if (row.state.isFinal() || row.attempt != task.attempt()) {
      return outcome(task, false, "given up");
    }
    return switch ((int) (task.id() % 7)) {
      case 0 -> outcome(task, false, null); // as COMPUTE: the owner completes it
      case 1 -> outcome(task, false, "it fails, always");
      default -> {
        row.state = State.DONE;
        row.effects++;
        yield outcome(task, true, null);
      }
    };
  }

  static QueuedTask queued(long id, int priority, long notBefore, long timeout, int attempt) {
    return new QueuedTask(id, payload(id), priority, notBefore, timeout, attempt, 3);
  }

  private static Payload payload(long id) {
    if (id % 23 == 0) {
      return new Custom("RARE", "{}");
    }
    return switch ((int) (id % 5)) {
      case 0 -> new Custom("A", "{}");
      case 1 -> new Custom("B", "{}");
      default -> new Query("u");
    };
  }

  private static Outcome outcome(Assignment task, boolean recorded, @Nullable String error) {
    return new Outcome(task.id(), task.attempt(), recorded, null, error, 0, 0);
  }
}
