package dev.batuta.simulation.control;

import dev.batuta.lending.Thresholds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Masters, the workers that they lend each other, and the network between them. */
final class LendingWorld {
  static final long MILLI = 1_000;
  static final long SECOND = 1_000_000;
  static final Thresholds THRESHOLDS = new Thresholds(100, 10, 1, Duration.ofSeconds(2));

  final Timeline timeline = new Timeline();
  final Random random;
  final LendingMutation mutation;
  final SimulatedNetwork network;
  final LendingInvariants invariants = new LendingInvariants(this);
  final List<LendingMaster> masters = new ArrayList<>();
  final List<LentWorker> workers = new ArrayList<>();
  private final List<String> trace;

  /** Whether what runs at a worker may take long to come to an end. */
  boolean slowTasks;

  /** How long after the last fault every worker was at home. */
  long homeAfterMicros;

  /**
   * @param seed all chance comes from it
   * @param farms how many workers each master has
   * @param trace gets a line for each thing that happens, when wanted
   */
  LendingWorld(long seed, int[] farms, LendingMutation mutation, List<String> trace) {
    this.random = new Random(seed);
    this.mutation = mutation;
    this.trace = trace;
    int nodes = farms.length;
    for (int size : farms) {
      nodes += size;
    }
    this.network = new SimulatedNetwork(timeline, random, nodes);
    for (int i = 0; i < farms.length; i++) {
      masters.add(new LendingMaster(this, i, "s" + (i + 1)));
    }
    for (int i = 0; i < farms.length; i++) {
      for (int k = 0; k < farms[i]; k++) {
        String name = "w" + (workers.size() + 1);
        workers.add(new LentWorker(this, masters.size() + workers.size(), name, "s" + (i + 1)));
      }
    }
  }

  LendingMaster master(String name) {
    return masters.stream()
        .filter(master -> master.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no master " + name));
  }

  LentWorker worker(String name) {
    return workers.stream()
        .filter(worker -> worker.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no worker " + name));
  }

  /** Masters and workers. */
  List<LendingNode> nodes() {
    List<LendingNode> all = new ArrayList<>(masters);
    all.addAll(workers);
    return all;
  }

  void runUntilMicros(long micros) {
    timeline.runUntil(micros, () -> {});
  }

  void at(long micros, Runnable action) {
    timeline.after(micros - timeline.nowMicros(), action);
  }

  boolean traces() {
    return !(trace instanceof World.Untraced);
  }

  void note(String who, String event) {
    trace.add(String.format(Locale.ROOT, "%8.3f  %-4s %s", timeline.nowMicros() / 1e6, who, event));
  }
}
