package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.State;
import dev.batuta.orchestrator.dispatch.DispatchInput.Cancelled;
import dev.batuta.orchestrator.dispatch.DispatchInput.Cancelling;
import dev.batuta.orchestrator.dispatch.DispatchInput.NotCancelled;
import dev.batuta.orchestrator.dispatch.DispatchInput.NotRetried;
import dev.batuta.orchestrator.dispatch.DispatchInput.Retried;
import dev.batuta.orchestrator.dispatch.DispatchInput.Retrying;
import dev.batuta.orchestrator.dispatch.DispatchWorld.Sabotage;
import dev.batuta.orchestrator.dispatch.SimulatedStore.Row;
import dev.batuta.task.TaskId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Those who cancel tasks, wherever they are, and have dead ones run again. */
final class SimulatedPeople {
  private final DispatchWorld world;

  /** Requests that this life of the server has not answered. */
  private final Set<Long> underWay = new HashSet<>();

  /** Terms of tasks that are being adopted. */
  private final Set<Long> foreign = new HashSet<>();

  SimulatedPeople(DispatchWorld world) {
    this.world = world;
  }

  void serverOpens() {
    underWay.clear();
    foreign.clear();
  }

  void cannotDecide(long term) {
    foreign.add(term);
  }

  void canDecide(long term) {
    foreign.remove(term);
  }

  /** No effect of a cancelled task. */
  static void check(Row row) {
    DispatchWorld.check(
        row.state != State.CANCELLED || row.effects == 0,
        row.task.id + " took effect, and is cancelled");
  }

  void decideSomething() {
    List<Row> all = List.copyOf(world.store.rows.values());
    if (all.isEmpty()) {
      return;
    }
    Row row = all.get(world.random.nextInt(all.size()));
    long id = row.task.id;
    if (foreign.contains(TaskId.term(id)) || !underWay.add(id)) {
      return;
    }
    if (row.state == State.DEAD || world.random.nextInt(10) == 0) {
      retry(id, row.attempt);
    } else {
      cancel(id);
    }
  }

  private void cancel(long id) {
    world.step(new Cancelling(id));
    world.answerSoon(
        () -> {
          boolean before = world.store.row(id).state == State.CANCELLED;
          boolean done = world.store.cancel(id) && !before;
          world.answerSoon(
              () -> {
                underWay.remove(id);
                world.step(done ? new Cancelled(id, "QUERY") : new NotCancelled(id));
              });
        });
  }

  private void retry(long id, int lastAttempt) {
    world.step(new Retrying(id));
    world.answerSoon(
        () -> {
          Optional<QueuedTask> task = world.store.retry(id, lastAttempt);
          world.answerSoon(
              () -> {
                underWay.remove(id);
                world.step(
                    task.filter(told -> world.sabotage != Sabotage.FORGET_A_RETRY)
                        .<DispatchInput>map(retried -> new Retried(retried, false))
                        .orElse(new NotRetried(id)));
              });
        });
  }
}
