package dev.batuta.orchestrator;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.bus.Polling;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.AskCheckpoint;
import dev.batuta.codec.TaskMessage.AskCounts;
import dev.batuta.codec.TaskMessage.AskRunning;
import dev.batuta.codec.TaskMessage.Cancel;
import dev.batuta.codec.TaskMessage.Inherit;
import dev.batuta.codec.TaskMessage.ListTasks;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.Running;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.TryAgain;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.FarmView;
import dev.batuta.orchestrator.dispatch.QueueView;
import dev.batuta.orchestrator.store.TaskStore;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The owner of the queue of one server, and the master of its workers. It serves {@link
 * Addresses#tasks} and {@link Addresses#workers} of its node from the start, and takes a term for
 * its queue as soon as the database answers; until then it refuses with UNAVAILABLE.
 */
public final class OrchestratorVerticle extends VerticleBase {
  private static final long TICK_MILLIS = 50;
  private static final long COMPACT_MILLIS = 1000;
  private static final long LOOK_MILLIS = 1000;
  private static final long RELIEF_MILLIS = 250;
  private static final long VIEW_MILLIS = 1000;
  private static final long CLOSED_WITHIN_SECONDS = 2;

  private final Bus bus;
  private final TaskStore store;
  private final OrchestratorSettings settings;
  private final Supplier<List<Member>> servers;
  private final long startMillis = System.currentTimeMillis();
  private final long startNanos = System.nanoTime();
  private volatile @Nullable OwnQueue queue;
  private @Nullable Admission submissions;
  private @Nullable TaskControl control;
  private @Nullable TaskReader reader;
  private volatile int load;
  private volatile Optional<FarmView> farm = Optional.empty();
  private volatile Optional<QueueView> view = Optional.empty();
  private boolean draining;

  /**
   * For the node of a bus.
   *
   * @param servers those that live, by rank
   */
  public OrchestratorVerticle(
      Bus bus, TaskStore store, OrchestratorSettings settings, Supplier<List<Member>> servers) {
    this.bus = bus;
    this.store = store;
    this.settings = settings;
    this.servers = servers;
  }

  @Override
  public Future<?> start() {
    Waiters ended = new Waiters(vertx, bus.node(), store, settings.maxWaiting());
    OwnQueue own =
        new OwnQueue(
            Timers.of(vertx),
            bus,
            bus.node(),
            store,
            settings,
            this::nowMillis,
            bus.tracing(),
            listener(ended));
    queue = own;
    reader =
        new TaskReader(
            vertx,
            bus,
            store,
            ended,
            settings.maxWait(),
            () -> own.current().map(QueueTerm::dispatch),
            () -> servers.get().stream().map(Member::name).toList());
    submissions = new Admission(Timers.of(vertx), bus.node(), store, settings, own, bus.tracing());
    control = new TaskControl(Timers.of(vertx), bus.node(), store, own);
    vertx.setPeriodic(TICK_MILLIS, timer -> tick(own));
    vertx.setPeriodic(COMPACT_MILLIS, timer -> own.compact());
    vertx.setPeriodic(LOOK_MILLIS, timer -> own.look());
    vertx.setPeriodic(VIEW_MILLIS, timer -> view = own.view());
    vertx.setPeriodic(RELIEF_MILLIS, timer -> own.relieve(this::relief));
    own.open();
    return bus.serve(Addresses.tasks(bus.node()), this::answerClient)
        .compose(served -> bus.serve(Addresses.workers(bus.node()), this::answerWorker));
  }

  /** Tasks of this server that wait or run; safe on any thread. */
  public int load() {
    return load;
  }

  /** The workers of this server, as of the last 50 ms; none without a term; safe on any thread. */
  public Optional<FarmView> farm() {
    return farm;
  }

  /** How the queue stood within the last second; nothing without a term; safe on any thread. */
  public Optional<QueueView> view() {
    return view;
  }

  /** What was done since the start, nothing before it; safe on any thread. */
  public Optional<TaskCounts> counts() {
    return Optional.ofNullable(queue).map(OwnQueue::counts);
  }

  private void tick(OwnQueue own) {
    own.tick();
    load = own.load();
    farm = own.farm();
  }

  private Optional<String> relief() {
    return Placement.relief(bus.node(), servers.get());
  }

  private static OwnQueue.Listener listener(Waiters ended) {
    return new OwnQueue.Listener() {
      @Override
      public void finished(List<Finish> tasks) {
        ended.ended(tasks.stream().map(Finish::id).toList());
      }

      @Override
      public void opened() {
        ended.lookAgain();
      }
    };
  }

  /** Milliseconds since 1970 that do not run back, whatever is done to the system's clock. */
  private long nowMillis() {
    return startMillis + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
  }

  private Future<? extends Message> answerClient(Envelope envelope) {
    return switch (envelope.message()) {
      case Submit submit ->
          draining ? Future.failedFuture(drains()) : required(submissions).submit(submit);
      case Read read -> required(reader).read(read);
      case ListTasks list -> required(reader).list(list);
      case Cancel cancel -> required(control).cancel(cancel);
      case TryAgain again -> required(control).retry(again);
      case AskRunning ask ->
          required(queue)
              .ask(
                  term ->
                      Future.succeededFuture(new Running(term.dispatch().queue().runningTasks())));
      case Inherit inherit -> {
        required(queue).look();
        yield Future.succeededFuture(new Done());
      }
      case AskCheckpoint ask ->
          required(queue).ask(term -> new Checkpoints(bus.node(), store).page(term, ask));
      case AskCounts ask -> required(queue).ask(term -> Future.succeededFuture(term.counts()));
      default -> Future.failedFuture(OwnQueue.unexpected(envelope.message()));
    };
  }

  private Future<? extends Message> answerWorker(Envelope envelope) {
    return required(queue).answerWorker(envelope.message());
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
    OwnQueue own = required(queue);
    own.drain();
    return Polling.until(vertx, () -> own.outstanding() == 0, settings.drain())
        .compose(done -> bus.withdraw(Addresses.tasks(bus.node())))
        .compose(done -> bus.withdraw(Addresses.workers(bus.node())))
        .eventually(() -> closed(own));
  }

  /** Not for long: what the database does not hear of costs attempts only. */
  private static Future<Void> closed(OwnQueue own) {
    return own.close().timeout(CLOSED_WITHIN_SECONDS, TimeUnit.SECONDS).otherwiseEmpty();
  }
}
