package dev.batuta.node.metrics;

import dev.batuta.metrics.Durations;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Collects what Prometheus is to read. A name is given without {@code batuta_} before it and
 * without what its type puts behind it ({@code _total}, {@code _bucket}, {@code _info}), but with
 * its unit; one that gets no value is not shown. Belongs to one thread.
 */
public final class Samples {
  private static final String PREFIX = "batuta_";

  private static final List<Double> BOUNDS =
      Stream.concat(Durations.boundsSeconds().stream(), Stream.of(Double.POSITIVE_INFINITY))
          .toList();

  private final List<Supplier<MetricSnapshot>> all = new ArrayList<>();

  /** One metric, of which each value has labels of its own. */
  @FunctionalInterface
  interface Metric<V> {
    /**
     * Adds a value.
     *
     * @param labels name and value of each
     */
    void add(V value, String... labels);
  }

  /** What may go up and down. */
  Metric<Number> gauge(String name, String help) {
    GaugeSnapshot.Builder made = GaugeSnapshot.builder().name(PREFIX + name).help(help);
    all.add(made::build);
    return (value, labels) ->
        made.dataPoint(
            GaugeDataPointSnapshot.builder()
                .value(value.doubleValue())
                .labels(Labels.of(labels))
                .build());
  }

  /** One that is 1 or 0. */
  void truth(String name, String help, boolean isTrue) {
    gauge(name, help).add(isTrue ? 1 : 0);
  }

  /** What only grows while the process lives. */
  Metric<Number> counter(String name, String help) {
    CounterSnapshot.Builder made = CounterSnapshot.builder().name(PREFIX + name).help(help);
    all.add(made::build);
    return (value, labels) ->
        made.dataPoint(
            CounterDataPointSnapshot.builder()
                .value(value.doubleValue())
                .labels(Labels.of(labels))
                .build());
  }

  /** A counter with one label. */
  void counters(String name, String help, String label, Map<String, ? extends Number> values) {
    Metric<Number> counter = counter(name, help);
    values.forEach((value, count) -> counter.add(count, label, value));
  }

  /** How long something took, in seconds. */
  Metric<Durations> histogram(String name, String help) {
    HistogramSnapshot.Builder made = HistogramSnapshot.builder().name(PREFIX + name).help(help);
    all.add(made::build);
    return (durations, labels) -> {
      Durations.Figures now = durations.figures();
      made.dataPoint(
          HistogramDataPointSnapshot.builder()
              .classicHistogramBuckets(ClassicHistogramBuckets.of(BOUNDS, now.counts()))
              .sum(now.sumSeconds())
              .labels(Labels.of(labels))
              .build());
    };
  }

  /** What is told by labels alone; its value is 1. */
  void info(String name, String help, String... labels) {
    InfoSnapshot made =
        InfoSnapshot.builder()
            .name(PREFIX + name)
            .help(help)
            .dataPoint(InfoDataPointSnapshot.builder().labels(Labels.of(labels)).build())
            .build();
    all.add(() -> made);
  }

  MetricSnapshots all() {
    MetricSnapshots.Builder built = MetricSnapshots.builder();
    all.forEach(metric -> built.metricSnapshot(metric.get()));
    return built.build();
  }
}
