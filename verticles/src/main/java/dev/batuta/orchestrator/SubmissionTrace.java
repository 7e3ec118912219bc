package dev.batuta.orchestrator;

import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.orchestrator.dispatch.TaskTrace;
import dev.batuta.tracing.CurrentTrace;
import dev.batuta.tracing.Span;
import dev.batuta.tracing.TraceContext;
import dev.batuta.tracing.Tracing;
import io.vertx.core.AsyncResult;
import org.jspecify.annotations.Nullable;

/**
 * Where a submission is in a trace, and its span where that is recorded: from its arrival to its
 * answer.
 *
 * @param traceparent the place that its tasks are given, null outside of a trace
 */
record SubmissionTrace(@Nullable String traceparent, @Nullable Span span) {
  /**
   * The tasks of larger submissions have no spans of their own: thousands in one trace are of no
   * use to anybody. They belong to the trace all the same.
   */
  static final int MOST_SPANNED = 100;

  private static final SubmissionTrace NONE = new SubmissionTrace(null, null);

  /** Of one that arrives now, on the caller's context. */
  static SubmissionTrace begin(Tracing tracing, String server, Submit submit) {
    TraceContext request = CurrentTrace.get();
    if (request == null) {
      return NONE;
    }
    int tasks = submit.tasks().size();
    Span span = tracing.begin("task submit", Span.Kind.INTERNAL, request.toString()).orElse(null);
    TraceContext place = request;
    if (span != null) {
      span.with("batuta.server", server).with("batuta.tasks", tasks);
      place = span.place();
    }
    return new SubmissionTrace((tasks > MOST_SPANNED ? place.unsampled() : place).toString(), span);
  }

  /** That of its tasks, accepted at this moment. */
  @Nullable TaskTrace ofTasks(long nowMillis) {
    return traceparent == null ? null : new TaskTrace(traceparent, nowMillis);
  }

  /** It is answered. */
  void answered(AsyncResult<Accepted> answer) {
    if (span == null) {
      return;
    }
    if (answer.succeeded()) {
      span.with("batuta.task.id", answer.result().ids().getFirst());
    } else {
      span.failed(String.valueOf(answer.cause().getMessage()));
    }
    span.end();
  }
}
