package dev.batuta.orchestrator;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Requests;
import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Done;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Counts;
import dev.batuta.codec.WorkerMessage;
import dev.batuta.codec.WorkerMessage.Run;
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
import dev.batuta.orchestrator.dispatch.DispatchInput.Adopted;
import dev.batuta.orchestrator.dispatch.DispatchInput.GaveUp;
import dev.batuta.orchestrator.dispatch.DispatchInput.Loaded;
import dev.batuta.orchestrator.dispatch.DispatchInput.Marked;
import dev.batuta.orchestrator.dispatch.DispatchInput.OfWorker;
import dev.batuta.orchestrator.dispatch.DispatchInput.Reported;
import dev.batuta.orchestrator.dispatch.DispatchInput.Undelivered;
import dev.batuta.orchestrator.dispatch.DispatchSettings;
import dev.batuta.orchestrator.dispatch.QueuedTask;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.AdoptedTerm;
import dev.batuta.orchestrator.store.TaskStore.Standing;
import dev.batuta.task.TaskId;
import dev.batuta.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One term of the queue of a server: gives {@link Dispatch} its inputs and carries out its effects.
 * It ends when the database refuses the term, and another begins. Belongs to one event loop.
 */
final class QueueTerm {
  private static final Logger LOG = LoggerFactory.getLogger(QueueTerm.class);
  private static final Duration DELIVERY = Duration.ofSeconds(1);
  private static final long REDELIVERY_MILLIS = 200;

  /** Hears what concerns others than the queue. */
  interface Listener {
    /** The outcomes of these are in the database. */
    void finished(List<Finish> tasks);

    /** The database refused this term. */
    void fenced(QueueTerm term);
  }

  private final Timers timers;
  private final Requests requests;
  private final String server;
  private final TaskStore store;
  private final long term;
  private final Dispatch dispatch;
  private final TaskSpans spans;
  private final Tally tally;
  private final LongSupplier now;
  private final TaskCounts counts;
  private final Listener listener;
  private final Set<Long> adopted = new HashSet<>();
  private List<String> heirOf = List.of();
  private boolean looking;
  private boolean adopting;
  private List<DispatchInput> waiting = new ArrayList<>();
  private List<WorkerQuestion> questions = new ArrayList<>();
  private long compactedThrough;
  private boolean endedSince; // since it was last compacted
  private boolean closed;

  QueueTerm(
      Timers timers,
      Requests requests,
      String server,
      TaskStore store,
      TaskStore.Opened opened,
      DispatchSettings settings,
      LongSupplier now,
      Tracing tracing,
      TaskCounts counts,
      Listener listener) {
    this.timers = timers;
    this.requests = requests;
    this.server = server;
    this.store = store;
    this.term = opened.term();
    this.tally = new Tally(opened.counts());
    this.now = now;
    this.counts = counts;
    this.listener = listener;
    opened.adopted().forEach(old -> adopted.add(old.term()));
    this.dispatch = new Dispatch(settings, term, opened.unfinished(), term);
    this.spans = new TaskSpans(tracing, server, term, dispatch);
  }

  long number() {
    return term;
  }

  Dispatch dispatch() {
    return dispatch;
  }

  Counts counts() {
    return tally.counts(dispatch, server, heirOf);
  }

  boolean closed() {
    return closed;
  }

  void close() {
    closed = true;
    spans.end();
  }

  /**
   * Closes, and says to the store if nothing is outstanding, so that the next term gives nothing
   * up. It is said once: when that fails, what may have been dispatched is given up.
   */
  Future<Void> end() {
    if (closed) {
      return Future.succeededFuture();
    }
    close();
    return dispatch.queue().outstanding() > 0
        ? Future.succeededFuture()
        : store.noteDrained(server, term);
  }

  /** Whether a task is of this term, or of one that it has adopted. */
  boolean owns(long id) {
    long of = TaskId.term(id);
    return of == term || adopted.contains(of);
  }

  /** A task that was counted as DEAD runs again. */
  void retried() {
    tally.retried();
  }

  /** Gives an input together with those that come in the same turn of the event loop. */
  void offer(DispatchInput input) {
    waiting.add(input);
    if (waiting.size() == 1) {
      timers.next(this::takeWaiting);
    }
  }

  private void takeWaiting() {
    List<DispatchInput> inputs = waiting;
    waiting = new ArrayList<>();
    step(inputs);
  }

  /**
   * Gives a report together with those that come in the same turn, and its answer: many workers
   * with a task each are then looked through once, not once for each.
   */
  Future<Done> report(Reported report) {
    Future<Done> answer = question(report);
    if (questions.size() == 1) {
      timers.next(() -> step(List.of()));
    }
    return answer;
  }

  /** Gives the input of a worker at once, after what workers reported, and its answer. */
  Future<Done> ask(OfWorker input) {
    Future<Done> answer = question(input);
    step(List.of());
    return answer;
  }

  private Future<Done> question(OfWorker input) {
    Promise<Done> answer = Promise.promise();
    questions.add(new WorkerQuestion(input, answer));
    return answer.future();
  }

  /** One step with what workers said, then with these. */
  private void step(List<DispatchInput> then) {
    List<WorkerQuestion> asked = questions;
    questions = new ArrayList<>();
    if (closed) {
      asked.forEach(each -> each.answer().fail(over()));
    } else if (!asked.isEmpty() || !then.isEmpty()) {
      List<DispatchInput> inputs = new ArrayList<>(asked.size() + then.size());
      asked.forEach(each -> inputs.add(each.input()));
      inputs.addAll(then);
      List<TurnAway> turnedAway = carriedOut(inputs);
      asked.forEach(each -> each.answer(turnedAway));
    }
  }

  /** Carries out what follows, and gives the workers that were turned away. */
  private List<TurnAway> carriedOut(List<DispatchInput> inputs) {
    List<DispatchEffect> effects = spans.seen(inputs, dispatch.step(now.getAsLong(), inputs));
    effects.forEach(this::carryOut);
    return effects.stream()
        .flatMap(effect -> effect instanceof TurnAway turned ? Stream.of(turned) : Stream.empty())
        .toList();
  }

  private Refused over() {
    return Refused.unavailable(
        "queue-moving",
        "The term " + term + " of the queue of " + server + " is over; report again.");
  }

  private void carryOut(DispatchEffect effect) {
    switch (effect) {
      case Mark(long throughId, Scope scope) ->
          untilAnswered(
              () -> store.noteDispatching(server, term, scope, throughId),
              done -> offer(new Marked(throughId, scope)));
      case GiveUp(List<Lost> lost) -> {
        counts.giveUp(lost);
        untilAnswered(
            () -> store.giveUp(server, term, lost.stream().map(StoredEnds::row).toList()),
            answers -> offer(new GaveUp(StoredEnds.verdicts(lost, answers))));
      }
      case Complete(List<End> ends) ->
          untilAnswered(
              () -> store.complete(server, term, ends.stream().map(StoredEnds::row).toList()),
              refused -> offer(StoredEnds.completed(ends, refused)));
      case Load(long afterId, int limit, Scope scope) ->
          untilAnswered(
              () -> store.unfinished(server, term, scope.kinds(), afterId, limit),
              page ->
                  offer(
                      new Loaded(page.stream().map(QueuedTask::of).toList(), page.size() < limit)));
      case Send send -> send(send);
      case Drop(String worker, long registration, long id, int attempt) ->
          requests.request(
              Addresses.worker(worker),
              new WorkerMessage.Drop(server, registration, id, attempt),
              Done.class,
              DELIVERY);
      case Finished(List<Finish> tasks) -> {
        endedSince = true;
        tasks.forEach(tally::add);
        counts.finish(tasks, now.getAsLong());
        listener.finished(tasks);
      }
      case FarmChanged changed -> {
        counts.change(changed.change());
        log(changed);
      }
      case Welcome _, TurnAway _ -> {}
    }
  }

  private void send(Send send) {
    Run run = new Run(server, term, send.tasks(), send.registration());
    requests
        .request(Addresses.worker(send.worker()), run, Done.class, DELIVERY)
        .onFailure(
            error ->
                timers.after(
                    REDELIVERY_MILLIS,
                    () ->
                        offer(new Undelivered(send.worker(), send.registration(), send.tasks()))));
  }

  /** Repeats a call to the database until it has answered, or the term is over. */
  private <T> void untilAnswered(Supplier<Future<T>> call, Consumer<T> then) {
    RetryUntilKnown.untilFenced(timers, call, this::isWorthRepeating)
        .onSuccess(
            answer -> {
              if (!closed) {
                then.accept(answer);
              }
            })
        .onFailure(this::checkFence);
  }

  private boolean isWorthRepeating(Throwable error) {
    if (closed) {
      return false;
    }
    if (Refused.isDefect(error)) {
      LOG.atError()
          .setCause(error)
          .addKeyValue("term", term)
          .log("a call to the database is repeated");
    }
    return true;
  }

  /** Ends the term if this is why something failed. */
  void checkFence(Throwable error) {
    if (!closed && Refused.isFenced(error)) {
      close();
      listener.fenced(this);
    }
  }

  /** Lets the store skip what is finished; to be called every second or so. */
  void compact() {
    long through = dispatch.queue().compactedThrough();
    if ((through > compactedThrough || endedSince) && !closed) {
      compactedThrough = through;
      endedSince = false;
      store
          .compact(server, term, through)
          .onFailure(
              error -> {
                endedSince = true;
                checkFence(error);
              });
    }
  }

  /**
   * Looks whether the term is still in force, and whether the tasks of a dead server were given to
   * this one; to be called every second or so, and when the coordinator says so.
   */
  void look() {
    if (!closed && !looking && !adopting) {
      looking = true;
      store
          .standing(server)
          .onComplete(done -> looking = false)
          .onSuccess(this::stand); // without an answer the next look sees the same
    }
  }

  private void stand(Standing standing) {
    if (closed) {
      return;
    }
    if (standing.term() != term) {
      close();
      listener.fenced(this);
    } else if (standing.terms() > adopted.size()) {
      adopting = true;
      untilAnswered(() -> store.adopt(server, term), this::adopted);
    } else {
      heirOf = standing.heirOf();
    }
  }

  private void adopted(List<AdoptedTerm> all) {
    adopting = false;
    long unfinished = 0;
    for (AdoptedTerm old : all) {
      if (adopted.add(old.term())) {
        unfinished += old.unfinished();
        tally.add(old.counts());
      }
    }
    counts.adopt(unfinished);
    LOG.atInfo()
        .addKeyValue("server", server)
        .addKeyValue("term", term)
        .addKeyValue("tasks", unfinished)
        .log("older tasks adopted");
    offer(new Adopted(unfinished));
    look();
  }

  private void log(FarmChanged changed) {
    String event =
        switch (changed.change()) {
          case JOINED -> "worker registered";
          case RETURNED -> "worker registered again";
          case LEFT -> "worker left";
          case FAILED -> "worker failed";
        };
    LOG.atInfo()
        .addKeyValue("worker", changed.worker())
        .addKeyValue("registration", changed.registration())
        .addKeyValue("master", server)
        .addKeyValue("term", term)
        .addKeyValue("givenUp", changed.lost())
        .log(event);
  }
}
