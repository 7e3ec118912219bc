package dev.batuta.simulation.control;

import dev.batuta.bus.LamportClock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What any process has: runs that begin and end, threads that can be stopped, timers, and messages
 * that carry its Lamport clock.
 */
abstract class SimulatedProcess {
  static final long MILLI = 1_000;

  final World world;
  private final int index;
  private final String name;
  private final Set<Runnable> stalled = new LinkedHashSet<>();
  private LamportClock lamport = new LamportClock();
  private long run;
  private boolean paused;

  SimulatedProcess(World world, int index, String name) {
    this.world = world;
    this.index = index;
    this.name = name;
  }

  /** Whether it has begun to listen, in this run. */
  abstract boolean listens();

  abstract SimulatedServer self();

  /** A new run, under a new incarnation. */
  final void beginRun() {
    run = world.random.nextLong() | 1;
    paused = false;
    stalled.clear();
    lamport = new LamportClock();
  }

  /** Ends this run; what its threads had before them is lost. */
  final long endRun() {
    long over = run;
    run = 0;
    paused = false;
    stalled.clear();
    return over;
  }

  /** Stops all its threads, as SIGSTOP does; what arrives waits. */
  final void pause() {
    if (run != 0 && !paused) {
      note("pauses", "");
      paused = true;
    }
  }

  final void resume() {
    if (run != 0 && paused) {
      note("resumes", "");
      paused = false;
      List<Runnable> waiting = List.copyOf(stalled);
      stalled.clear();
      long of = run;
      waiting.forEach(action -> inRun(of, action));
    }
  }

  final boolean isPaused() {
    return paused;
  }

  final void inRun(long of, Runnable action) {
    if (run == of) {
      perform(action);
    }
  }

  final void perform(Runnable action) {
    if (run == 0) {
      return;
    }
    if (paused) {
      stalled.add(action);
    } else {
      action.run();
    }
  }

  /** Repeats for the rest of this run; a process that was paused makes up for one turn only. */
  final void every(long micros, Runnable action) {
    long of = run;
    world.timeline.after(world.between(micros / 2, micros), () -> turn(of, micros, action));
  }

  private void turn(long of, long micros, Runnable action) {
    if (run == of) {
      perform(action);
      world.timeline.after(micros, () -> turn(of, micros, action));
    }
  }

  final void send(SimulatedServer to, String what, Consumer<SimulatedServer> received) {
    long sent = lamport.beforeSend();
    world.network.send(
        what,
        index,
        to.index(),
        () -> to.perform(() -> ((SimulatedProcess) to).receive(name, sent, what, received)));
  }

  final void publish(String what, Consumer<SimulatedServer> received) {
    for (SimulatedServer other : world.servers) {
      if (other != self()) {
        send(other, what, received);
      }
    }
  }

  private void receive(String from, long sent, String what, Consumer<SimulatedServer> received) {
    if (!listens()) {
      return;
    }
    long at =
        world.mutation == Mutation.RECEIVES_DO_NOT_LOOK_AT_THE_SENDER
            ? lamport.beforeSend()
            : lamport.onReceive(sent);
    world.invariants.received(self(), from, what, sent, at);
    received.accept(self());
  }

  final String name() {
    return name;
  }

  final int index() {
    return index;
  }

  final long run() {
    return run;
  }

  final String memberId() {
    return "member-" + run;
  }

  final long clockValue() {
    return lamport.value();
  }

  final void note(String event, String detail) {
    if (world.traces()) {
      world.note(name, event, detail);
    }
  }
}
