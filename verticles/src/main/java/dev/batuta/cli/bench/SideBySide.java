package dev.batuta.cli.bench;

import dev.batuta.cli.client.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/** Measures raw writes and Batuta in turns, so that both see the machine of the same time. */
final class SideBySide {
  private SideBySide() {}

  /**
   * Rates of both; the figure's limit is the median of the raw ones.
   *
   * @param mustReach what {@code batuta} must reach on the machine of the specification
   */
  static Figure rates(
      String row,
      String unit,
      BenchScale scale,
      Output output,
      double mustReach,
      DoubleSupplier raw,
      DoubleSupplier batuta) {
    for (int i = 0; i < scale.warmUp; i++) {
      output.remark(
          "%s: warm-up, raw %s, then %s"
              .formatted(row, rate(raw.getAsDouble(), unit), rate(batuta.getAsDouble(), unit)));
    }
    var limits = new ArrayList<Double>();
    var rates = new ArrayList<Double>();
    for (int i = 1; i <= scale.rounds; i++) {
      limits.add(raw.getAsDouble());
      rates.add(batuta.getAsDouble());
      output.remark(
          "%s %d of %d: %s, raw %s"
              .formatted(
                  row, i, scale.rounds, rate(rates.getLast(), unit), rate(limits.getLast(), unit)));
    }
    var figure = Figure.ofRates(row, unit, median(limits), rates);
    output.remark(
        "%s: %s, to reach: %s".formatted(row, rate(figure.value(), unit), rate(mustReach, unit)));
    return figure;
  }

  static double median(List<Double> samples) {
    return Figure.percentile(samples, 50);
  }

  private static String rate(double number, String unit) {
    return String.format(Locale.ROOT, "%,.0f %s", number, unit);
  }
}
