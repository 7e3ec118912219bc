package dev.batuta.simulation.dispatch;

import dev.batuta.codec.Message;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.TryAgain;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.codec.WorkerMessage.Unregister;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.simulation.dispatch.StoreModel.Ended;
import dev.batuta.simulation.dispatch.StoreModel.Row;
import dev.batuta.task.TaskId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold after each step. It keeps books of its own of all that was committed, sent and
 * said, so that a store or a queue that forgets is noticed.
 */
final class Invariants implements Witness {
  /** What must not happen has happened. */
  static final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    Violation(String what) {
      super(what);
    }
  }

  /** What is known of a task. */
  private static final class Known {
    int attempt = 1;
    @Nullable State ended;
    final Set<State> ends = EnumSet.noneOf(State.class);
    final Set<String> entered = new HashSet<>();
  }

  private record Attempt(long id, int attempt) {}

  private record Registration(String master, long term, String worker, long registration) {}

  private final World world;
  private final Map<Long, Known> tasks = new HashMap<>();
  private final Map<Attempt, Registration> given = new HashMap<>();
  private final Map<Registration, Set<Attempt>> with = new HashMap<>();
  private final Map<List<String>, List<Long>> acknowledged = new HashMap<>();

  Invariants(World world) {
    this.world = world;
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      world.note("!", what, "");
      throw new Violation(what);
    }
  }

  private Known task(long id) {
    Known known = tasks.get(id);
    if (known == null) {
      throw new Violation(show(id) + " was never accepted");
    }
    return known;
  }

  static String show(long id) {
    return "task " + TaskId.term(id) + "." + TaskId.counter(id);
  }

  // --- what is committed

  @Override
  public void accepted(long id) {
    require(tasks.put(id, new Known()) == null, show(id) + " was accepted twice");
  }

  @Override
  public void attempted(long id, int next) {
    Known known = task(id);
    require(next > known.attempt, "the attempts of " + show(id) + " ran back to " + next);
    known.attempt = next;
  }

  @Override
  public void ended(long id, State state, int attempt, long term) {
    Known known = task(id);
    world.note("db", show(id) + " ends " + state, "attempt " + attempt + " under term " + term);
    require(
        known.ended == null, show(id) + " ended " + state + " after it had ended " + known.ended);
    require(
        attempt >= known.attempt,
        "attempt %d of %s is older than %d".formatted(attempt, show(id), known.attempt));
    require(
        world.model.queues.values().stream().anyMatch(queue -> queue.term == term),
        show(id) + " was ended under term " + term + ", which is over");
    known.ended = state;
    known.ends.add(state);
  }

  @Override
  public void retried(long id, int next) {
    Known known = task(id);
    world.note("db", show(id) + " is retried", "attempt " + next);
    require(known.ended == State.DEAD, show(id) + " was retried, it was " + known.ended);
    known.ended = null;
    attempted(id, next);
  }

  @Override
  public void entered(long id, String user) {
    Known known = task(id);
    require(known.entered.add(user), show(id) + " changed the account " + user + " a second time");
  }

  // --- what is sent

  void sent(SimulatedNode from, SimulatedNode to, Message message) {
    if (message instanceof Run run && to instanceof SimulatedWorker worker) {
      Registration under = new Registration(from.name, run.term(), to.name, run.registration());
      run.tasks().forEach(task -> given(under, task));
      Set<Attempt> all = with.getOrDefault(under, Set.of());
      require(
          all.size() <= worker.credits,
          "%s was given %d with %d credits".formatted(to.name, all.size(), worker.credits));
    }
  }

  private void given(Registration to, Assignment task) {
    Attempt attempt = new Attempt(task.id(), task.attempt());
    String what = "attempt " + task.attempt() + " of " + show(task.id());
    Registration before = given.putIfAbsent(attempt, to);
    require(before == null || before.equals(to), what + " was sent to " + before + " and " + to);
    require(world.model.marked(to.term(), task.id()), what + " was sent before the mark");
    require(
        task.attempt() <= task(task.id()).attempt,
        what + " was sent before the one before it was over");
    if (before == null) {
      with.computeIfAbsent(to, none -> new HashSet<>()).add(attempt);
    }
  }

  /** A worker says that it never began, and never will, what it has not reported. */
  void givenBack(String master, Unregister leave) {
    with.forEach(
        (to, attempts) -> {
          if (to.master().equals(master)
              && to.worker().equals(leave.worker())
              && to.registration() == leave.registration()) {
            attempts.forEach(attempt -> given.remove(attempt, to));
            attempts.clear();
          }
        });
  }

  /** A transaction of a worker begins. */
  @Override
  public void executing(String master, long term, String worker, List<Assignment> batch) {
    for (Assignment task : batch) {
      Registration to = given.get(new Attempt(task.id(), task.attempt()));
      require(
          to != null
              && to.master().equals(master)
              && to.term() == term
              && to.worker().equals(worker),
          "attempt %d of %s is run by %s under term %d of %s, it was given to %s"
              .formatted(task.attempt(), show(task.id()), worker, term, master, to));
    }
  }

  /** A master has taken a report. */
  void reported(String master, Report report) {
    with.forEach(
        (to, attempts) -> {
          if (to.master().equals(master)
              && to.worker().equals(report.worker())
              && to.registration() == report.registration()) {
            report
                .outcomes()
                .forEach(each -> attempts.remove(new Attempt(each.id(), each.attempt())));
          }
        });
  }

  // --- what is said

  /** Somebody who waits for a task is answered. */
  void told(String server, Finish finish) {
    Known known = task(finish.id());
    // A dead one may have been retried since.
    require(
        finish.state() == known.ended
            || (finish.state() == State.DEAD && known.ends.contains(State.DEAD)),
        "%s says that %s is %s, it is %s"
            .formatted(server, show(finish.id()), finish.state(), known.ended));
  }

  /** Who wanted a task cancelled was told that it is. */
  void cancelled(Task answer) {
    Known known = task(answer.id());
    require(
        answer.state() == State.CANCELLED && known.ended == State.CANCELLED,
        "%s was said to be cancelled, it is %s".formatted(show(answer.id()), known.ended));
  }

  /** Who wanted a dead task retried was told that it is. */
  void triedAgain(TryAgain asked) {
    Known known = task(asked.id());
    require(
        known.attempt > asked.lastAttempt(),
        "%s was said to run again, it is at attempt %d".formatted(show(asked.id()), known.attempt));
  }

  void acknowledged(Submit submit, Accepted accepted) {
    require(
        accepted.ids().size() == submit.tasks().size(),
        "%d tasks were acknowledged as %d".formatted(submit.tasks().size(), accepted.ids().size()));
    for (int i = 0; i < accepted.ids().size(); i++) {
      long id = accepted.ids().get(i);
      Row row = world.model.rows.get(id);
      require(row != null, show(id) + " was acknowledged before it was committed");
      require(
          row != null && row.task.payload().equals(submit.tasks().get(i).payload()),
          show(id) + " is not what was submitted");
    }
    String key = submit.key();
    if (key != null) {
      List<Long> before = acknowledged.putIfAbsent(List.of(submit.user(), key), accepted.ids());
      require(
          before == null || before.equals(accepted.ids()),
          "key " + key + " was acknowledged as " + before + " and " + accepted.ids());
    }
  }

  // --- after each step

  void check() {
    for (SimulatedServer server : world.servers) {
      int size = server.inMemory();
      require(
          size <= SimulatedServer.bound(),
          "%s has %d tasks in memory, bound %d"
              .formatted(server.name, size, SimulatedServer.bound()));
    }
  }

  // --- in the end

  boolean allEnded() {
    return world.model.unended().isEmpty() && world.client.open().isEmpty();
  }

  void all(long waitedSeconds) {
    List<String> open = new ArrayList<>();
    world.model.unended().forEach(row -> open.add(show(row.id) + " (" + row.state() + ")"));
    require(
        open.isEmpty(),
        "%d tasks did not end within %d s: %s"
            .formatted(open.size(), waitedSeconds, open.subList(0, Math.min(10, open.size()))));
    require(
        world.client.open().isEmpty(),
        "never acknowledged though repeated: " + world.client.open());
    world.model.rows.values().forEach(this::entries);
  }

  /** A task that is done has changed the ledger as it says, and no other has. */
  private void entries(Row row) {
    Ended ended = row.ended;
    Payload payload = row.task.payload();
    boolean done =
        ended != null
            && ended.state() == State.DONE
            && ended.result() != null
            && ended.result().status() == Status.OK;
    Set<String> changed =
        switch (payload) {
          case Update update when done -> Set.of(update.user());
          case Transfer transfer when done -> Set.of(transfer.from(), transfer.to());
          default -> Set.of();
        };
    require(
        task(row.id).entered.equals(changed),
        "%s ended %s and changed %s".formatted(show(row.id), ended, task(row.id).entered));
    if (payload instanceof Update update && update.user().equals(World.POISON)) {
      require(
          row.state() == State.DEAD || row.state() == State.CANCELLED,
          show(row.id) + " is poison and ended " + row.state());
    }
  }
}
