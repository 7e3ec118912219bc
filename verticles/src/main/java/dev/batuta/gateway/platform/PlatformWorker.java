package dev.batuta.gateway.platform;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Polling;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.gateway.json.LengthPrefixed;
import dev.batuta.gateway.platform.WorkerConversation.Effect;
import dev.batuta.gateway.platform.WorkerConversation.Input;
import dev.batuta.worker.Attempts;
import dev.batuta.worker.Worker;
import dev.batuta.worker.WorkerRuntime;
import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker of the platform: speaks with it as {@link WorkerConversation} says, and stands for it
 * on the bus, where it is a {@link Worker} like any other that takes one COMPUTE at a time. Belongs
 * to the event loop of its verticle.
 */
final class PlatformWorker {
  private static final Logger LOG = LoggerFactory.getLogger(PlatformWorker.class);
  private static final List<String> KINDS = List.of("COMPUTE");

  private final WorkerConversation conversation = new WorkerConversation(nowMillis());
  private final Timers timers;
  private final FarmAccess farm;
  private final String id;
  private final String name;
  private final Consumer<PlatformWorker> forget;
  private final Future<Void> served;
  private InetAddress sender;
  private SocketAddress place;
  private @Nullable Worker member;
  private @Nullable ExecuteCall call;

  /** Whose attempt runs. */
  private @Nullable RemoteAttempts waiting;

  private boolean accepted;
  private boolean closing;
  private long beatMillis;

  /**
   * @param name under which it is a member of a farm
   * @param sender where it speaks from
   * @param place where it listens
   * @param forget told when nothing needs to be known of it any more
   */
  PlatformWorker(
      Timers timers,
      FarmAccess farm,
      String id,
      String name,
      InetAddress sender,
      SocketAddress place,
      Consumer<PlatformWorker> forget) {
    this.timers = timers;
    this.farm = farm;
    this.id = id;
    this.name = name;
    this.sender = sender;
    this.place = place;
    this.forget = forget;
    this.served = farm.bus().serve(Addresses.worker(name), this::answer);
    served.onFailure(
        error -> {
          LOG.atWarn()
              .addKeyValue("worker", name)
              .addKeyValue("why", error.getMessage())
              .log("a worker of the platform cannot be reached by its master");
          forget.accept(this);
        });
  }

  String id() {
    return id;
  }

  /** Who and where it is. */
  Registration registration() {
    return new Registration(id, sender.getHostAddress(), place.host(), place.port());
  }

  /** Whether its master can reach it, as far as is known. */
  boolean isServed() {
    return !served.failed();
  }

  /** Whether it takes part in a farm. */
  boolean isMember() {
    return conversation.isMember();
  }

  /** Where it speaks from, which is all that is known of who it is. */
  InetAddress sender() {
    return sender;
  }

  /** It has registered, perhaps again, perhaps elsewhere. */
  void registered(InetAddress from, SocketAddress listens) {
    sender = from;
    place = listens;
    heard();
  }

  void heard() {
    if (!closing || conversation.isMember()) {
      step(new Input.Heard());
    }
  }

  /** Time has passed; to be called several times a second. */
  void tick() {
    step(new Input.Tick());
    long nowMillis = nowMillis();
    if (nowMillis - beatMillis >= farm.heartbeat().toMillis()) {
      beatMillis = nowMillis;
      beat();
    }
  }

  private void beat() {
    if (member != null && served.succeeded()) {
      member.tick();
    }
  }

  /**
   * Takes the end of a task, said on a connection of its own.
   *
   * @return whether it is one that this worker has, or had last
   */
  boolean reported(long task, WorkerAnswer answer) {
    accepted = false;
    step(new Input.Reported(task, answer));
    return accepted;
  }

  private void step(Input input) {
    conversation.step(nowMillis(), input).forEach(this::carryOut);
  }

  private void step(RemoteAttempts attempts, Input input) {
    if (input instanceof Input.Assigned) {
      waiting = attempts;
    }
    // Of a registration that is over nothing is left here.
    if (attempts == waiting) {
      step(input);
    }
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Join() -> join();
      case Effect.Quit(boolean begun, String why) -> quit(begun, why);
      case Effect.Execute(Assignment task) -> execute(task);
      case Effect.HangUp() -> hangUp();
      case Effect.End(long task, int attempt, WorkerAnswer how) -> {
        if (waiting != null) {
          waiting.end(task, attempt, how);
        }
      }
      case Effect.Accept() -> accepted = true;
      case Effect.Refuse() -> accepted = false;
      case Effect.Forget() -> forget.accept(this);
    }
  }

  private void join() {
    LOG.atInfo()
        .addKeyValue("worker", name)
        .addKeyValue("place", place)
        .log("worker of the platform comes");
    member =
        new Worker(
            timers,
            farm.bus(),
            farm.ledger(),
            new Elsewhere(),
            farm.settings(name),
            farm.bus().tracing());
    beat();
  }

  private void quit(boolean begun, String why) {
    LOG.atInfo()
        .addKeyValue("worker", name)
        .addKeyValue("place", place)
        .addKeyValue("why", why)
        .log("worker of the platform goes");
    Worker leaving = member;
    member = null;
    waiting = null;
    hangUp();
    if (leaving != null) {
      leaving.quit(begun);
    }
  }

  private void execute(Assignment task) {
    ExecuteCall opened =
        new ExecuteCall(task, id, farm.maxAnswerBytes(), farm.held().share(), this::step);
    call = opened;
    opened.open(
        farm.client(),
        place,
        LengthPrefixed.frame(PlatformJson.execution(task, farm.bus().clock().beforeSend())));
  }

  private void hangUp() {
    if (call != null) {
      call.close();
      call = null;
    }
  }

  private Future<? extends Message> answer(Envelope envelope) {
    Worker now = member;
    return now == null
        ? Future.failedFuture(
            new Refused(Failure.Kind.FENCED, "not-registered", name + " serves nobody now."))
        : now.answer(envelope.message());
  }

  /**
   * It leaves for good: finishes what runs, for a while, and is not to be reached any more. Until
   * then time has to pass for it.
   */
  Future<Void> close(Duration drain) {
    closing = true;
    Worker leaving = member;
    if (leaving == null) {
      return farm.bus().withdraw(Addresses.worker(name));
    }
    leaving.leave();
    return Polling.until(farm.vertx(), () -> leaving.outstanding() == 0, drain)
        .compose(done -> leaving.goodbye())
        .eventually(() -> farm.bus().withdraw(Addresses.worker(name)))
        .onComplete(done -> hangUp());
  }

  private static long nowMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** What is done where the worker is. */
  private final class Elsewhere implements WorkerRuntime {
    @Override
    public List<String> kinds() {
      return KINDS;
    }

    @Override
    public Attempts attempts(Timers timers, Consumer<Outcome> ended) {
      return new RemoteAttempts(timers, PlatformWorker.this::step, ended);
    }
  }
}
