package dev.batuta.node;

import io.micrometer.core.instrument.Tag;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.spi.observability.HttpRequest;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What Vert.x counts, with labels of which there are only so many. By itself it makes series of
 * each method of a request, and keeps them (vertx-micrometer-metrics 5.0.10); but a method is
 * whatever word a client writes, also one that nobody knows.
 */
final class VertxMetrics {
  private static final Set<HttpMethod> METHODS =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.POST,
          HttpMethod.PUT,
          HttpMethod.PATCH,
          HttpMethod.DELETE,
          HttpMethod.OPTIONS);

  private static final String OTHER = "OTHER";

  private VertxMetrics() {}

  static MicrometerMetricsOptions options() {
    Set<Label> bounded = new HashSet<>(MicrometerMetricsOptions.DEFAULT_LABELS);
    bounded.remove(Label.HTTP_METHOD);
    return new MicrometerMetricsOptions()
        .setEnabled(true)
        .setLabels(bounded)
        .setServerRequestTagsProvider(request -> List.of(method(request)))
        .setDisabledMetricsCategories(
            Set.of(MetricsDomain.EVENT_BUS.toCategory(), MetricsDomain.NAMED_POOLS.toCategory()));
  }

  private static Tag method(HttpRequest request) {
    boolean known = METHODS.contains(request.method());
    return Tag.of(Label.HTTP_METHOD.toString(), known ? request.method().name() : OTHER);
  }
}
