package dev.batuta.node.metrics;

import dev.batuta.clock.ClockCounts;

/** The Berkeley rounds of a server while it coordinates. */
public final class ClockMetrics implements Family {
  private final ClockCounts rounds;

  public ClockMetrics(ClockCounts rounds) {
    this.rounds = rounds;
  }

  @Override
  public void read(Samples samples) {
    samples
        .counter("clock_rounds", "Berkeley rounds that this server held as coordinator.")
        .add(rounds.rounds());
    var readings =
        samples.counter(
            "clock_readings",
            "Clocks of those rounds, averaged or left out as too far off or too slow to answer.");
    readings.add(rounds.counted(), "averaged", "yes");
    readings.add(rounds.leftOut(), "averaged", "no");
  }
}
