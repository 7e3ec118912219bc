package dev.batuta.worker;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Requests;
import dev.batuta.bus.Retry;
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
import dev.batuta.worker.Allegiance.Effect;
import dev.batuta.worker.Allegiance.Input;
import dev.batuta.worker.Allegiance.Service;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: registers with a master ({@link Allegiance}), executes what it is given in the database
 * and reports it ({@link Stint}). Started before any master lives, it waits for one. Belongs to one
 * event loop.
 */
public final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(1);
  private static final int GOODBYES = 3;

  private final Timers timers;
  private final Requests requests;
  private final LedgerStore ledger;
  private final Craft craft;
  private final WorkerSettings settings;
  private final Allegiance allegiance;
  private @Nullable Stint stint;
  private boolean leaving;
  private boolean dead;

  /** One that takes what every worker takes, and that {@link #tick} lets live. */
  public Worker(Timers timers, Requests requests, LedgerStore ledger, WorkerSettings settings) {
    this.timers = timers;
    this.requests = requests;
    this.ledger = ledger;
    this.craft = Craft.of(TaskHandlers.none(), timers::next, this::die, settings.credits());
    this.settings = settings;
    this.allegiance = new Allegiance(settings.home());
  }

  /** One that {@link #tick} lets live. */
  public Worker(
      Timers timers, Requests requests, LedgerStore ledger, Craft craft, WorkerSettings settings) {
    this.craft = craft;
    this.timers = timers;
    this.requests = requests;
    this.ledger = ledger;
    this.settings = settings;
    this.allegiance = new Allegiance(settings.home());
  }

  /** A heartbeat is due. */
  public void tick() {
    if (settings.reachable().getAsBoolean() && (!leaving || allegiance.serving() != null)) {
      step(new Input.Tick(timers.nowMillis(), settings.masters().get()));
    }
  }

  private void step(Input input) {
    if (!dead) {
      allegiance.step(input).forEach(this::carryOut);
    }
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Register(Service service) -> register(service);
      case Effect.Serve(Service service, long term) -> serve(service, term);
      case Effect.Abandon(Service service) -> {
        if (stint != null) {
          stint.abandon();
          stint = null;
        }
      }
      case Effect.Leave(Service service) -> unregister(service, true);
      case Effect.Beat(Service service, boolean going) -> beat(service, going);
      case Effect.Drain(Service service) -> {
        if (stint != null) {
          stint.drain(() -> step(new Input.Drained(service.registration())));
        }
      }
      case Effect.Resume(Service service) -> {
        if (stint != null) {
          stint.resume();
        }
      }
    }
  }

  private void register(Service service) {
    if (leaving) {
      return;
    }
    requests
        .request(
            Addresses.workers(service.master()),
            new Register(
                settings.name(),
                settings.home(),
                service.registration(),
                settings.credits(),
                craft.kinds()),
            Registered.class,
            ANSWERED_WITHIN)
        .onSuccess(welcome -> step(new Input.Welcomed(service.registration(), welcome.term())))
        .onFailure(error -> step(new Input.Rejected(service.registration(), isFenced(error))));
  }

  private void serve(Service service, long term) {
    LOG.atInfo()
        .addKeyValue("worker", settings.name())
        .addKeyValue("master", service.master())
        .addKeyValue("registration", service.registration())
        .addKeyValue("term", term)
        .log("worker serves");
    stint =
        new Stint(
            timers,
            requests,
            ledger,
            craft,
            settings,
            service,
            term,
            () -> step(new Input.Fenced(service.registration())));
  }

  private void beat(Service service, boolean going) {
    requests
        .request(
            Addresses.workers(service.master()),
            new WorkerAlive(settings.name(), service.registration(), outstanding(), going),
            Done.class,
            ANSWERED_WITHIN)
        .onSuccess(done -> step(new Input.Heard(service.registration())))
        .onFailure(error -> step(unheard(service, error)));
  }

  private static Input unheard(Service service, Throwable error) {
    if (isFenced(error)) {
      return new Input.Fenced(service.registration());
    }
    if (error instanceof Refused refused) {
      // A master that answers, if only that it waits for its database, is there.
      return switch (refused.failure().code()) {
        case "no-handler" -> new Input.Missed(service.registration(), true);
        case "no-answer" -> new Input.Missed(service.registration(), false);
        default -> new Input.Heard(service.registration());
      };
    }
    return new Input.Missed(service.registration(), false);
  }

  /**
   * @param drained whether what was not reported was never begun
   */
  private Future<Void> unregister(Service service, boolean drained) {
    AtomicInteger tries = new AtomicInteger();
    return Retry.whileFailing(
            timers,
            () ->
                requests.request(
                    Addresses.workers(service.master()),
                    new Unregister(settings.name(), service.registration(), drained),
                    Done.class,
                    ANSWERED_WITHIN),
            error -> tries.incrementAndGet() < GOODBYES && isUnanswered(error),
            ANSWERED_WITHIN)
        .<Void>mapEmpty()
        .recover(silent -> Future.succeededFuture()); // its heartbeats end: the master will notice
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
        if (stint != null) {
          stint.drop(drop);
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
    Stint now = stint;
    return now == null
        ? Future.failedFuture(
            new Refused(
                Failure.Kind.FENCED, "not-registered", settings.name() + " serves nobody now."))
        : now.take(run);
  }

  /** Only the present master sends this worker elsewhere. */
  private Future<Done> go(String master, long registration, Input input) {
    Service now = allegiance.serving();
    if (leaving || now == null || !now.equals(new Service(master, registration))) {
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

  private static boolean isUnanswered(Throwable error) {
    return error instanceof Refused refused && refused.failure().kind() == Failure.Kind.UNKNOWN;
  }

  private static boolean isFenced(Throwable error) {
    return error instanceof Refused refused && refused.failure().kind() == Failure.Kind.FENCED;
  }

  /** Takes no more; what is here is finished. */
  public void leave() {
    leaving = true;
    if (stint != null) {
      stint.leave();
    }
  }

  /** Ends as a failure would: says nothing to anybody, and does nothing more. */
  void die() {
    leaving = true;
    dead = true;
    if (stint != null) {
      stint.abandon();
      stint = null;
    }
  }

  /** Assignments that are here until their report is acknowledged. */
  public int outstanding() {
    return stint == null ? 0 : stint.outstanding();
  }

  /** Says goodbye to its master, and drops what is still here. */
  public Future<Void> goodbye() {
    Service service = dead ? null : allegiance.serving();
    boolean drained = outstanding() == 0;
    return (service == null ? Future.<Void>succeededFuture() : unregister(service, drained))
        .onComplete(
            done -> {
              if (stint != null) {
                stint.abandon();
              }
            });
  }
}
