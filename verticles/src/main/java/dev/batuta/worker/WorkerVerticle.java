package dev.batuta.worker;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Polling;
import dev.batuta.bus.Timers;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.task.TaskHandlers;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts a {@link Worker} on the bus of its node. */
public final class WorkerVerticle extends VerticleBase {
  private final Bus bus;
  private final LedgerStore ledger;
  private final TaskHandlers handlers;
  private final WorkerSettings settings;
  private final Runnable crash;
  private @Nullable Worker worker;

  /** On the node of a bus, without kinds that users added; a crash leaves it dead. */
  public WorkerVerticle(Bus bus, LedgerStore ledger, WorkerSettings settings) {
    this(bus, ledger, TaskHandlers.none(), settings, () -> {});
  }

  /**
   * On the node of a bus.
   *
   * @param crash called when a COMPUTE has crashed this worker, which does nothing any more: it is
   *     to be undeployed, and another to be deployed under its name
   */
  public WorkerVerticle(
      Bus bus, LedgerStore ledger, TaskHandlers handlers, WorkerSettings settings, Runnable crash) {
    this.bus = bus;
    this.ledger = ledger;
    this.handlers = handlers;
    this.settings = settings;
    this.crash = crash;
  }

  @Override
  public Future<?> start() {
    WorkerRuntime runtime =
        WorkerRuntime.of(
            handlers,
            action -> context.runOnContext(turn -> action.run()),
            this::die,
            settings.credits());
    Worker started = new Worker(Timers.of(vertx), bus, ledger, runtime, settings, bus.tracing());
    worker = started;
    return bus.serve(
            Addresses.worker(settings.name()), envelope -> started.answer(envelope.message()))
        .onSuccess(
            served -> {
              started.tick();
              vertx.setPeriodic(settings.heartbeat().toMillis(), timer -> started.tick());
            });
  }

  private void die() {
    Objects.requireNonNull(worker, "a worker that was started").die();
    crash.run();
  }

  /** Takes no more, finishes what is here within {@link WorkerSettings#drain}, and says goodbye. */
  @Override
  public Future<?> stop() {
    Worker stopping = Objects.requireNonNull(worker, "a worker that was started");
    stopping.leave();
    return Polling.until(vertx, () -> stopping.outstanding() == 0, settings.drain())
        .compose(done -> stopping.goodbye())
        .compose(done -> bus.withdraw(Addresses.worker(settings.name())));
  }
}
