package dev.batuta.tracing;

import io.vertx.core.Future;
import io.vertx.core.spi.tracing.VertxTracer;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The traces of a node. The place that a request gives is always passed on. Spans are made where a
 * collector is configured, of what its client samples, and of so many of the requests that say
 * nothing. Safe on any thread.
 */
public interface Tracing {

  /**
   * Who is told of spans.
   *
   * @param url of OTLP over HTTP, as {@code http://collector:4318/v1/traces}
   * @param ratio of the traces begun here that are recorded, 0 to 1
   */
  record Collector(URI url, double ratio) {}

  /** That passes on, and makes no spans. */
  static Tracing passive() {
    return Passive.INSTANCE;
  }

  /** That tells a collector what a node of a cluster does. */
  static Tracing to(Collector collector, String cluster, String node) {
    return new OpenTelemetryTracing(collector, cluster, node);
  }

  /** Sees the requests by HTTP and over the bus, for the Vert.x of the node. */
  VertxTracer<?, ?> requests();

  /** Whether there is a collector: without one nothing begins. */
  boolean makesSpans();

  /** Begins a trace, where it is recorded. */
  Optional<Span> begin(String name, Span.Kind kind);

  /**
   * Begins a part of something, where that is recorded.
   *
   * @param traceparent the place of which it is a part; null for none
   * @param sinceMillis when it began, in milliseconds since 1970; 0 for now
   */
  Optional<Span> begin(String name, Span.Kind kind, @Nullable String traceparent, long sinceMillis);

  /** As {@link #begin(String, Span.Kind, String, long)}, from now on. */
  default Optional<Span> begin(String name, Span.Kind kind, @Nullable String traceparent) {
    return begin(name, kind, traceparent, 0);
  }

  /** Tells the collector of what has ended, within some seconds, and makes no more. */
  Future<Void> shutdown();
}
