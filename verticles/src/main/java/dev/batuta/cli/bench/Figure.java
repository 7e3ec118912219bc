package dev.batuta.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.cli.client.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code bench}: what was measured, against what it must reach or the machine can.
 *
 * @param value the one that counts
 * @param limit what {@code value} must not pass, or the raw limit of the machine; null without one
 * @param samples in the order in which they were taken, at least one
 * @param rates whether more is better: the 99th percentile is then what 99 of 100 reach
 */
public record Figure(
    String row,
    double value,
    String unit,
    @Nullable Double limit,
    List<Double> samples,
    boolean rates) {

  /** Rates, of which the median counts. */
  static Figure ofRates(String row, String unit, double limit, List<Double> samples) {
    return new Figure(row, percentile(samples, 50), unit, limit, samples, true);
  }

  /** Times in milliseconds, of which the 99th percentile counts. */
  static Figure ofMillis(String row, @Nullable Double limitMillis, List<Double> samples) {
    return new Figure(row, percentile(samples, 99), "ms", limitMillis, samples, false);
  }

  /** The smallest sample that {@code percent} of all do not pass (nearest rank). */
  static double percentile(List<Double> samples, int percent) {
    var sorted = samples.stream().sorted().toList();
    return sorted.get(Math.max(0, Math.ceilDiv(sorted.size() * percent, 100) - 1));
  }

  private double of(int percent) {
    return percentile(samples, rates ? 100 - percent : percent);
  }

  public ObjectNode json() {
    var object =
        Output.JSON
            .createObjectNode()
            .put("row", row)
            .put("value", rounded(value))
            .put("unit", unit)
            .put("p50", rounded(percentile(samples, 50)))
            .put("p99", rounded(of(99)))
            .put("limit", limit == null ? null : rounded(limit))
            .put("ratio", limit == null ? null : Math.round(value / limit * 1_000) / 1_000.0)
            .put("max", rounded(percentile(samples, 100)))
            .put("n", samples.size());
    var all = object.putArray("samples");
    samples.forEach(sample -> all.add(rounded(sample)));
    return object;
  }

  /** Figures for people. */
  public static List<String> table(List<Figure> figures) {
    var rows = new ArrayList<List<String>>();
    for (var figure : figures) {
      var limit = figure.limit();
      rows.add(
          List.of(
              figure.row(),
              Integer.toString(figure.samples().size()),
              text(percentile(figure.samples(), 50)),
              text(figure.of(99)),
              text(percentile(figure.samples(), 100)),
              figure.unit(),
              limit == null ? "-" : text(limit),
              limit == null ? "-" : String.format(Locale.ROOT, "%.2f", figure.value() / limit)));
    }
    return Output.table(List.of("ROW", "N", "P50", "P99", "MAX", "UNIT", "LIMIT", "RATIO"), rows);
  }

  private static double rounded(double number) {
    return Math.round(number * 10) / 10.0;
  }

  private static String text(double number) {
    return String.format(Locale.ROOT, "%.0f", number);
  }
}
