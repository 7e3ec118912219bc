package dev.batuta.worker;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Requests;
import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Done;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Drop;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.tracing.Span;
import dev.batuta.tracing.Tracing;
import dev.batuta.worker.AccountPartitions.Batch;
import dev.batuta.worker.Allegiance.Registration;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of one worker under one registration: what it was given for the ledger waits, and is
 * executed in batches that form by what waits ({@link AccountPartitions}); the rest is begun at
 * once ({@link Attempts}). All is reported until the master has acknowledged it. Belongs to one
 * event loop.
 */
final class WorkerSession {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerSession.class);

  /** Then it is repeated: a report that is lost must not cost a client two seconds (SPEC 5). */
  private static final Duration REPORTED_WITHIN = Duration.ofSeconds(1);

  private static final int REPORT_SIZE = 1000;

  /** Of results, so that a report is not too large for a message. */
  private static final int REPORT_CHARACTERS = 1 << 20;

  /** One attempt of one task. */
  private record Held(long id, int attempt) {}

  private final Timers timers;
  private final Requests requests;
  private final LedgerStore ledger;
  private final WorkerSettings settings;
  private final Registration registered;
  private final long term;
  private final AttemptSpans spans;
  private final Runnable fenced;

  /** What is here from its arrival to the acknowledgement of its report, so that it comes once. */
  private final Set<Held> held = new HashSet<>();

  private final Attempts attempts;

  private final AccountPartitions partitions;

  /** For the attempts. */
  private final ArrayDeque<Assignment> others = new ArrayDeque<>();

  private final ArrayDeque<Outcome> outcomes = new ArrayDeque<>();
  private boolean reporting;
  private boolean leaving;
  private boolean over;
  private boolean draining;
  private @Nullable Runnable drained;

  /**
   * @param fenced called once when master or database refuse this registration or term
   */
  WorkerSession(
      Timers timers,
      Requests requests,
      LedgerStore ledger,
      WorkerRuntime runtime,
      WorkerSettings settings,
      Registration registered,
      long term,
      Tracing tracing,
      Runnable fenced) {
    this.timers = timers;
    this.requests = requests;
    this.ledger = ledger;
    this.settings = settings;
    this.registered = registered;
    this.term = term;
    this.spans = new AttemptSpans(tracing, settings.name());
    this.fenced = fenced;
    this.partitions = new AccountPartitions(settings.transactions(), settings.batch());
    this.attempts = runtime.attempts(timers, this::ended);
  }

  /** Takes a batch; one that comes again is acknowledged again and not done twice. */
  Future<Done> take(Run run) {
    if (over || leaving || run.registration() != registered.registration() || run.term() != term) {
      return Future.failedFuture(
          new Refused(
              Failure.Kind.FENCED,
              "registration-refused",
              settings.name()
                  + " does not take work under registration "
                  + run.registration()
                  + " and term "
                  + run.term()
                  + " now."));
    }
    if (held.size() + run.tasks().size() > 2L * settings.credits() + settings.batch()) {
      return Future.failedFuture(
          new Refused(
              new Failure(
                  Failure.Kind.BUSY,
                  "busy",
                  settings.name() + " has more than it can take.",
                  200)));
    }
    for (Assignment given : run.tasks()) {
      if (held.add(new Held(given.id(), given.attempt()))) {
        Assignment task = spans.arrived(given);
        if (AccountPartitions.takes(task.payload())) {
          partitions.add(task);
        } else {
          others.add(task);
        }
      }
    }
    executeWaiting();
    return Future.succeededFuture(new Done());
  }

  /** Leaves out an attempt that has not begun. One that has is finished, and refused. */
  void drop(Drop drop) {
    if (drop.registration() != registered.registration()) {
      return;
    }
    Predicate<Assignment> unwanted =
        task -> task.id() == drop.id() && task.attempt() == drop.attempt();
    List<Assignment> dropped = new ArrayList<>(partitions.remove(unwanted));
    others.stream().filter(unwanted).forEach(dropped::add);
    others.removeIf(unwanted);
    attempts.drop(drop.id(), drop.attempt(), "the task was cancelled");
    report(dropped.stream().map(task -> failed(task, "the task was cancelled", 0)).toList());
  }

  int outstanding() {
    return held.size();
  }

  /** No more is taken; what is here is finished. */
  void leave() {
    leaving = true;
    resume();
  }

  /**
   * Begins nothing more, and finishes what runs. What comes meanwhile is kept, and not begun.
   *
   * @param then called once what ran is reported, unless this {@link #resume}s or ends before
   */
  void drain(Runnable then) {
    draining = true;
    drained = then;
    checkDrained();
  }

  /** Goes on with what was taken. */
  void resume() {
    draining = false;
    drained = null;
    executeWaiting();
  }

  private void checkDrained() {
    Runnable then = drained;
    if (then != null
        && !over
        && !partitions.executing()
        && attempts.running() == 0
        && outcomes.isEmpty()) {
      drained = null;
      timers.next(
          () -> {
            if (!over && draining) {
              then.run();
            }
          });
    }
  }

  /** Nothing more is done or reported. What a transaction has committed meanwhile stays so. */
  void abandon() {
    over = true;
    partitions.remove(_ -> true);
    others.clear();
    outcomes.clear();
    attempts.abandon();
    spans.abandon();
  }

  private void executeWaiting() {
    while (!over && !draining && !others.isEmpty()) {
      attempts.run(others.remove());
    }
    while (!over && !draining) {
      Batch batch = partitions.next().orElse(null);
      if (batch == null) {
        return;
      }
      execute(batch.tasks())
          .onComplete(
              done -> {
                partitions.ended(batch);
                executeWaiting();
                checkDrained();
              });
    }
  }

  /**
   * Executes a batch as one transaction. It may be repeated: what has an outcome is not executed
   * again. A batch that fails for good is halved, until the task that is to blame is alone.
   */
  private Future<Void> execute(List<Assignment> batch) {
    long startedAtMillis = timers.nowMillis();
    List<Span> transaction = spans.ledger(batch);
    return RetryUntilKnown.whilePassing(
            timers,
            () -> ledger.execute(registered.master(), term, settings.name(), batch),
            error -> !over)
        .onComplete(ended -> transaction.forEach(Span::end))
        .map(done -> withRefused(batch, done))
        .recover(
            error -> {
              if (over || Refused.isFenced(error)) {
                return Future.failedFuture(error);
              }
              LOG.atError()
                  .setCause(error)
                  .addKeyValue("worker", settings.name())
                  .addKeyValue("tasks", batch.size())
                  .log("a batch failed");
              return batch.size() == 1
                  ? Future.succeededFuture(
                      List.of(
                          failed(
                              batch.getFirst(),
                              String.valueOf(error.getMessage()),
                              startedAtMillis)))
                  : halves(batch).map(done -> List.of());
            })
        .onSuccess(this::report)
        .onFailure(this::checkFence)
        .mapEmpty();
  }

  private Future<Void> halves(List<Assignment> batch) {
    int half = batch.size() / 2;
    return execute(batch.subList(0, half))
        .compose(done -> execute(batch.subList(half, batch.size())));
  }

  /** What the database left out has a newer attempt: its slot is free again. */
  private List<Outcome> withRefused(List<Assignment> batch, List<Outcome> done) {
    if (done.size() == batch.size()) {
      return done;
    }
    Map<Long, Assignment> missing = new HashMap<>();
    batch.forEach(task -> missing.put(task.id(), task));
    done.forEach(outcome -> missing.remove(outcome.id()));
    List<Outcome> all = new ArrayList<>(done);
    missing
        .values()
        .forEach(task -> all.add(failed(task, "attempt " + task.attempt() + " was given up", 0)));
    return all;
  }

  private Outcome failed(Assignment task, String error, long startedAtMillis) {
    return new Outcome(
        task.id(), task.attempt(), false, null, error, startedAtMillis, timers.nowMillis());
  }

  /** Reported with what ends in the same turn of the event loop. */
  private void ended(Outcome outcome) {
    if (!over) {
      spans.ended(outcome);
      outcomes.add(outcome);
      if (outcomes.size() == 1) {
        timers.next(this::reportWaiting);
      }
    }
  }

  private void report(List<Outcome> done) {
    if (!over) {
      done.forEach(spans::ended);
      outcomes.addAll(done);
      reportWaiting();
    }
  }

  private void reportWaiting() {
    if (reporting || over || outcomes.isEmpty()) {
      return;
    }
    List<Outcome> batch = nextReport();
    Report report = new Report(settings.name(), registered.registration(), batch);
    reporting = true;
    RetryUntilKnown.untilFenced(
            timers,
            () ->
                requests.request(
                    Addresses.workers(registered.master()), report, Done.class, REPORTED_WITHIN),
            error -> !over)
        .onSuccess(
            done -> {
              reporting = false;
              if (!over) {
                batch.forEach(this::acknowledged);
                reportWaiting();
                checkDrained();
              }
            })
        .onFailure(this::checkFence);
  }

  private List<Outcome> nextReport() {
    List<Outcome> batch = new ArrayList<>();
    int characters = 0;
    for (Outcome outcome : outcomes) {
      Result result = outcome.result();
      String json = result == null ? null : result.json();
      characters += json == null ? 0 : json.length();
      if (batch.size() == REPORT_SIZE || (characters > REPORT_CHARACTERS && !batch.isEmpty())) {
        break;
      }
      batch.add(outcome);
    }
    return batch;
  }

  private void acknowledged(Outcome outcome) {
    outcomes.remove();
    held.remove(new Held(outcome.id(), outcome.attempt()));
  }

  private void checkFence(Throwable error) {
    if (!over && Refused.isFenced(error)) {
      abandon();
      fenced.run();
    }
  }
}
