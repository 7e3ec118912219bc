package dev.batuta.simulation.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Loses, repeats, delays and reorders, and can be cut in each direction apart. Probabilities are
 * per message.
 */
final class SimulatedNetwork {
  private static final long MIN_DELAY_MICROS = 100;
  private static final long USUAL_DELAY_MICROS = 500;
  private static final long LONGEST_DELAY_MICROS = 3_000_000;

  private record Lost(String kind, int from, int to) {}

  private final List<Lost> lost = new ArrayList<>();
  private final Timeline timeline;
  private final Random random;
  private final int[][] cuts;
  private boolean even;
  double loss;
  double repeats;
  double late;

  SimulatedNetwork(Timeline timeline, Random random, int servers) {
    this.timeline = timeline;
    this.random = random;
    this.cuts = new int[servers][servers];
  }

  /** Every message takes the same time: for stories. */
  void makeEven() {
    even = true;
  }

  /** Cuts one direction; to be healed as often as it was cut. */
  void cut(int from, int to) {
    cuts[from][to]++;
  }

  void heal(int from, int to) {
    cuts[from][to]--;
  }

  boolean reaches(int from, int to) {
    return cuts[from][to] == 0;
  }

  /** Loses the next message of a kind: for stories. */
  void loseNext(String kind, int from, int to) {
    lost.add(new Lost(kind, from, to));
  }

  void send(String kind, int from, int to, Runnable delivery) {
    if (!reaches(from, to) || chance(loss) || (even && lost.remove(new Lost(kind, from, to)))) {
      return;
    }
    timeline.after(delay(), delivery);
    if (chance(repeats)) {
      timeline.after(delay() + random.nextLong(USUAL_DELAY_MICROS), delivery);
    }
  }

  private long delay() {
    if (even) {
      return USUAL_DELAY_MICROS;
    }
    return chance(late)
        ? random.nextLong(LONGEST_DELAY_MICROS)
        : MIN_DELAY_MICROS + random.nextLong(USUAL_DELAY_MICROS);
  }

  private boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }
}
