package dev.batuta.tracing;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.spi.tracing.SpanKind;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.core.tracing.TracingPolicy;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Passes on what a request says of its trace, and makes no spans. */
enum Passive implements Tracing, VertxTracer<TraceContext, TraceContext> {
  INSTANCE;

  @Override
  public VertxTracer<?, ?> requests() {
    return this;
  }

  @Override
  public boolean makesSpans() {
    return false;
  }

  @Override
  public Optional<Span> begin(String name, Span.Kind kind) {
    return Optional.empty();
  }

  @Override
  public Optional<Span> begin(
      String name, Span.Kind kind, @Nullable String traceparent, long sinceMillis) {
    return Optional.empty();
  }

  @Override
  public Future<Void> shutdown() {
    return Future.succeededFuture();
  }

  @Override
  public <R> @Nullable TraceContext receiveRequest(
      Context context,
      SpanKind kind,
      TracingPolicy policy,
      R request,
      String operation,
      Iterable<Map.Entry<String, String>> headers,
      TagExtractor<R> tags) {
    TraceContext given = TraceContext.given(headers);
    if (given != null) {
      CurrentTrace.set(context, given);
    }
    return given;
  }

  @Override
  public <R> @Nullable TraceContext sendRequest(
      Context context,
      SpanKind kind,
      TracingPolicy policy,
      R request,
      String operation,
      BiConsumer<String, String> headers,
      TagExtractor<R> tags) {
    TraceContext here = policy == TracingPolicy.IGNORE ? null : CurrentTrace.of(context);
    if (here != null) {
      headers.accept(TraceContext.HEADER, here.toString());
    }
    return null;
  }
}
