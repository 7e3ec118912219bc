package dev.batuta.clock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One round of the Berkeley algorithm (Gusella and Zatti 1989, "The Accuracy of the Clock
 * Synchronization Achieved by TEMPO in Berkeley UNIX 4.3BSD", section 2). A pure function.
 *
 * <p>Each reply is corrected by half its round trip. Replies that took too long are not averaged,
 * because their error is as large as half the round trip. The average is over the largest set of
 * clocks that lie within the tolerance of each other, so one mad clock moves nobody; but every
 * server gets the adjustment that leads it to the average, counted or not.
 */
public final class Berkeley {
  private Berkeley() {}

  /**
   * A clock as it was read.
   *
   * @param differenceMicros that clock minus the coordinator's monotonic one, half the round trip
   *     corrected; only differences between servers mean something
   * @param roundTripMicros by the coordinator's monotonic clock
   */
  public record Sample(String server, long differenceMicros, long roundTripMicros) {
    /**
     * From the instants of one poll.
     *
     * @param sentMicros the coordinator's monotonic clock when it asked
     * @param receivedMicros the same when the answer came
     * @param readMicros the answer
     */
    static Sample of(String server, long sentMicros, long receivedMicros, long readMicros) {
      long roundTrip = receivedMicros - sentMicros;
      return new Sample(server, readMicros + roundTrip / 2 - receivedMicros, roundTrip);
    }
  }

  /** What a server is to add to its offset, and whether its clock was in the average. */
  public record Adjustment(Sample sample, long adjustmentMicros, boolean counted) {}

  /** Bounds: how far clocks may lie apart to be averaged, and how long a reply may take. */
  public record Limits(Duration tolerance, Duration roundTrip) {}

  /**
   * The adjustments of one round, in the order of the samples.
   *
   * <p>If two sets are equally large, the one with the smaller spread counts, and then the earlier
   * one, so the result does not depend on the order of the replies. Without a quick reply nobody is
   * adjusted.
   */
  public static List<Adjustment> round(List<Sample> samples, Limits limits) {
    List<Sample> quick =
        samples.stream()
            .filter(s -> s.roundTripMicros() <= micros(limits.roundTrip()))
            .sorted(
                Comparator.comparingLong(Sample::differenceMicros).thenComparing(Sample::server))
            .toList();
    List<Sample> agreeing = largestAgreeing(quick, micros(limits.tolerance()));
    if (agreeing.isEmpty()) {
      return List.of();
    }
    long average = average(agreeing);
    List<Adjustment> adjustments = new ArrayList<>();
    for (Sample sample : samples) {
      adjustments.add(
          new Adjustment(sample, average - sample.differenceMicros(), agreeing.contains(sample)));
    }
    return adjustments;
  }

  /** The largest window of sorted clocks that is no wider than the tolerance. */
  private static List<Sample> largestAgreeing(List<Sample> sorted, long toleranceMicros) {
    int bestFrom = 0;
    int bestTo = 0;
    int from = 0;
    for (int to = 1; to <= sorted.size(); to++) {
      while (spread(sorted, from, to) > toleranceMicros) {
        from++;
      }
      int size = to - from;
      int best = bestTo - bestFrom;
      if (size > best
          || (size == best && spread(sorted, from, to) < spread(sorted, bestFrom, bestTo))) {
        bestFrom = from;
        bestTo = to;
      }
    }
    return sorted.subList(bestFrom, bestTo);
  }

  private static long spread(List<Sample> sorted, int from, int to) {
    return sorted.get(to - 1).differenceMicros() - sorted.get(from).differenceMicros();
  }

  /** Around the first one, so that the sum cannot overflow. */
  private static long average(List<Sample> agreeing) {
    long base = agreeing.getFirst().differenceMicros();
    long sum = 0;
    for (Sample sample : agreeing) {
      sum += sample.differenceMicros() - base;
    }
    return base + Math.round((double) sum / agreeing.size());
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }
}
