package dev.batuta.simulation.dispatch;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Requests;
import dev.batuta.codec.Done;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Cancel;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TryAgain;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who submits: with a key it repeats at other servers until it is acknowledged; without one it
 * repeats only what surely did not happen.
 */
final class SimulatedClient extends SimulatedNode {
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private final Requests requests;
  private final Set<String> open = new TreeSet<>();

  SimulatedClient(World world, String name) {
    super(world, name);
    this.requests = world.network.from(this);
  }

  @Override
  void begin() {
    // It does what it is told.
  }

  @Override
  Future<? extends Message> answer(String address, Message message) {
    return Future.succeededFuture(new Done());
  }

  void submit(@Nullable String key, List<NewTask> tasks) {
    if (key != null) {
      open.add(key);
    }
    Submit submit = new Submit(name, key, tasks);
    send(submit);
    if (key != null && world.chance(0.1)) {
      send(submit);
    }
  }

  /** Submits at one server, without a key. */
  void submit(SimulatedServer server, List<NewTask> tasks) {
    send(new Submit(name, null, tasks), server);
  }

  private void send(Submit submit) {
    send(submit, world.servers.get(world.random.nextInt(world.servers.size())));
  }

  private void send(Submit submit, SimulatedServer server) {
    requests
        .request(Addresses.tasks(server.name), submit, Accepted.class, PATIENCE)
        .onSuccess(
            accepted -> {
              open.remove(String.valueOf(submit.key()));
              world.invariants.acknowledged(submit, accepted);
            })
        .onFailure(
            error -> {
              if (submit.key() != null || nothingHappened(error)) {
                after(50 + random(500), () -> send(submit));
              }
            });
  }

  /** Wants some task cancelled, until it is told that it is, or that it has ended otherwise. */
  void cancelSome() {
    List<Long> ids = List.copyOf(world.model.rows.keySet());
    if (!ids.isEmpty()) {
      Cancel cancel = new Cancel(ids.get(world.random.nextInt(ids.size())), name);
      decide(cancel.id(), cancel, world.invariants::cancelled, 20);
    }
  }

  /** Wants some dead task retried. */
  void retrySome() {
    List<StoreModel.Row> dead =
        world.model.rows.values().stream().filter(row -> row.state() == State.DEAD).toList();
    if (!dead.isEmpty()) {
      StoreModel.Row row = dead.get(world.random.nextInt(dead.size()));
      TryAgain again = new TryAgain(row.id, row.attempt);
      decide(again.id(), again, task -> world.invariants.triedAgain(again), 20);
    }
  }

  private void decide(long id, Message wish, Consumer<Task> granted, int times) {
    String owner = world.model.term(TaskId.term(id)).server;
    requests
        .request(Addresses.tasks(owner), wish, Task.class, PATIENCE)
        .onSuccess(granted::accept)
        .onFailure(
            error -> {
              boolean known =
                  error instanceof Refused refused
                      && refused.failure().kind() == Failure.Kind.CONFLICT;
              if (!known && times > 0 && !world.calm) {
                after(100 + random(500), () -> decide(id, wish, granted, times - 1));
              }
            });
  }

  private static boolean nothingHappened(Throwable error) {
    return error instanceof Refused refused
        && (refused.failure().kind() == Failure.Kind.UNAVAILABLE
            || refused.failure().kind() == Failure.Kind.BUSY);
  }

  /** Keys of submissions that nobody has acknowledged. */
  Set<String> open() {
    return open;
  }
}
