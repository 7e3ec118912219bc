package dev.batuta.simulation.dispatch;

import dev.batuta.bus.Timers;
import dev.batuta.codec.Message;
import io.vertx.core.Future;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A process with one event loop: it runs, is killed, hangs and wakes. What was to happen in a run
 * that is over does not happen; what was to happen while it hung happens when it wakes.
 */
abstract class SimulatedNode implements Timers {
  private static final long MICROS = 1_000;

  final World world;
  final String name;
  private final Set<Runnable> stalled = new LinkedHashSet<>();
  private long skewMillis;
  private long runs;
  private long run;
  private boolean paused;

  SimulatedNode(World world, String name) {
    this.world = world;
    this.name = name;
  }

  /** Begins to work, in a new run. */
  abstract void begin();

  /** Answers what was sent to one of its addresses. */
  abstract Future<? extends Message> answer(String address, Message message);

  final void start() {
    if (run == 0) {
      run = ++runs;
      world.note(name, "starts", "");
      begin();
    }
  }

  final void kill() {
    if (run != 0) {
      world.note(name, "is killed", "");
      end();
    }
  }

  final void end() {
    run = 0;
    paused = false;
    stalled.clear();
  }

  final void pause() {
    if (run != 0 && !paused) {
      world.note(name, "hangs", "");
      paused = true;
    }
  }

  final void resume() {
    if (paused) {
      world.note(name, "wakes", "");
      paused = false;
      List<Runnable> waiting = List.copyOf(stalled);
      stalled.clear();
      waiting.forEach(this::perform);
    }
  }

  final boolean runs() {
    return run != 0;
  }

  final boolean isPaused() {
    return paused;
  }

  /** Sets the clock of its machine, from the next reading on. */
  final void setClock(long skew) {
    skewMillis = skew;
  }

  /** Does something on the event loop of the present run. */
  final void perform(Runnable action) {
    if (paused) {
      stalled.add(inRun(action));
    } else if (run != 0) {
      action.run();
    }
  }

  /** The same, but only in this very run, whenever that is. */
  final Runnable inRun(Runnable action) {
    return inRun(run, action);
  }

  /** The same, but only in a run that is not over. */
  final Runnable inRun(long of, Runnable action) {
    return () -> {
      if (run == of && of != 0) {
        perform(action);
      }
    };
  }

  /** The present run, 0 when there is none. */
  final long run() {
    return run;
  }

  final void every(long millis, Runnable action) {
    perform(action);
    Runnable again = () -> every(millis, action);
    long of = run;
    world.timeline.after(millis * MICROS, () -> turn(of, again));
  }

  private void turn(long of, Runnable again) {
    if (run == of) {
      again.run();
    }
  }

  @Override
  public final long nowMillis() {
    return world.nowMillis() + skewMillis;
  }

  @Override
  public final void after(long millis, Runnable action) {
    world.timeline.after(Math.max(1, millis) * MICROS, inRun(action));
  }

  @Override
  public final void next(Runnable action) {
    world.timeline.after(0, inRun(action));
  }

  @Override
  public final long random(long bound) {
    return world.random.nextLong(bound);
  }
}
