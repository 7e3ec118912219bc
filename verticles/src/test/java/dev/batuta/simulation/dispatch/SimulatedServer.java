package dev.batuta.simulation.dispatch;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.Done;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Cancel;
import dev.batuta.codec.TaskMessage.Inherit;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.TryAgain;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Unregister;
import dev.batuta.orchestrator.Admission;
import dev.batuta.orchestrator.OrchestratorSettings;
import dev.batuta.orchestrator.OwnQueue;
import dev.batuta.orchestrator.TaskControl;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.DispatchSettings;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.tracing.Tracing;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A server: the real queue, submissions and decisions of people, as the verticle wires them. */
final class SimulatedServer extends SimulatedNode {
  static final int ACCEPTANCES = 4;
  static final int LARGEST_BATCH = 30;

  private static final long TICK_MILLIS = 50;
  private static final long SECOND_MILLIS = 1000;
  private static final long DRAIN_MILLIS = 10_000;
  private static final long RELIEF_MILLIS = 100;
  private static final Duration STRANDED = Duration.ofMillis(300);

  private final TaskStore store;
  private @Nullable OwnQueue queue;
  private @Nullable Admission submissions;
  private @Nullable TaskControl control;
  private boolean draining;

  SimulatedServer(World world, String name) {
    super(world, name);
    this.store = new CarelessTaskStore(world.model, world.database.from(this));
    world.network.serve(Addresses.tasks(name), this);
    world.network.serve(Addresses.workers(name), this);
  }

  /** Small waters, so that what does not fit into memory is the rule. */
  static DispatchSettings dispatch(Mutation mutation) {
    boolean unbounded = mutation == Mutation.MEMORY_IS_UNBOUNDED;
    return new DispatchSettings(
        1000,
        10,
        Duration.ofSeconds(1),
        unbounded ? 900 : 20,
        unbounded ? 900 : 40,
        15,
        Duration.ofMillis(20),
        Duration.ofSeconds(1),
        5);
  }

  /** Most tasks that may be in memory under {@link #dispatch}. */
  static int bound() {
    DispatchSettings settings = dispatch(Mutation.NONE);
    return 4 * settings.highWater() + settings.page() + ACCEPTANCES * LARGEST_BATCH;
  }

  @Override
  void begin() {
    draining = false;
    OrchestratorSettings settings =
        new OrchestratorSettings(
            dispatch(world.mutation),
            3,
            Duration.ofSeconds(60),
            100,
            ACCEPTANCES,
            50,
            Duration.ofMillis(DRAIN_MILLIS),
            STRANDED);
    OwnQueue own =
        new OwnQueue(
            this,
            world.network.from(this),
            name,
            store,
            settings,
            this::nowMillis,
            Tracing.passive(),
            new OwnQueue.Listener() {
              @Override
              public void finished(List<Finish> tasks) {
                tasks.forEach(task -> world.invariants.told(name, task));
              }

              @Override
              public void opened() {
                world.note(name, "opens its queue", "");
              }
            });
    queue = own;
    submissions = new Admission(this, name, store, settings, own, Tracing.passive());
    control = new TaskControl(this, name, store, own);
    own.open();
    every(TICK_MILLIS, own::tick);
    every(SECOND_MILLIS, own::compact);
    every(SECOND_MILLIS, own::look);
    every(RELIEF_MILLIS, () -> own.relieve(() -> world.relief(this)));
  }

  @Override
  Future<? extends Message> answer(String address, Message message) {
    return switch (message) {
      case Submit submit ->
          draining
              ? Future.failedFuture(
                  new Refused(Failure.Kind.UNAVAILABLE, "draining", name + " is stopping"))
              : Objects.requireNonNull(submissions).submit(submit);
      case Inherit inherit -> {
        queue().look();
        yield Future.succeededFuture(new Done());
      }
      case Cancel cancel -> Objects.requireNonNull(control).cancel(cancel);
      case TryAgain again -> Objects.requireNonNull(control).retry(again);
      case Report report -> {
        world.invariants.reported(name, report);
        yield queue().answerWorker(report);
      }
      case Unregister leave -> {
        if (leave.drained()) {
          world.invariants.givenBack(name, leave);
        }
        yield queue().answerWorker(leave);
      }
      default -> queue().answerWorker(message);
    };
  }

  /** Stops as SIGTERM does. */
  void stop() {
    if (runs() && !isPaused() && !draining) {
      world.note(name, "stops", "");
      draining = true;
      queue().drain();
      endWhenDrained(world.nowMillis() + DRAIN_MILLIS);
    }
  }

  private void endWhenDrained(long until) {
    if (queue().outstanding() == 0 || world.nowMillis() >= until) {
      Runnable end = inRun(this::end);
      queue().close().onComplete(closed -> end.run());
    } else {
      after(TICK_MILLIS, () -> endWhenDrained(until));
    }
  }

  OwnQueue queue() {
    return Objects.requireNonNull(queue, "a server that was started");
  }

  int inMemory() {
    return runs() ? queue().inMemory() : 0;
  }
}
