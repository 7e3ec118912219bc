package dev.batuta.orchestrator;

import dev.batuta.bus.Retry;
import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.bus.RetryUntilKnown.Known;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.orchestrator.dispatch.DispatchInput;
import dev.batuta.orchestrator.dispatch.DispatchInput.Withdrawn;
import dev.batuta.orchestrator.dispatch.QueuedTask;
import dev.batuta.orchestrator.dispatch.TaskTrace;
import dev.batuta.orchestrator.dispatch.Weight;
import dev.batuta.orchestrator.store.IdRange;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Takes submissions into the database, several transactions side by side; those without a key that
 * one user sends while they all are busy share one. A submission is answered when it is committed,
 * or when it is sure that it will not be; when neither is known in time, with UNKNOWN, and the
 * question is pursued until the queue knows whether the tasks are its own. Belongs to one event
 * loop.
 */
public final class Admission {
  /** Most tasks, by {@link Weight}, that wait to be accepted; more are refused. */
  static final int MAX_WAITING = 100_000;

  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(5);
  private static final long RETRY_AFTER_MILLIS = 500;

  private record Submission(
      Submit submit,
      List<NewTask> tasks,
      int weight,
      SubmissionTrace trace,
      Promise<Accepted> answer) {
    boolean sharesWith(Submission other) {
      return submit.key() == null
          && other.submit.key() == null
          && submit.user().equals(other.submit.user());
    }
  }

  private final Timers timers;
  private final String server;
  private final TaskStore store;
  private final OrchestratorSettings settings;
  private final OwnQueue queue;
  private final Tracing tracing;
  private final ArrayDeque<Submission> waiting = new ArrayDeque<>();
  private int waitingWeight;
  private int underWay;

  /** Into the queue of a server, under whatever term is in force. */
  public Admission(
      Timers timers,
      String server,
      TaskStore store,
      OrchestratorSettings settings,
      OwnQueue queue,
      Tracing tracing) {
    this.timers = timers;
    this.server = server;
    this.store = store;
    this.settings = settings;
    this.queue = queue;
    this.tracing = tracing;
  }

  /** Answers once they are committed, or surely will not be. */
  public Future<Accepted> submit(Submit submit) {
    List<NewTask> tasks;
    try {
      tasks = TaskRules.checked(submit, settings.maxAttempts());
    } catch (Refused refused) {
      return Future.failedFuture(refused);
    }
    int weight = Weight.of(tasks);
    if (waiting.size() >= settings.maxSubmissions() || waitingWeight + weight > MAX_WAITING) {
      return Future.failedFuture(busy("Too many submissions wait"));
    }
    Promise<Accepted> answer = Promise.promise();
    SubmissionTrace trace = SubmissionTrace.begin(tracing, server, submit);
    answer.future().onComplete(trace::answered);
    waiting.add(new Submission(submit, tasks, weight, trace, answer));
    waitingWeight += weight;
    acceptWaiting();
    return answer.future();
  }

  private void acceptWaiting() {
    while (underWay < settings.acceptances() && !waiting.isEmpty()) {
      List<Submission> batch = takeBatch();
      underWay++;
      accept(batch)
          .onComplete(
              done -> {
                underWay--;
                acceptWaiting();
              });
    }
  }

  private List<Submission> takeBatch() {
    List<Submission> batch = new ArrayList<>();
    Submission next = waiting.peek();
    int weight = 0;
    while (next != null
        && (batch.isEmpty()
            || (next.sharesWith(batch.getFirst())
                && weight + next.weight() <= settings.dispatch().batch()))) {
      batch.add(waiting.remove());
      weight += next.weight();
      next = waiting.peek();
    }
    waitingWeight -= weight;
    return batch;
  }

  /** Completes when this batch is over, however it ended; each submitter has its own answer. */
  private Future<Void> accept(List<Submission> batch) {
    return queue
        .termSoon()
        .compose(now -> acceptUnder(now, batch))
        .recover(
            error -> {
              batch.forEach(submission -> submission.answer().tryFail(error));
              return Future.succeededFuture();
            });
  }

  private Future<Void> acceptUnder(QueueTerm now, List<Submission> batch) {
    List<NewTask> tasks =
        batch.size() == 1
            ? batch.getFirst().tasks()
            : batch.stream().flatMap(s -> s.tasks().stream()).toList();
    OptionalLong reserved = now.dispatch().reserve(tasks.size());
    if (reserved.isEmpty()) {
      return Future.failedFuture(busy("The queue of " + server + " is full"));
    }
    long firstId = reserved.getAsLong();
    Submit first = batch.getFirst().submit();
    return RetryUntilKnown.ask(
            timers,
            () ->
                store.accept(
                    server,
                    now.number(),
                    first.user(),
                    first.key(),
                    firstId,
                    tasks,
                    traceparents(batch)),
            () -> true,
            unknown -> answerSoon(batch, unknown))
        .compose(
            known ->
                switch (known) {
                  case Known.Answered<Accepted>(Accepted accepted, _) ->
                      released(now, batch, firstId, accepted);
                  case Known.Failed<Accepted>(Throwable why, boolean wasDoubtful) ->
                      refused(now, batch, firstId, tasks, why, wasDoubtful);
                });
  }

  /** Tells those who are still waiting then that it is not known what became of their tasks. */
  private void answerSoon(List<Submission> batch, Refused unknown) {
    timers.after(
        KNOWN_WITHIN.toMillis(),
        () -> batch.forEach(submission -> submission.answer().tryFail(unknown)));
  }

  private Future<Void> released(
      QueueTerm now, List<Submission> batch, long firstId, Accepted accepted) {
    boolean own = accepted.ids().getFirst() == firstId;
    if (own) {
      List<QueuedTask> entries = entries(firstId, batch);
      queue.counts().accept(entries);
      now.offer(new DispatchInput.Accepted(firstId, entries));
    } else {
      now.offer(new Withdrawn(firstId));
    }
    int from = 0;
    for (Submission submission : batch) {
      int to = from + submission.tasks().size();
      submission.answer().tryComplete(new Accepted(accepted.ids().subList(from, to), !own));
      from = to;
    }
    return Future.succeededFuture();
  }

  private Future<Void> refused(
      QueueTerm now,
      List<Submission> batch,
      long firstId,
      List<NewTask> tasks,
      Throwable error,
      boolean doubtful) {
    if (!Refused.isFenced(error)) {
      now.offer(new Withdrawn(firstId));
      return Future.failedFuture(error);
    }
    now.checkFence(error);
    if (!doubtful) {
      return accept(batch);
    }
    // Committed before the fence, or never: the term is over, so reading once tells.
    return Retry.whileFailing(
            timers,
            () -> store.read(firstId),
            again -> again instanceof Refused,
            RetryUntilKnown.MAX_PAUSE)
        .compose(
            found ->
                found.isPresent()
                    ? released(
                        now,
                        batch,
                        firstId,
                        new Accepted(new IdRange(firstId, tasks.size()), false))
                    : accept(batch));
  }

  private List<QueuedTask> entries(long firstId, List<Submission> batch) {
    List<QueuedTask> entries = new ArrayList<>(batch.getFirst().tasks().size());
    for (Submission submission : batch) {
      TaskTrace trace = submission.trace().ofTasks(timers.nowMillis());
      for (NewTask task : submission.tasks()) {
        entries.add(
            new QueuedTask(
                firstId + entries.size(),
                task.payload(),
                task.priority(),
                task.notBeforeMillis(),
                task.timeoutMillis(),
                1,
                task.maxAttempts(),
                trace));
      }
    }
    return entries;
  }

  /** Of each task; empty where none is in a trace. */
  private static List<@Nullable String> traceparents(List<Submission> batch) {
    if (batch.stream().allMatch(submission -> submission.trace().traceparent() == null)) {
      return List.of();
    }
    List<@Nullable String> all = new ArrayList<>();
    for (Submission submission : batch) {
      all.addAll(Collections.nCopies(submission.tasks().size(), submission.trace().traceparent()));
    }
    return all;
  }

  private static Refused busy(String why) {
    return new Refused(
        new Failure(
            Failure.Kind.BUSY,
            "busy",
            why + "; try again in " + RETRY_AFTER_MILLIS + " ms.",
            RETRY_AFTER_MILLIS));
  }
}
