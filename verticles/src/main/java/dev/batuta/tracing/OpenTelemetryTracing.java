package dev.batuta.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.spi.tracing.VertxTracer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Spans by OpenTelemetry, which sends them from a thread of its own, a second later at most. */
final class OpenTelemetryTracing implements Tracing {
  /** Spans that wait to be sent; more are dropped, so that a collector that is away costs this. */
  private static final int MAX_WAITING = 8192;

  private static final int MAX_SENT_AT_ONCE = 512;
  private static final int MAX_TEXT = 512;
  private static final Duration SENT_WITHIN = Duration.ofSeconds(5);
  private static final Duration SENT_EVERY = Duration.ofSeconds(1);

  private final OpenTelemetrySdk openTelemetry;
  private final Tracer tracer;
  private final VertxTracer<?, ?> requests;

  OpenTelemetryTracing(Collector collector, String cluster, String node) {
    Attributes self =
        Attributes.of(
            AttributeKey.stringKey("service.name"), "batuta",
            AttributeKey.stringKey("service.namespace"), cluster,
            AttributeKey.stringKey("service.instance.id"), node);
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(collector.url().toString())
            .setTimeout(SENT_WITHIN)
            .setRetryPolicy(null) // the next ones go a second later
            .build();
    ToldExporter told = new ToldExporter(exporter, collector.url());
    SpanQueue queue =
        new SpanQueue(
            BatchSpanProcessor.builder(told)
                .setMaxQueueSize(MAX_WAITING)
                .setMaxExportBatchSize(MAX_SENT_AT_ONCE)
                .setScheduleDelay(SENT_EVERY)
                .setExporterTimeout(SENT_WITHIN)
                .build(),
            MAX_WAITING);
    told.beforeEach(queue::sent);
    SdkTracerProvider spans =
        SdkTracerProvider.builder()
            .setResource(Resource.create(self))
            .setSampler(new RequestSampler(collector.ratio()))
            .setSpanLimits(SpanLimits.builder().setMaxAttributeValueLength(MAX_TEXT).build())
            .addSpanProcessor(queue)
            .build();
    this.openTelemetry =
        OpenTelemetrySdk.builder()
            .setTracerProvider(spans)
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    this.tracer = openTelemetry.getTracer("dev.batuta");
    this.requests = new RequestSpans(openTelemetry);
  }

  @Override
  public VertxTracer<?, ?> requests() {
    return requests;
  }

  @Override
  public boolean makesSpans() {
    return true;
  }

  @Override
  public Optional<Span> begin(String name, Span.Kind kind) {
    io.opentelemetry.api.trace.Span begun = builder(name, kind).setNoParent().startSpan();
    return begun.isRecording() ? Optional.of(new Recorded(begun)) : Optional.empty();
  }

  @Override
  public Optional<Span> begin(
      String name, Span.Kind kind, @Nullable String traceparent, long sinceMillis) {
    TraceContext place = TraceContext.parse(traceparent);
    if (place == null || !place.isSampled()) {
      return Optional.empty();
    }
    SpanBuilder builder = builder(name, kind).setParent(parent(place));
    if (sinceMillis > 0) {
      builder.setStartTimestamp(sinceMillis, TimeUnit.MILLISECONDS);
    }
    return Optional.of(new Recorded(builder.startSpan()));
  }

  private static Context parent(TraceContext place) {
    return Context.root()
        .with(
            io.opentelemetry.api.trace.Span.wrap(
                SpanContext.createFromRemoteParent(
                    place.traceId(),
                    place.spanId(),
                    TraceFlags.getSampled(),
                    TraceState.getDefault())));
  }

  private SpanBuilder builder(String name, Span.Kind kind) {
    return tracer
        .spanBuilder(name)
        .setSpanKind(
            switch (kind) {
              case INTERNAL -> SpanKind.INTERNAL;
              case CLIENT -> SpanKind.CLIENT;
              case PRODUCER -> SpanKind.PRODUCER;
              case CONSUMER -> SpanKind.CONSUMER;
            });
  }

  @Override
  public Future<Void> shutdown() {
    Promise<Void> done = Promise.promise();
    // What could not be sent has been told of.
    openTelemetry.shutdown().whenComplete(done::complete);
    return done.future().timeout(SENT_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Where a span of OpenTelemetry is in its trace. */
  static TraceContext place(io.opentelemetry.api.trace.Span span) {
    SpanContext context = span.getSpanContext();
    return new TraceContext(context.getTraceId(), context.getSpanId(), context.isSampled());
  }

  private record Recorded(io.opentelemetry.api.trace.Span span) implements Span {
    @Override
    public TraceContext place() {
      return OpenTelemetryTracing.place(span);
    }

    @Override
    public Span with(String key, String value) {
      span.setAttribute(key, value);
      return this;
    }

    @Override
    public Span with(String key, long value) {
      span.setAttribute(key, value);
      return this;
    }

    @Override
    public Span failed(String why) {
      span.setStatus(StatusCode.ERROR, why);
      return this;
    }

    @Override
    public void end() {
      span.end();
    }
  }
}
