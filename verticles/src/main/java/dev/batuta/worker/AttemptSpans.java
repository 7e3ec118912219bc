package dev.batuta.worker;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.tracing.Span;
import dev.batuta.tracing.Tracing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The spans of the attempts of one registration of a worker, from their arrival to their outcome,
 * where their trace is recorded. Belongs to one event loop; holds spans of what is here.
 */
final class AttemptSpans {
  private record Attempt(long id, int number) {}

  private final Tracing tracing;
  private final String worker;
  private final Map<Attempt, Span> open = new HashMap<>();

  AttemptSpans(Tracing tracing, String worker) {
    this.tracing = tracing;
    this.worker = worker;
  }

  /** One has arrived; what is done for it is a part of its span from now on. */
  Assignment arrived(Assignment task) {
    return tracing
        .begin("task attempt", Span.Kind.CONSUMER, task.traceparent())
        .map(
            span -> {
              open.put(
                  new Attempt(task.id(), task.attempt()),
                  span.with("batuta.worker", worker)
                      .with("batuta.task.id", task.id())
                      .with("batuta.task.kind", task.payload().kind())
                      .with("batuta.task.attempt", task.attempt()));
              return task.at(span.place().toString());
            })
        .orElse(task);
  }

  /** A transaction of the ledger begins for these; each has its span of it, to be ended. */
  List<Span> ledger(List<Assignment> batch) {
    if (open.isEmpty()) {
      return List.of();
    }
    return batch.stream()
        .map(task -> tracing.begin("ledger transaction", Span.Kind.CLIENT, task.traceparent()))
        .flatMap(Optional::stream)
        .map(span -> span.with("batuta.ledger.batch", batch.size()))
        .toList();
  }

  void ended(Outcome outcome) {
    Span over = open.isEmpty() ? null : open.remove(new Attempt(outcome.id(), outcome.attempt()));
    if (over == null) {
      return;
    }
    if (outcome.error() != null) {
      over.failed(outcome.error());
    }
    over.end();
  }

  /** Nothing more is heard of what is here. */
  void abandon() {
    open.values().forEach(span -> span.failed("the worker serves another master now").end());
    open.clear();
  }
}
