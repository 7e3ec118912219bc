package dev.batuta.simulation.dispatch;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.simulation.dispatch.StoreModel.Ended;
import dev.batuta.simulation.dispatch.StoreModel.Queue;
import dev.batuta.simulation.dispatch.StoreModel.Row;
import dev.batuta.simulation.dispatch.StoreModel.Term;
import dev.batuta.simulation.dispatch.StoreModel.Used;
import dev.batuta.task.TaskId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Accepting, ending and reading tasks: each method is one transaction. */
final class TaskProcedures {
  private static final Duration KEYS_KEPT = Duration.ofDays(7);
  private final StoreModel model;

  TaskProcedures(StoreModel model) {
    this.model = model;
  }

  Accepted accept(
      String server,
      long term,
      String user,
      @Nullable String key,
      long firstId,
      List<NewTask> tasks) {
    model.guard(server, term);
    if (key != null) {
      Used used = model.keys.get(List.of(user, key));
      if (used != null && model.ageMillis(used) <= KEYS_KEPT.toMillis()) {
        if (!used.tasks().equals(tasks)) {
          throw new Refused(Kind.CONFLICT, "key-reused", "The key was used with other tasks.");
        }
        return accepted(used.firstId(), tasks.size(), true);
      }
    } else if (model.rows.containsKey(firstId)) {
      return accepted(firstId, tasks.size(), true);
    }
    if (firstId <= model.term(term).compactedTo) {
      throw StoreModel.fenced("ids up to here are compacted: this submission came too late");
    }
    if (key != null) {
      model.keys.put(List.of(user, key), new Used(tasks, firstId, model.now.getAsLong()));
    }
    long id = firstId;
    for (NewTask task : tasks) {
      model.rows.put(id, new Row(id, user, task, model.now.getAsLong()));
      model.witness.accepted(id++);
    }
    return accepted(firstId, tasks.size(), false);
  }

  private static Accepted accepted(long firstId, int count, boolean repeated) {
    return new Accepted(LongStream.range(firstId, firstId + count).boxed().toList(), repeated);
  }

  /** Of all tasks up to the id, whatever the scope: a store may. */
  void noteDispatching(String server, long term, long throughId) {
    model.guard(server, term);
    Term of = model.terms.get(TaskId.term(throughId));
    if (of != null && of.server.equals(server)) {
      of.dispatchedTo = Math.max(of.dispatchedTo, throughId);
      model.mark(term, throughId);
    }
  }

  void noteDrained(String server, long term) {
    model.guard(server, term);
    model.voidDispatched(server, term);
  }

  List<Long> complete(String server, long term, List<TaskStore.Completion> ends) {
    if (ends.stream().anyMatch(end -> !end.state().isFinal())) {
      throw StoreModel.invalid("not an end");
    }
    model.guard(server, term);
    List<Long> refused = new ArrayList<>();
    for (TaskStore.Completion end : ends) {
      Row row = model.row(end.id());
      boolean free = row.ended == null || model.mutation == Mutation.OUTCOMES_ARE_OVERWRITTEN;
      if (free && row.attempt == end.attempt()) {
        model.end(
            row,
            new Ended(
                end.state(),
                end.attempt(),
                end.worker(),
                end.result(),
                end.error(),
                end.startedAtMillis(),
                model.now.getAsLong()),
            term);
      }
      Ended ended = row.ended;
      if (ended == null || ended.attempt() != end.attempt() || ended.state() != end.state()) {
        refused.add(end.id());
      }
    }
    return refused;
  }

  List<TaskStore.GaveUp> giveUp(String server, long term, List<TaskStore.GivenUp> attempts) {
    model.guard(server, term);
    List<TaskStore.GaveUp> answers = new ArrayList<>();
    for (TaskStore.GivenUp given : attempts) {
      Row row = model.row(given.id());
      boolean free = row.ended == null || model.mutation == Mutation.OUTCOMES_ARE_OVERWRITTEN;
      if (free && row.attempt == given.attempt()) {
        model.giveUp(row, given.error(), term);
      }
      Ended ended = row.ended;
      answers.add(
          new TaskStore.GaveUp(row.id, row.state(), ended == null ? row.attempt : ended.attempt()));
    }
    return answers;
  }

  void compact(String server, long term, long throughId) {
    model.guard(server, term);
    Term own = model.term(term);
    own.compactedTo = Math.max(own.compactedTo, throughId);
    if (model.mutation == Mutation.MARKS_ARE_FORGOTTEN) {
      noteDrained(server, term);
    }
  }

  List<TaskStore.Pending> unfinished(String server, long afterId, int limit) {
    Queue queue = model.queues.get(server);
    if (queue == null) {
      return List.of();
    }
    return model.rows.tailMap(afterId, false).values().stream()
        .filter(row -> row.ended == null)
        .filter(
            row -> {
              Term term = model.term(TaskId.term(row.id));
              return term.server.equals(server) && term.carrier == queue.term;
            })
        .limit(limit)
        .map(TaskProcedures::pending)
        .toList();
  }

  private static TaskStore.Pending pending(Row row) {
    return new TaskStore.Pending(
        row.id,
        row.user,
        row.task.payload(),
        row.task.priority(),
        row.task.notBeforeMillis(),
        row.task.timeoutMillis(),
        row.attempt,
        row.maxAttempts,
        row.createdAtMillis,
        null);
  }

  Optional<TaskStore.Cancellation> cancel(String server, long term, long id, String why) {
    model.guard(server, term);
    if (!owns(server, term, id)) {
      return Optional.empty();
    }
    Row row = found(id);
    boolean news = row.ended == null;
    if (news) {
      long at = model.now.getAsLong();
      model.end(row, new Ended(State.CANCELLED, row.attempt, null, null, why, 0, at), term);
    }
    return Optional.of(new TaskStore.Cancellation(row.task.payload().kind(), row.state(), news));
  }

  Optional<TaskStore.RetryOutcome> retry(String server, long term, long id, int lastAttempt) {
    model.guard(server, term);
    if (!owns(server, term, id)) {
      return Optional.empty();
    }
    Row row = found(id);
    Ended ended = row.ended;
    boolean news = ended != null && ended.state() == State.DEAD && ended.attempt() == lastAttempt;
    if (news) {
      model.retry(row, lastAttempt + 1);
      ended = null;
    }
    return Optional.of(
        new TaskStore.RetryOutcome(
            row.state(),
            ended == null ? row.attempt : ended.attempt(),
            news,
            ended == null ? pending(row) : null));
  }

  private boolean owns(String server, long term, long id) {
    Term of = model.terms.get(TaskId.term(id));
    return of != null && of.server.equals(server) && of.carrier == term;
  }

  private Row found(long id) {
    Row row = model.rows.get(id);
    if (row == null) {
      throw new Refused(Kind.NOT_FOUND, "task-not-found", "There is no task " + id + ".");
    }
    return row;
  }

  List<Task> read(List<Long> ids) {
    return ids.stream()
        .sorted()
        .filter(model.rows::containsKey)
        .map(id -> model.task(model.row(id)))
        .toList();
  }

  TaskPage list(TaskStore.Filter filter, long after, int limit) {
    List<Task> found =
        model.rows.tailMap(after, false).values().stream()
            .filter(row -> filter.user() == null || filter.user().equals(row.user))
            .filter(row -> filter.state() == null || filter.state() == row.state())
            .filter(row -> filter.kind() == null || filter.kind().equals(row.task.payload().kind()))
            .limit(limit + 1L)
            .map(model::task)
            .toList();
    List<Task> items = found.size() > limit ? found.subList(0, limit) : found;
    return new TaskPage(items, found.size() > limit ? items.getLast().id() : 0);
  }
}
