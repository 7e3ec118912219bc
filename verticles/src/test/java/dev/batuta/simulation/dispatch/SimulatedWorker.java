package dev.batuta.simulation.dispatch;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Requests;
import dev.batuta.codec.Message;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.task.TaskHandlers;
import dev.batuta.tracing.Tracing;
import dev.batuta.worker.Worker;
import dev.batuta.worker.WorkerRuntime;
import dev.batuta.worker.WorkerSettings;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A process with the real worker. */
final class SimulatedWorker extends SimulatedNode {
  private static final long HEARTBEAT_MILLIS = 1000;
  private static final long DRAIN_MILLIS = 10_000;
  private static final long LOOK_MILLIS = 20;
  private static final long RESTART_MICROS = 1_000_000;

  final int credits;
  final String home;
  private final LedgerStore ledger;
  private @Nullable Worker worker;

  SimulatedWorker(World world, String name, String home, int credits) {
    super(world, name);
    this.home = home;
    this.credits = credits;
    this.ledger = new ModelLedgerStore(world.ledger, world.database.from(this));
    world.network.serve(Addresses.worker(name), this);
  }

  @Override
  void begin() {
    WorkerSettings settings =
        new WorkerSettings(
            name,
            home,
            credits,
            Duration.ofMillis(HEARTBEAT_MILLIS),
            world::liveServers,
            () -> true,
            2,
            5,
            Duration.ofMillis(DRAIN_MILLIS));
    WorkerRuntime craft = WorkerRuntime.of(TaskHandlers.none(), this::next, this::crash, credits);
    Worker started = new Worker(this, requests(), ledger, craft, settings, Tracing.passive());
    worker = started;
    every(HEARTBEAT_MILLIS, started::tick);
  }

  /** A task has killed it; whoever watches over it starts it again. */
  private void crash() {
    kill();
    world.timeline.after(RESTART_MICROS, this::start);
  }

  private Requests requests() {
    Requests true_ = world.network.from(this);
    if (world.mutation != Mutation.CREDITS_ARE_EXAGGERATED) {
      return true_;
    }
    return new Requests() {
      @Override
      public <M extends Message> Future<M> request(
          String address, Message message, Class<M> answer, Duration timeout) {
        Message said =
            message instanceof Register r
                ? new Register(r.worker(), r.home(), r.registration(), r.credits() * 3, r.kinds())
                : message;
        return true_.request(address, said, answer, timeout);
      }
    };
  }

  @Override
  Future<? extends Message> answer(String address, Message message) {
    return worker().answer(message);
  }

  /** Stops as SIGTERM does. */
  void stop() {
    if (runs() && !isPaused()) {
      world.note(name, "stops", "");
      Worker stopping = worker();
      stopping.leave();
      leave(stopping, world.nowMillis() + DRAIN_MILLIS);
    }
  }

  private void leave(Worker stopping, long untilMillis) {
    if (stopping.outstanding() > 0 && world.nowMillis() < untilMillis) {
      after(LOOK_MILLIS, () -> leave(stopping, untilMillis));
    } else {
      stopping.goodbye().onComplete(done -> end());
    }
  }

  private Worker worker() {
    return Objects.requireNonNull(worker, "a worker that was started");
  }
}
