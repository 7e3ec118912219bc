package dev.batuta.orchestrator;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Retry;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.AskCounts;
import dev.batuta.codec.TaskMessage.AskRunning;
import dev.batuta.codec.TaskMessage.Inherit;
import dev.batuta.codec.TaskMessage.ListTasks;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.Running;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Unregister;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import dev.batuta.orchestrator.DispatchEffect.Finish;
import dev.batuta.orchestrator.DispatchInput.Alive;
import dev.batuta.orchestrator.DispatchInput.Draining;
import dev.batuta.orchestrator.DispatchInput.Joined;
import dev.batuta.orchestrator.DispatchInput.Left;
import dev.batuta.orchestrator.DispatchInput.Reported;
import dev.batuta.orchestrator.DispatchInput.Tick;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The owner of the queue of one server, and the master of its workers. It serves {@link
 * Addresses#tasks} and {@link Addresses#workers} of its node from the start, and takes a term for
 * its queue as soon as the database answers; until then it refuses with UNAVAILABLE.
 */
public final class OrchestratorVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(OrchestratorVerticle.class);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(2);
  private static final long TICK_MILLIS = 50;
  private static final long SETTLE_MILLIS = 1000;
  private static final long LOOK_MILLIS = 1000;
  private static final long TERM_WITHIN_MILLIS = 2000;

  private final Bus bus;
  private final TaskStore store;
  private final OrchestratorSettings settings;
  private final Supplier<List<String>> servers;
  private final long startMillis = System.currentTimeMillis();
  private final long startNanos = System.nanoTime();
  private Promise<QueueTerm> term = Promise.promise();
  private @Nullable QueueTerm current;
  private @Nullable Submissions submissions;
  private @Nullable TaskReader reader;
  private @Nullable Waiters waiters;
  private volatile int load;
  private boolean draining;
  private boolean stopped;

  /**
   * For the node of a bus.
   *
   * @param servers names of the live servers, for lists of what runs
   */
  public OrchestratorVerticle(
      Bus bus, TaskStore store, OrchestratorSettings settings, Supplier<List<String>> servers) {
    this.bus = bus;
    this.store = store;
    this.settings = settings;
    this.servers = servers;
  }

  @Override
  public Future<?> start() {
    waiters = new Waiters(vertx, bus.node(), store, settings.maxWaiting());
    reader =
        new TaskReader(
            vertx,
            bus,
            store,
            waiters,
            settings.maxWait(),
            () -> Optional.ofNullable(current).map(QueueTerm::dispatch),
            servers);
    submissions = new Submissions(vertx, bus.node(), store, settings, this::termSoon);
    vertx.setPeriodic(TICK_MILLIS, timer -> onTerm(this::tick));
    vertx.setPeriodic(SETTLE_MILLIS, timer -> onTerm(QueueTerm::settle));
    vertx.setPeriodic(LOOK_MILLIS, timer -> onTerm(QueueTerm::look));
    open();
    return bus.serve(Addresses.tasks(bus.node()), this::answerClient)
        .compose(served -> bus.serve(Addresses.workers(bus.node()), this::answerWorker));
  }

  /** Tasks of this server that wait or run; safe on any thread. */
  public int load() {
    return load;
  }

  private void tick(QueueTerm now) {
    now.offer(new Tick());
    load = now.dispatch().queue().load();
  }

  /** Takes a term, as often as it needs. */
  private void open() {
    Retry.whileFailing(
            vertx, () -> store.open(bus.node()), error -> !stopped && notePause(error), MAX_PAUSE)
        .onSuccess(this::begin);
  }

  private static boolean notePause(Throwable error) {
    LOG.atWarn().addKeyValue("why", error.getMessage()).log("no term for the queue yet");
    return true;
  }

  private void begin(TaskStore.Opened opened) {
    LOG.atInfo()
        .addKeyValue("server", bus.node())
        .addKeyValue("term", opened.term())
        .addKeyValue("tasks", opened.counts())
        .log("queue opened");
    QueueTerm next =
        new QueueTerm(
            vertx, bus, store, opened, settings.dispatch(), this::nowMillis, new Follower());
    current = next;
    if (draining) {
      next.offer(new Draining());
    }
    term.tryComplete(next);
    required(waiters).lookAgain();
  }

  private final class Follower implements QueueTerm.Listener {
    @Override
    public void finished(List<Finish> tasks) {
      required(waiters).ended(tasks.stream().map(Finish::id).toList());
    }

    @Override
    public void fenced(QueueTerm old) {
      LOG.atWarn()
          .addKeyValue("server", bus.node())
          .addKeyValue("term", old.number())
          .log("the term is over, another is taken");
      current = null;
      term = Promise.promise();
      if (!stopped) {
        open();
      }
    }
  }

  /** Milliseconds since 1970 that do not run back, whatever is done to the system's clock. */
  private long nowMillis() {
    return startMillis + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
  }

  private void onTerm(Consumer<QueueTerm> action) {
    QueueTerm now = current;
    if (now != null) {
      action.accept(now);
    }
  }

  private Future<QueueTerm> termSoon() {
    return term.future()
        .timeout(TERM_WITHIN_MILLIS, TimeUnit.MILLISECONDS)
        .recover(late -> Future.failedFuture(noTerm()));
  }

  private static Refused noTerm() {
    return new Refused(
        new Failure(
            Failure.Kind.UNAVAILABLE,
            "database-unreachable",
            "The queue waits for the database; nothing happened. Try again in a second.",
            1000));
  }

  private Future<? extends Message> answerClient(Envelope envelope) {
    return switch (envelope.message()) {
      case Submit submit ->
          draining ? Future.failedFuture(drains()) : required(submissions).submit(submit);
      case Read read -> required(reader).read(read);
      case ListTasks list -> required(reader).list(list);
      case AskRunning ask ->
          now(term -> Future.succeededFuture(new Running(term.dispatch().queue().runningTasks())));
      case Inherit inherit -> {
        onTerm(QueueTerm::look);
        yield Future.succeededFuture(new Done());
      }
      case AskCounts ask -> now(term -> Future.succeededFuture(term.counts()));
      default -> Future.failedFuture(unexpected(envelope));
    };
  }

  private Future<? extends Message> answerWorker(Envelope envelope) {
    return switch (envelope.message()) {
      case Register r ->
          now(
              term ->
                  term.ask(new Joined(r.worker(), r.home(), r.registration(), r.credits()))
                      .map(
                          done ->
                              new Registered(
                                  bus.node(),
                                  term.number(),
                                  settings.dispatch().heartbeat().toMillis())));
      case WorkerAlive alive ->
          now(term -> term.ask(new Alive(alive.worker(), alive.registration())));
      case Report report ->
          now(
              term ->
                  term.ask(
                      new Reported(report.worker(), report.registration(), report.outcomes())));
      case Unregister leave ->
          now(term -> term.ask(new Left(leave.worker(), leave.registration())));
      default -> Future.failedFuture(unexpected(envelope));
    };
  }

  private <T> Future<T> now(Function<QueueTerm, Future<T>> action) {
    QueueTerm now = current;
    return now == null ? Future.failedFuture(noTerm()) : action.apply(now);
  }

  private static Refused unexpected(Envelope envelope) {
    return new Refused(
        Failure.Kind.INVALID,
        "unexpected-message",
        envelope.message().getClass().getSimpleName() + " is not for an orchestrator.");
  }

  private Refused drains() {
    return new Refused(
        new Failure(
            Failure.Kind.UNAVAILABLE,
            "draining",
            bus.node() + " is stopping; nothing happened. Submit to another server.",
            100));
  }

  private static <T> T required(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("not started");
    }
    return part;
  }

  /**
   * Takes no more tasks, lets finish what runs for a while, and leaves the rest to the database.
   */
  @Override
  public Future<?> stop() {
    draining = true;
    onTerm(now -> now.offer(new Draining()));
    return drained(nowMillis() + settings.drain().toMillis())
        .compose(done -> bus.withdraw(Addresses.tasks(bus.node())))
        .compose(done -> bus.withdraw(Addresses.workers(bus.node())))
        .onComplete(
            done -> {
              stopped = true;
              onTerm(QueueTerm::close);
            });
  }

  private Future<Void> drained(long untilMillis) {
    QueueTerm now = current;
    if (now == null || now.dispatch().queue().running() == 0 || nowMillis() >= untilMillis) {
      return Future.succeededFuture();
    }
    return vertx.timer(20, TimeUnit.MILLISECONDS).compose(over -> drained(untilMillis));
  }
}
