package dev.batuta.tracing;

import io.opentelemetry.api.OpenTelemetry;
import io.vertx.core.Context;
import io.vertx.core.spi.tracing.SpanKind;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.core.tracing.TracingOptions;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.tracing.opentelemetry.OpenTelemetryTracingFactory;
import io.vertx.tracing.opentelemetry.Operation;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The spans of requests, which vertx-opentelemetry makes; each is the {@link CurrentTrace} of its
 * request.
 */
final class RequestSpans implements VertxTracer<Operation, Operation> {
  private final VertxTracer<Operation, Operation> spans;

  /** The factory's tracer is of {@link Operation}s, though its type does not say so. */
  @SuppressWarnings("unchecked")
  RequestSpans(OpenTelemetry openTelemetry) {
    this.spans =
        (VertxTracer<Operation, Operation>)
            new OpenTelemetryTracingFactory(openTelemetry).tracer(new TracingOptions());
  }

  @Override
  public <R> @Nullable Operation receiveRequest(
      Context context,
      SpanKind kind,
      TracingPolicy policy,
      R request,
      String operation,
      Iterable<Map.Entry<String, String>> headers,
      TagExtractor<R> tags) {
    // OpenTelemetry takes the first of several, which nobody may rely on.
    boolean isGiven = TraceContext.given(headers) != null;
    Operation begun =
        spans.receiveRequest(
            context, kind, policy, request, operation, isGiven ? headers : List.of(), tags);
    if (begun != null) {
      CurrentTrace.set(context, OpenTelemetryTracing.place(begun.span()), begun.span()::updateName);
    }
    return begun;
  }

  @Override
  public <R> void sendResponse(
      Context context, R response, Operation begun, @Nullable Throwable why, TagExtractor<R> tags) {
    spans.sendResponse(context, response, begun, why, tags);
  }

  @Override
  public <R> @Nullable Operation sendRequest(
      Context context,
      SpanKind kind,
      TracingPolicy policy,
      R request,
      String operation,
      BiConsumer<String, String> headers,
      TagExtractor<R> tags) {
    return spans.sendRequest(context, kind, policy, request, operation, headers, tags);
  }

  @Override
  public <R> void receiveResponse(
      Context context, R response, Operation begun, @Nullable Throwable why, TagExtractor<R> tags) {
    spans.receiveResponse(context, response, begun, why, tags);
  }
}
