package dev.batuta.tracing;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spans that wait to be sent, so many and no more: a collector that is slower than they come costs
 * that memory and the others, and both is said in the log. OpenTelemetry's own queue (1.68.0) drops
 * without a word. Safe on any thread.
 */
final class SpanQueue implements SpanProcessor {
  private static final Logger LOG = LoggerFactory.getLogger(SpanQueue.class);

  private final SpanProcessor to;
  private final int most;
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  /**
   * @param to has room for as many
   * @param most that may wait
   */
  SpanQueue(SpanProcessor to, int most) {
    this.to = to;
    this.most = most;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (!span.getSpanContext().isSampled()) {
      return;
    }
    if (waiting.incrementAndGet() <= most) {
      to.onEnd(span);
      return;
    }
    waiting.decrementAndGet();
    if (dropped.incrementAndGet() == 1) {
      LOG.atWarn()
          .addKeyValue("waiting", most)
          .log("spans are dropped: the collector of tracing.otlp takes fewer than come");
    }
  }

  /** So many are on their way; called for each batch. */
  void sent(int spans) {
    long left = waiting.addAndGet(-spans);
    if (left < most / 2) {
      tellDropped();
    }
  }

  private void tellDropped() {
    long lost = dropped.getAndSet(0);
    if (lost > 0) {
      LOG.atInfo().addKeyValue("dropped", lost).log("no more spans are dropped");
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public CompletableResultCode forceFlush() {
    return to.forceFlush();
  }

  @Override
  public CompletableResultCode shutdown() {
    tellDropped();
    return to.shutdown();
  }
}
