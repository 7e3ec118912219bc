package dev.batuta.node.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** All families of a node, which come as its roles start. Safe on any thread. */
public final class OwnMetrics implements MultiCollector {
  private final PrometheusMeterRegistry registry;
  private final List<Family> families = new CopyOnWriteArrayList<>();

  private OwnMetrics(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  /** Shows them beside what is in a registry. */
  public static OwnMetrics in(PrometheusMeterRegistry registry) {
    OwnMetrics own = new OwnMetrics(registry);
    registry.getPrometheusRegistry().register(own);
    return own;
  }

  /** What they are shown beside, and by which all is read. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** From now on these are read too. */
  public void add(Collection<? extends Family> more) {
    families.addAll(more);
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    families.forEach(family -> family.read(samples));
    return samples.all();
  }
}
