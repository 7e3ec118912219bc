package dev.batuta.orchestrator;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.dispatch.Dispatch;
import dev.batuta.orchestrator.dispatch.DispatchEffect;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Complete;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Drop;
import dev.batuta.orchestrator.dispatch.DispatchEffect.End;
import dev.batuta.orchestrator.dispatch.DispatchEffect.FarmChanged;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finished;
import dev.batuta.orchestrator.dispatch.DispatchEffect.GiveUp;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Load;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Lost;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Mark;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Send;
import dev.batuta.orchestrator.dispatch.DispatchEffect.TurnAway;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Welcome;
import dev.batuta.orchestrator.dispatch.DispatchInput;
import dev.batuta.orchestrator.dispatch.DispatchInput.Completed;
import dev.batuta.orchestrator.dispatch.DispatchInput.GaveUp;
import dev.batuta.orchestrator.dispatch.DispatchInput.Verdict;
import dev.batuta.orchestrator.dispatch.QueuedTask;
import dev.batuta.tracing.Span;
import dev.batuta.tracing.Tracing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The spans of the tasks of one term, made by looking at what {@link Dispatch} is told and asks
 * for: how long a task waits, each attempt from its dispatch to its report, and how long its end
 * takes to be persisted. Only of tasks whose trace is recorded; without a collector of none.
 * Belongs to one event loop; holds spans of what is with workers, and of what is being persisted.
 */
final class TaskSpans {
  /** An attempt that is with a worker. */
  private record Dispatched(int attempt, Span span) {}

  private final Tracing tracing;
  private final String server;
  private final long term;
  private final Dispatch dispatch;
  private final Map<Long, Dispatched> dispatched = new HashMap<>();
  private final Map<Long, Span> persisting = new HashMap<>();

  TaskSpans(Tracing tracing, String server, long term, Dispatch dispatch) {
    this.tracing = tracing;
    this.server = server;
    this.term = term;
    this.dispatch = dispatch;
  }

  /**
   * Looks at one step.
   *
   * @return the effects; what is sent says of which dispatch it is a part
   */
  List<DispatchEffect> seen(List<DispatchInput> inputs, List<DispatchEffect> effects) {
    if (!tracing.makesSpans()) {
      return effects;
    }
    inputs.forEach(this::heard);
    return effects.stream().map(this::followed).toList();
  }

  private void heard(DispatchInput input) {
    if (input instanceof Completed(List<End> ends, List<End> refused)) {
      ends.forEach(end -> persisted(end.id(), end.state().name()));
      refused.forEach(end -> persisted(end.id(), "refused"));
    } else if (input instanceof GaveUp(List<Verdict> verdicts)) {
      verdicts.forEach(each -> persisted(each.lost().id(), each.state().name()));
    }
  }

  private DispatchEffect followed(DispatchEffect effect) {
    switch (effect) {
      case Send(String worker, long registration, List<Assignment> tasks) -> {
        return new Send(
            worker, registration, tasks.stream().map(task -> sent(worker, task)).toList());
      }
      case Complete(List<End> ends) -> ends.forEach(end -> reported(end.id(), null));
      case GiveUp(List<Lost> lost) -> lost.forEach(each -> reported(each.id(), each.error()));
      case Finished(List<Finish> tasks) -> tasks.forEach(this::finished);
      case Mark _, Load _, Drop _, Welcome _, TurnAway _, FarmChanged _ -> {}
    }
    return effect;
  }

  private Assignment sent(String worker, Assignment task) {
    String place = task.traceparent();
    QueuedTask queued = place == null ? null : dispatch.queue().get(task.id());
    if (queued == null) {
      return task;
    }
    Dispatched before = dispatched.get(task.id());
    if (before != null && before.attempt == task.attempt()) {
      return task.at(before.span.place().toString()); // sent again
    }
    long readySinceMillis = queued.readySinceMillis();
    return tracing
        .begin("task dispatch", Span.Kind.PRODUCER, place)
        .map(
            span -> {
              tracing
                  .begin("task wait", Span.Kind.INTERNAL, place, readySinceMillis)
                  .ifPresent(wait -> described(wait, task).end());
              dispatched.put(task.id(), new Dispatched(task.attempt(), described(span, task)));
              span.with("batuta.worker", worker);
              return task.at(span.place().toString());
            })
        .orElse(task);
  }

  private Span described(Span span, Assignment task) {
    return span.with("batuta.server", server)
        .with("batuta.term", term)
        .with("batuta.task.id", task.id())
        .with("batuta.task.kind", task.payload().kind())
        .with("batuta.task.attempt", task.attempt());
  }

  private void reported(long id, @Nullable String error) {
    Dispatched over = dispatched.remove(id);
    if (over == null) {
      return;
    }
    if (error != null) {
      over.span.failed(error);
    }
    over.span.end();
    tracing
        .begin("task outcome", Span.Kind.INTERNAL, over.span.place().toString())
        .ifPresent(span -> persisting.put(id, span.with("batuta.task.id", id)));
  }

  private void persisted(long id, String state) {
    Span over = persisting.remove(id);
    if (over != null) {
      over.with("batuta.task.state", state).end();
    }
  }

  /** What a worker has recorded, or somebody has cancelled, was not persisted here. */
  private void finished(Finish task) {
    persisted(task.id(), task.state().name());
    Dispatched over = dispatched.remove(task.id());
    if (over != null) {
      over.span.with("batuta.task.state", task.state().name()).end();
    }
  }

  /** The term is over: what of it goes on is not heard of here. */
  void end() {
    dispatched.values().forEach(open -> open.span.failed("the term is over").end());
    persisting.values().forEach(open -> open.failed("the term is over").end());
    dispatched.clear();
    persisting.clear();
  }
}
