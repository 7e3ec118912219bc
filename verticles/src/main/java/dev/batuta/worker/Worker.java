package dev.batuta.worker;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Requests;
import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Done;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.WorkerMessage.Drop;
import dev.batuta.codec.WorkerMessage.Redirect;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.Return;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.codec.WorkerMessage.Unregister;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.task.TaskHandlers;
import dev.batuta.tracing.Tracing;
import dev.batuta.worker.Allegiance.Effect;
import dev.batuta.worker.Allegiance.Input;
import dev.batuta.worker.Allegiance.Registration;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: registers with a master ({@link Allegiance}), executes what it is given in the database
 * and reports it ({@link WorkerSession}). Started before any master lives, it waits for one.
 * Belongs to one event loop.
 */
public final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(1);

  /**
   * A master that is busy, as when all nodes start at once on one machine, is waited for: an answer
   * that comes too late for its number costs it another registration, and makes it slower still.
   */
  private static final Duration REGISTERED_WITHIN = Duration.ofSeconds(5);

  private static final int GOODBYES = 3;

  private final Timers timers;
  private final Requests requests;
  private final LedgerStore ledger;
  private final WorkerRuntime runtime;
  private final WorkerSettings settings;
  private final Tracing tracing;
  private final Allegiance allegiance;

  private @Nullable WorkerSession session;
  private boolean leaving;
  private boolean dead;

  /** One that takes what every worker takes, and that {@link #tick} lets live. */
  public Worker(Timers timers, Requests requests, LedgerStore ledger, WorkerSettings settings) {
    this.timers = timers;
    this.requests = requests;
    this.ledger = ledger;
    this.runtime =
        WorkerRuntime.of(TaskHandlers.none(), timers::next, this::die, settings.credits());
    this.settings = settings;
    this.tracing = Tracing.passive();
    this.allegiance = new Allegiance(settings.home());
  }

  /**
   * One that {@link #tick} lets live.
   *
   * @param tracing makes the spans of its attempts
   */
  public Worker(
      Timers timers,
      Requests requests,
      LedgerStore ledger,
      WorkerRuntime runtime,
      WorkerSettings settings,
      Tracing tracing) {
    this.tracing = tracing;
    this.runtime = runtime;
    this.timers = timers;
    this.requests = requests;
    this.ledger = ledger;
    this.settings = settings;
    this.allegiance = new Allegiance(settings.home());
  }

  /** A heartbeat is due. */
  public void tick() {
    if (!leaving || allegiance.serving() != null) {
      step(new Input.Tick(timers.nowMillis(), settings.masters().get()));
    }
  }

  private void step(Input input) {
    if (!dead) {
      allegiance.step(new Input.Reachable(settings.reachable().getAsBoolean()));
      allegiance.step(input).forEach(this::carryOut);
    }
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Register(Registration registered) -> register(registered);
      case Effect.Serve(Registration registered, long term) -> serve(registered, term);
      case Effect.Abandon(Registration registered) -> {
        if (session != null) {
          session.abandon();
          session = null;
        }
      }
      case Effect.Leave(Registration registered, boolean drained) ->
          unregister(registered, drained);
      case Effect.Beat(Registration registered, boolean going) -> beat(registered, going);
      case Effect.Drain(Registration registered) -> {
        if (session != null) {
          session.drain(() -> step(new Input.Drained(registered.registration())));
        }
      }
      case Effect.Resume(Registration registered) -> {
        if (session != null) {
          session.resume();
        }
      }
    }
  }

  private void register(Registration registered) {
    if (leaving) {
      return;
    }
    requests
        .request(
            Addresses.workers(registered.master()),
            new Register(
                settings.name(),
                settings.home(),
                registered.registration(),
                settings.credits(),
                runtime.kinds()),
            Registered.class,
            REGISTERED_WITHIN)
        .onSuccess(welcome -> step(new Input.Welcomed(registered.registration(), welcome.term())))
        .onFailure(
            error -> step(new Input.Rejected(registered.registration(), Refused.isFenced(error))));
  }

  private void serve(Registration registered, long term) {
    LOG.atInfo()
        .addKeyValue("worker", settings.name())
        .addKeyValue("master", registered.master())
        .addKeyValue("registration", registered.registration())
        .addKeyValue("term", term)
        .log("worker serves");
    session =
        new WorkerSession(
            timers,
            requests,
            ledger,
            runtime,
            settings,
            registered,
            term,
            tracing,
            () -> step(new Input.Fenced(registered.registration())));
  }

  private void beat(Registration registered, boolean going) {
    requests
        .request(
            Addresses.workers(registered.master()),
            new WorkerAlive(settings.name(), registered.registration(), outstanding(), going),
            Done.class,
            ANSWERED_WITHIN)
        .onSuccess(done -> step(new Input.Heard(registered.registration())))
        .onFailure(error -> step(unheard(registered, error)));
  }

  private static Input unheard(Registration registered, Throwable error) {
    if (Refused.isFenced(error)) {
      return new Input.Fenced(registered.registration());
    }
    boolean nobody = Requests.isWithoutHandler(error);
    // A master that answers, if only that it waits for its database, is there.
    boolean answered = error instanceof Refused && !nobody && !Requests.isWithoutAnswer(error);
    return answered
        ? new Input.Heard(registered.registration())
        : new Input.Missed(registered.registration(), nobody);
  }

  /**
   * Says goodbye. When nobody hears it, the heartbeats end and the master notices.
   *
   * @param drained whether what was not reported was never begun
   */
  private Future<Void> unregister(Registration registered, boolean drained) {
    AtomicInteger tries = new AtomicInteger();
    return RetryUntilKnown.ask(
            timers,
            () ->
                requests.request(
                    Addresses.workers(registered.master()),
                    new Unregister(settings.name(), registered.registration(), drained),
                    Done.class,
                    ANSWERED_WITHIN),
            () -> tries.incrementAndGet() < GOODBYES,
            doubt -> {})
        .mapEmpty();
  }

  /** The answer to a message of a master. */
  public Future<? extends Message> answer(Message message) {
    return switch (message) {
      case Run run -> take(run);
      case Redirect(var master, var registration, var target, _, var failover) ->
          go(master, registration, new Input.Redirected(registration, target, failover));
      case Return(var master, var registration) ->
          go(master, registration, new Input.Returned(registration));
      case Drop drop -> {
        if (session != null) {
          session.drop(drop);
        }
        yield Future.succeededFuture(new Done());
      }
      default ->
          Future.failedFuture(
              new Refused(
                  Failure.Kind.INVALID,
                  "unexpected-message",
                  message.getClass().getSimpleName() + " is not for a worker."));
    };
  }

  private Future<Done> take(Run run) {
    WorkerSession now = session;
    return now == null
        ? Future.failedFuture(
            new Refused(
                Failure.Kind.FENCED, "not-registered", settings.name() + " serves nobody now."))
        : now.take(run);
  }

  /** Only the present master sends this worker elsewhere. */
  private Future<Done> go(String master, long registration, Input input) {
    Registration now = allegiance.serving();
    if (leaving || now == null || !now.equals(new Registration(master, registration))) {
      return Future.failedFuture(
          new Refused(
              Failure.Kind.FENCED,
              "registration-refused",
              "%s does not serve %s under registration %d now."
                  .formatted(settings.name(), master, registration)));
    }
    step(input);
    return Future.succeededFuture(new Done());
  }

  /** Takes no more; what is here is finished. */
  public void leave() {
    leaving = true;
    if (session != null) {
      session.leave();
    }
  }

  /** Ends as a failure would: says nothing to anybody, and does nothing more. */
  void die() {
    leaving = true;
    dead = true;
    if (session != null) {
      session.abandon();
      session = null;
    }
  }

  /** Assignments that are here until their report is acknowledged. */
  public int outstanding() {
    return session == null ? 0 : session.outstanding();
  }

  /** Says goodbye to its master, and drops what is still here. */
  public Future<Void> goodbye() {
    Registration registered = dead ? null : allegiance.serving();
    boolean drained = outstanding() == 0;
    return (registered == null ? Future.<Void>succeededFuture() : unregister(registered, drained))
        .onComplete(
            done -> {
              if (session != null) {
                session.abandon();
              }
            });
  }

  /**
   * Drops what is here at once, says so to its master, and does nothing more.
   *
   * @param begun whether any of that may have been begun: if not, it is given to others as the same
   *     attempts
   */
  public Future<Void> quit(boolean begun) {
    Registration registered = dead ? null : allegiance.serving();
    die();
    return registered == null ? Future.succeededFuture() : unregister(registered, !begun);
  }
}
