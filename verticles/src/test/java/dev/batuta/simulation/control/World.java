package dev.batuta.simulation.control;

import dev.batuta.election.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Servers, the network between them, the database, and what they must never do. */
final class World {
  private static final long SECOND = 1_000_000;

  final Timeline timeline = new Timeline();
  final Random random;
  final Mutation mutation;
  final Policy policy;
  final SimulatedNetwork network;
  final SimulatedDatabase database;
  final Invariants invariants;
  final List<SimulatedServer> servers = new ArrayList<>();
  private final List<String> trace;
  private boolean even;

  /** How long after the last fault all agreed, and agreed from then on. */
  long settledAfterMicros;

  /**
   * @param seed all chance comes from it
   * @param trace gets a line for each thing that happens, when wanted
   */
  World(long seed, List<String> names, Policy policy, Mutation mutation, List<String> trace) {
    this.random = new Random(seed);
    this.mutation = mutation;
    this.policy = policy;
    this.trace = trace;
    this.network = new SimulatedNetwork(timeline, random, names.size());
    this.database = new SimulatedDatabase(timeline, random, names.size(), mutation);
    this.invariants = new Invariants(this);
    for (String name : names) {
      servers.add(new SimulatedServer(this, servers.size(), name));
    }
  }

  /** Takes chance out of delays and of the phases of timers: for stories. */
  void makeEven() {
    even = true;
    network.makeEven();
    database.makeEven();
  }

  boolean isEven() {
    return even;
  }

  void runUntil(long seconds) {
    timeline.runUntil(seconds * SECOND, invariants::check);
  }

  void runUntilMicros(long micros) {
    timeline.runUntil(micros, invariants::check);
  }

  SimulatedServer server(String name) {
    return servers.stream()
        .filter(server -> server.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no server " + name));
  }

  /** A time between two bounds, by chance. */
  long between(long fromMicros, long toMicros) {
    return even ? fromMicros : fromMicros + random.nextLong(Math.max(1, toMicros - fromMicros));
  }

  void note(String who, String event, String detail) {
    double at = timeline.nowMicros() / 1e6;
    trace.add(
        String.format(
            Locale.ROOT,
            "%8.3f  %-4s %s%s",
            at,
            who,
            event,
            detail.isEmpty() ? "" : ": " + detail));
  }

  boolean traces() {
    return !(trace instanceof Untraced);
  }

  /** Where traces go that nobody wants: nothing is formatted for it. */
  static final class Untraced extends ArrayList<String> {
    private static final long serialVersionUID = 1;
  }
}
