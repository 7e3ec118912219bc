package dev.batuta.worker;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.codec.WorkerMessage.Unregister;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.worker.Allegiance.Effect;
import dev.batuta.worker.Allegiance.Input;
import dev.batuta.worker.Allegiance.Service;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: registers with a master ({@link Allegiance}), executes what it is given in the database
 * and reports it ({@link Stint}). Started before any master lives, it waits for one.
 */
public final class WorkerVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerVerticle.class);
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(1);

  private final Bus bus;
  private final LedgerStore ledger;
  private final WorkerSettings settings;
  private final Allegiance allegiance;
  private @Nullable Stint stint;
  private boolean leaving;

  /** On the node of a bus. */
  public WorkerVerticle(Bus bus, LedgerStore ledger, WorkerSettings settings) {
    this.bus = bus;
    this.ledger = ledger;
    this.settings = settings;
    this.allegiance = new Allegiance(settings.home());
  }

  @Override
  public Future<?> start() {
    return bus.serve(Addresses.worker(settings.name()), this::answer)
        .onSuccess(
            served -> {
              tick();
              vertx.setPeriodic(settings.heartbeat().toMillis(), timer -> tick());
            });
  }

  private void tick() {
    if (!leaving || allegiance.serving() != null) {
      step(new Input.Tick(System.currentTimeMillis(), settings.masters().get()));
    }
  }

  private void step(Input input) {
    allegiance.step(input).forEach(this::carryOut);
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
      case Effect.Leave(Service service) -> unregister(service);
      case Effect.Beat(Service service) -> beat(service);
    }
  }

  private void register(Service service) {
    if (leaving) {
      return;
    }
    bus.request(
            Addresses.workers(service.master()),
            new Register(
                settings.name(), settings.home(), service.registration(), settings.credits()),
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
            vertx,
            bus,
            ledger,
            settings,
            service,
            term,
            () -> step(new Input.Fenced(service.registration())));
  }

  private void beat(Service service) {
    int outstanding = stint == null ? 0 : stint.outstanding();
    bus.request(
            Addresses.workers(service.master()),
            new WorkerAlive(settings.name(), service.registration(), outstanding),
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

  private Future<Void> unregister(Service service) {
    return bus.request(
            Addresses.workers(service.master()),
            new Unregister(settings.name(), service.registration()),
            Done.class,
            ANSWERED_WITHIN)
        .<Void>mapEmpty()
        .recover(silent -> Future.succeededFuture()); // its heartbeats end: the master will notice
  }

  private Future<? extends Message> answer(Envelope envelope) {
    if (!(envelope.message() instanceof Run run)) {
      return Future.failedFuture(
          new Refused(
              Failure.Kind.INVALID,
              "unexpected-message",
              envelope.message().getClass().getSimpleName() + " is not for a worker."));
    }
    Stint now = stint;
    return now == null
        ? Future.failedFuture(
            new Refused(
                Failure.Kind.FENCED, "not-registered", settings.name() + " serves nobody now."))
        : now.take(run);
  }

  private static boolean isFenced(Throwable error) {
    return error instanceof Refused refused && refused.failure().kind() == Failure.Kind.FENCED;
  }

  /** Takes no more, finishes what is here within {@link WorkerSettings#drain}, and says goodbye. */
  @Override
  public Future<?> stop() {
    leaving = true;
    if (stint != null) {
      stint.leave();
    }
    return drained(System.nanoTime() + settings.drain().toNanos())
        .compose(
            done -> {
              Service service = allegiance.serving();
              return service == null ? Future.succeededFuture() : unregister(service);
            })
        .onComplete(
            done -> {
              if (stint != null) {
                stint.abandon();
              }
            })
        .compose(done -> bus.withdraw(Addresses.worker(settings.name())));
  }

  private Future<Void> drained(long untilNanos) {
    Stint now = stint;
    if (now == null || now.outstanding() == 0 || System.nanoTime() >= untilNanos) {
      return Future.succeededFuture();
    }
    return vertx.timer(20, TimeUnit.MILLISECONDS).compose(over -> drained(untilNanos));
  }
}
