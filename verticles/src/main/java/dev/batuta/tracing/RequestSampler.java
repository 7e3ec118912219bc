package dev.batuta.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/**
 * Records what the client of a request records, and of what clients say nothing of a part. Probes
 * and the page come too often to be of interest: only {@code /api/} begins traces.
 */
final class RequestSampler implements Sampler {
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");

  private final Sampler others;

  /**
   * @param ratio the part of the traces that begin here
   */
  RequestSampler(double ratio) {
    this.others = Sampler.parentBased(Sampler.traceIdRatioBased(ratio));
  }

  @Override
  public SamplingResult shouldSample(
      Context parent,
      String traceId,
      String name,
      SpanKind kind,
      Attributes attributes,
      List<LinkData> links) {
    String path = attributes.get(PATH);
    boolean begins = !Span.fromContext(parent).getSpanContext().isValid();
    return begins && kind == SpanKind.SERVER && path != null && !path.startsWith("/api/")
        ? SamplingResult.drop()
        : others.shouldSample(parent, traceId, name, kind, attributes, links);
  }

  @Override
  public String getDescription() {
    return "requests of the API, then " + others.getDescription();
  }
}
