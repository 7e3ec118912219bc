package dev.batuta.node.metrics;

import dev.batuta.metrics.ByConstant;
import dev.batuta.metrics.ByLabel;
import dev.batuta.orchestrator.OrchestratorVerticle;
import dev.batuta.orchestrator.TaskCounts;
import dev.batuta.orchestrator.dispatch.QueueView;
import java.util.Map;
import java.util.TreeMap;

/** The queue of a server, its workers, and what became of its tasks. */
public final class TaskMetrics implements Family {
  private final OrchestratorVerticle orchestrator;

  public TaskMetrics(OrchestratorVerticle orchestrator) {
    this.orchestrator = orchestrator;
  }

  @Override
  public void read(Samples samples) {
    orchestrator.counts().ifPresent(counts -> done(samples, counts));
    // Without a term nobody knows the queue, which is not the same as an empty one.
    orchestrator
        .view()
        .ifPresent(
            view ->
                orchestrator.counts().ifPresent(counts -> queue(samples, view, counts.accepted())));
  }

  private static void queue(Samples samples, QueueView view, ByLabel<?> kinds) {
    samples
        .gauge("queue_depth_tasks", "Tasks that wait for nothing but a worker.")
        .add(view.queued());
    samples
        .gauge(
            "queue_special_tasks",
            "Tasks in the store of kinds that not every worker takes, as far as they are known.")
        .add(view.special());
    samples
        .gauge(
            "queue_oldest_task_age_seconds",
            "How long the first of the tasks that could be sent to a worker has waited, 0 without.")
        .add(view.oldestMillis() / 1e3);
    var ready =
        samples.gauge("queue_ready_tasks", "Tasks in memory that could be sent to a worker.");
    bounded(view.ready(), kinds).forEach((kind, count) -> ready.add(count, "kind", kind));
    var states =
        samples.gauge(
            "tasks",
            "Tasks that have not ended: with a worker, waiting after a failed attempt, all others.");
    states.add(view.pending(), "state", "pending");
    states.add(view.running(), "state", "running");
    states.add(view.failed(), "state", "failed");
    var workers = samples.gauge("workers", "Workers that are registered, own and borrowed ones.");
    workers.add(view.workers().own(), "belonging", "own");
    workers.add(view.workers().borrowed(), "belonging", "borrowed");
    samples
        .gauge("worker_credits", "Tasks that the registered workers take at once together.")
        .add(view.workers().credits());
  }

  /** Of each kind that was ever accepted, so that a queue that is empty shows 0, not nothing. */
  private static Map<String, Long> bounded(Map<String, Integer> sizes, ByLabel<?> kinds) {
    Map<String, Long> sums = new TreeMap<>();
    kinds.all().keySet().forEach(kind -> sums.put(kind, 0L));
    sizes.forEach((kind, size) -> sums.merge(kinds.label(kind), (long) size, Long::sum));
    return sums;
  }

  private static void done(Samples samples, TaskCounts counts) {
    var accepted = samples.counter("tasks_accepted", "Tasks that were accepted.");
    counts.accepted().all().forEach((kind, count) -> accepted.add(count.sum(), "kind", kind));
    var ended =
        samples.counter(
            "tasks_ended",
            "Tasks that ended: done (ok), refused by the ledger (nok), dead, or cancelled.");
    for (TaskCounts.End end : TaskCounts.End.values()) {
      String outcome = ByConstant.label(end);
      counts
          .ended(end)
          .all()
          .forEach((kind, count) -> ended.add(count.sum(), "kind", kind, "outcome", outcome));
    }
    var times =
        samples.histogram(
            "task_dispatch_to_result_seconds",
            "From the sending of a task to a worker until the result is in the database.");
    counts.dispatchToResult().all().forEach((kind, took) -> times.add(took, "kind", kind));
    samples.counters(
        "attempts_given_up",
        "Attempts that brought nothing; those of a server that died are not counted.",
        "cause",
        counts.givenUp().sums());
    samples.counters(
        "worker_changes", "Workers that came and went.", "change", counts.farm().sums());
    samples
        .counter("tasks_adopted", "Tasks of other servers that were taken over.")
        .add(counts.adopted());
    samples
        .counter("queue_terms", "Terms that the queue has had since the start.")
        .add(counts.terms());
  }
}
