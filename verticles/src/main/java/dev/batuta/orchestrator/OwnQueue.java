package dev.batuta.orchestrator;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Requests;
import dev.batuta.bus.Retry;
import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Done;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Inherit;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Unregister;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import dev.batuta.database.Database;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.DispatchInput.Alive;
import dev.batuta.orchestrator.dispatch.DispatchInput.Draining;
import dev.batuta.orchestrator.dispatch.DispatchInput.Joined;
import dev.batuta.orchestrator.dispatch.DispatchInput.Left;
import dev.batuta.orchestrator.dispatch.DispatchInput.Reported;
import dev.batuta.orchestrator.dispatch.DispatchInput.Tick;
import dev.batuta.orchestrator.dispatch.FarmView;
import dev.batuta.orchestrator.dispatch.QueueView;
import dev.batuta.orchestrator.dispatch.Stranded;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The queue of one server over its terms, and what its workers find there: it takes a term as soon
 * as the database answers, and another one when that is refused. Belongs to one event loop.
 */
public final class OwnQueue {
  private static final Logger LOG = LoggerFactory.getLogger(OwnQueue.class);
  private static final long TERM_WITHIN_MILLIS = 2000;
  private static final Duration TOLD_WITHIN = Duration.ofSeconds(2);

  /** Hears what concerns others than the queue. */
  public interface Listener {
    /** The outcomes of these are in the database. */
    void finished(List<Finish> tasks);

    /** A term has begun: the tasks of this server may be others than before. */
    void opened();
  }

  private final Timers timers;
  private final Requests requests;
  private final String server;
  private final TaskStore store;
  private final OrchestratorSettings settings;
  private final LongSupplier now;
  private final Tracing tracing;
  private final Listener listener;
  private final Stranded stranded;
  private final TaskCounts counts = new TaskCounts();
  private Promise<QueueTerm> term = Promise.promise();
  private @Nullable QueueTerm current;
  private Future<Boolean> giving = Future.succeededFuture(false);
  private boolean draining;
  private boolean closed;

  /**
   * @param now milliseconds since 1970 that never run back
   * @param tracing makes the spans of the tasks
   */
  public OwnQueue(
      Timers timers,
      Requests requests,
      String server,
      TaskStore store,
      OrchestratorSettings settings,
      LongSupplier now,
      Tracing tracing,
      Listener listener) {
    this.timers = timers;
    this.requests = requests;
    this.server = server;
    this.store = store;
    this.settings = settings;
    this.now = now;
    this.tracing = tracing;
    this.listener = listener;
    this.stranded = new Stranded(settings.stranded());
  }

  /** Takes a term, as often as it needs. */
  public void open() {
    Retry.whileFailing(
            timers,
            () -> store.open(server),
            error -> !closed && notePause(error),
            RetryUntilKnown.MAX_PAUSE)
        .onSuccess(this::begin);
  }

  private static boolean notePause(Throwable error) {
    LOG.atLevel(Database.isAway(error) ? Level.DEBUG : Level.WARN)
        .addKeyValue("why", error.getMessage())
        .log("no term for the queue yet");
    return true;
  }

  private void begin(TaskStore.Opened opened) {
    if (closed) {
      return;
    }
    LOG.atInfo()
        .addKeyValue("server", server)
        .addKeyValue("term", opened.term())
        .addKeyValue("tasks", opened.counts())
        .log("queue opened");
    QueueTerm next =
        new QueueTerm(
            timers,
            requests,
            server,
            store,
            opened,
            settings.dispatch(),
            now,
            tracing,
            counts,
            new Follower());
    counts.beginTerm();
    current = next;
    if (draining) {
      next.offer(new Draining());
    }
    term.tryComplete(next);
    listener.opened();
  }

  private final class Follower implements QueueTerm.Listener {
    @Override
    public void finished(List<Finish> tasks) {
      listener.finished(tasks);
    }

    @Override
    public void fenced(QueueTerm old) {
      LOG.atWarn()
          .addKeyValue("server", server)
          .addKeyValue("term", old.number())
          .log("the term is over, another is taken");
      withoutTerm();
      openAgain();
    }
  }

  /** From now on whoever asks waits for the next term. */
  private void withoutTerm() {
    current = null;
    term = Promise.promise();
  }

  private void openAgain() {
    if (!closed) {
      open();
    }
  }

  /**
   * Gives the tasks to another server when they are {@link Stranded}, and goes on under a new term;
   * to be called several times a second.
   *
   * @param relief who may have them, see {@link Placement#relief}
   */
  public void relieve(Supplier<Optional<String>> relief) {
    QueueTerm last = current;
    if (last != null && !draining) {
      stranded
          .look(now.getAsLong(), last.dispatch().sight(), relief.get())
          .ifPresent(heir -> giveAway(last, heir));
    }
  }

  /** Nothing that was with a worker is left: the end of the term costs no attempts. */
  private void giveAway(QueueTerm last, String heir) {
    LOG.atInfo()
        .addKeyValue("server", server)
        .addKeyValue("term", last.number())
        .addKeyValue("tasks", last.dispatch().queue().load())
        .addKeyValue("heir", heir)
        .log("no worker takes the tasks here, another server is to have them");
    withoutTerm();
    last.close();
    giving =
        RetryUntilKnown.whilePassing(
                timers,
                () -> store.giveAway(server, last.number(), heir),
                error -> !closed && noteWaiting(error))
            .onSuccess(given -> noteUnlessGiven(given, heir))
            // That it is fenced may be the doing of a call before, whose answer was lost.
            .otherwise(error -> Refused.isFenced(error) || noteRefusal(error))
            .onSuccess(
                given -> {
                  if (given) {
                    tell(heir);
                  }
                  openAgain();
                });
  }

  private static boolean noteRefusal(Throwable error) {
    LOG.atWarn().addKeyValue("why", error.getMessage()).log("the tasks could not be given away");
    return false;
  }

  private static boolean noteWaiting(Throwable error) {
    LOG.atLevel(Database.isAway(error) ? Level.DEBUG : Level.WARN)
        .addKeyValue("why", error.getMessage())
        .log("the tasks are not given away yet");
    return true;
  }

  private static void noteUnlessGiven(boolean given, String heir) {
    if (!given) {
      LOG.atWarn()
          .addKeyValue("heir", heir)
          .log("the tasks stay here: the other server is dead, or has no open queue");
    }
  }

  /** It finds out by itself when this is lost. */
  private void tell(String heir) {
    requests.request(Addresses.tasks(heir), new Inherit(server, 0), Done.class, TOLD_WITHIN);
  }

  /** The term in force, if there is one. */
  Optional<QueueTerm> current() {
    return Optional.ofNullable(current);
  }

  /** The term in force; waits a little for one. */
  Future<QueueTerm> termSoon() {
    Promise<QueueTerm> soon = Promise.promise();
    term.future().onSuccess(soon::tryComplete);
    if (!soon.future().isComplete()) {
      timers.after(TERM_WITHIN_MILLIS, () -> soon.tryFail(noTerm()));
    }
    return soon.future();
  }

  /** Asks the term in force; fails with UNAVAILABLE when there is none. */
  <T> Future<T> ask(Function<QueueTerm, Future<T>> action) {
    QueueTerm term = current;
    return term == null ? Future.failedFuture(noTerm()) : action.apply(term);
  }

  private Refused noTerm() {
    return giving.isComplete()
        ? noTerm("database-unreachable", "waits for the database")
        : noTerm("queue-moving", "is being given to another server");
  }

  private Refused noTerm(String code, String why) {
    return new Refused(
        new Failure(
            Failure.Kind.UNAVAILABLE,
            code,
            "The queue of " + server + " " + why + "; nothing happened. Try again in a second.",
            1000));
  }

  /** The answer to a message of a worker. */
  public Future<? extends Message> answerWorker(Message message) {
    return switch (message) {
      case Register r ->
          ask(
              term ->
                  term.ask(
                          new Joined(
                              r.worker(),
                              r.home(),
                              r.registration(),
                              r.credits(),
                              r.kinds(),
                              r.via()))
                      .map(
                          done ->
                              new Registered(
                                  server,
                                  term.number(),
                                  settings.dispatch().heartbeat().toMillis())));
      case WorkerAlive alive ->
          ask(
              term ->
                  term.ask(
                      new Alive(
                          alive.worker(), alive.registration(), alive.leaving(), alive.resting())));
      case Report report ->
          ask(
              term ->
                  term.report(
                      new Reported(report.worker(), report.registration(), report.outcomes())));
      case Unregister leave ->
          ask(term -> term.ask(new Left(leave.worker(), leave.registration(), leave.drained())));
      default -> Future.failedFuture(unexpected(message));
    };
  }

  static Refused unexpected(Message message) {
    return new Refused(
        Failure.Kind.INVALID,
        "unexpected-message",
        message.getClass().getSimpleName() + " is not for an orchestrator.");
  }

  /** Lets time pass; to be called several times within a heartbeat. */
  public void tick() {
    onTerm(term -> term.offer(new Tick()));
  }

  /** Lets the store skip what is finished; to be called every second or so. */
  public void compact() {
    onTerm(QueueTerm::compact);
  }

  /** See {@link QueueTerm#look}; to be called every second or so. */
  public void look() {
    onTerm(QueueTerm::look);
  }

  private void onTerm(Consumer<QueueTerm> action) {
    QueueTerm term = current;
    if (term != null) {
      action.accept(term);
    }
  }

  /** Tasks of this server that wait or run, as far as they are known. */
  public int load() {
    return current().map(term -> term.dispatch().queue().load()).orElse(0);
  }

  /** The workers of this server; none without a term. */
  public Optional<FarmView> farm() {
    return current().map(term -> term.dispatch().farm());
  }

  /** How the queue stands, for who watches it; nothing without a term. */
  public Optional<QueueView> view() {
    return current().map(term -> term.dispatch().view(server));
  }

  /** What was done since this process started. */
  public TaskCounts counts() {
    return counts;
  }

  /** Tasks that are in memory. */
  public int inMemory() {
    return current().map(term -> term.dispatch().queue().size()).orElse(0);
  }

  /** Tasks that are with a worker, or that were and of which the end is being persisted. */
  public int outstanding() {
    return current().map(term -> term.dispatch().queue().outstanding()).orElse(0);
  }

  /** From now on nothing more is sent. */
  public void drain() {
    draining = true;
    onTerm(term -> term.offer(new Draining()));
  }

  /**
   * Nothing more is done. Completes when the database knows whether anything is left outstanding,
   * or fails when it may not know: then a restart costs attempts, and nothing else.
   */
  public Future<Void> close() {
    closed = true;
    QueueTerm last = current;
    current = null; // from now on whoever asks is told that there is no term
    return last == null ? giving.mapEmpty() : last.end();
  }
}
