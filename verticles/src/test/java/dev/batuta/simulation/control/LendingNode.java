package dev.batuta.simulation.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A process that takes part in lending: runs that begin and end, threads that can be stopped,
 * timers, and the masters that it hears of.
 */
abstract class LendingNode {
  private static final long SUSPICION = LendingWorld.SECOND;

  final LendingWorld world;
  private final int index;
  private final String name;
  private final List<Runnable> stalled = new ArrayList<>();
  private final Map<String, Long> heard = new HashMap<>();
  private long run;
  private long runs;
  private boolean paused;

  LendingNode(LendingWorld world, int index, String name) {
    this.world = world;
    this.index = index;
    this.name = name;
  }

  /** What a new run begins with. */
  abstract void begin();

  final void start() {
    if (run == 0) {
      run = ++runs;
      paused = false;
      stalled.clear();
      heard.clear();
      note("starts");
      begin();
    }
  }

  /** Ends as by {@code kill -9}; most of the others notice soon when it was a master. */
  final void kill() {
    if (run == 0) {
      return;
    }
    note("is killed");
    run = 0;
    for (LendingNode other : world.nodes()) {
      if (other != this && world.network.reaches(index, other.index)) {
        world.timeline.after(
            100 * LendingWorld.MILLI + world.random.nextLong(200 * LendingWorld.MILLI),
            () -> other.heard.remove(name));
      }
    }
  }

  final void pause() {
    if (run != 0) {
      note("pauses");
      paused = true;
    }
  }

  final void resume() {
    if (run != 0 && paused) {
      note("resumes");
      paused = false;
      List<Runnable> waiting = List.copyOf(stalled);
      stalled.clear();
      waiting.forEach(this::perform);
    }
  }

  final boolean runs() {
    return run != 0;
  }

  final void perform(Runnable action) {
    if (run == 0) {
      return;
    }
    if (paused) {
      if (stalled.size() < 1_000) {
        stalled.add(action);
      }
    } else {
      action.run();
    }
  }

  /** Happens in this run of the process only. */
  final void after(long micros, Runnable action) {
    long of = run;
    world.timeline.after(
        micros,
        () -> {
          if (run == of) {
            perform(action);
          }
        });
  }

  /** Repeats for the rest of this run; one that was paused makes up for one turn only. */
  final void every(long micros, Runnable action) {
    long of = run;
    world.timeline.after(world.random.nextLong(micros), () -> turn(of, micros, action));
  }

  private void turn(long of, long micros, Runnable action) {
    if (run == of) {
      if (!paused || !stalled.contains(action)) {
        perform(action);
      }
      world.timeline.after(micros, () -> turn(of, micros, action));
    }
  }

  final void tell(LendingNode to, String kind, Runnable delivery) {
    world.network.send(kind, index, to.index, () -> to.perform(delivery));
  }

  final void hear(String master) {
    heard.put(master, world.timeline.nowMicros());
  }

  /** Masters that are believed to live, in their order. */
  final List<String> live() {
    long since = world.timeline.nowMicros() - SUSPICION;
    return heard.entrySet().stream()
        .filter(each -> each.getValue() >= since)
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  final String name() {
    return name;
  }

  final int index() {
    return index;
  }

  /** Of its monotonic clock. */
  final long nowMillis() {
    return 1_000_000 + world.timeline.nowMicros() / LendingWorld.MILLI;
  }

  final void note(String event) {
    if (world.traces()) {
      world.note(name, event);
    }
  }
}
