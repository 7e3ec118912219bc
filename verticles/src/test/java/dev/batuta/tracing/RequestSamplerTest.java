package dev.batuta.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestSamplerTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private static boolean records(double ratio, Context parent, String path) {
    return new RequestSampler(ratio)
            .shouldSample(
                parent,
                TRACE,
                "GET",
                SpanKind.SERVER,
                Attributes.of(AttributeKey.stringKey("url.path"), path),
                List.of())
            .getDecision()
        == SamplingDecision.RECORD_AND_SAMPLE;
  }

  private static Context given(TraceFlags flags) {
    return Context.root()
        .with(
            Span.wrap(
                SpanContext.createFromRemoteParent(
                    TRACE, "b7ad6b7169203331", flags, TraceState.getDefault())));
  }

  @Test
  void onlyRequestsOfTheApiBeginTraces() {
    assertThat(records(1, Context.root(), "/api/v1/tasks")).isTrue();
    assertThat(records(1, Context.root(), "/health/ready")).isFalse();
    assertThat(records(1, Context.root(), "/metrics")).isFalse();
  }

  @Test
  void whatTheClientSaysGoesBeforeTheRatio() {
    assertThat(records(0, given(TraceFlags.getSampled()), "/api/v1/tasks")).isTrue();
    assertThat(records(0, given(TraceFlags.getSampled()), "/health/ready")).isTrue();
    assertThat(records(1, given(TraceFlags.getDefault()), "/api/v1/tasks")).isFalse();
    assertThat(records(0, Context.root(), "/api/v1/tasks")).isFalse();
  }
}
