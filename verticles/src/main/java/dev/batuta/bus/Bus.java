package dev.batuta.bus;

import dev.batuta.codec.Envelope;
import dev.batuta.codec.EnvelopeCodec;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.tracing.Tracing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one class that sends and receives for all verticles, so that no message can miss the clock
 * rule: it stamps each send and advances the node's Lamport clock at each receive.
 *
 * <p>The bus is lossy: a message may be lost, a request may have been carried out though its answer
 * never came. So a request always has a timeout, and a timeout means <em>unknown</em>.
 *
 * <p>Safe for use by any thread; handlers run on the context that registered them.
 */
public final class Bus implements Requests {
  private static final Logger LOG = LoggerFactory.getLogger(Bus.class);

  /** How long the cluster may take to learn of a registration. */
  private static final Duration REGISTERED_WITHIN = Duration.ofSeconds(30);

  /** Answers a request. */
  @FunctionalInterface
  public interface Responder {
    /** The answer; one that fails with {@link Refused} travels as its {@link Failure}. */
    Future<? extends Message> answer(Envelope envelope);
  }

  /** Hears what needs no answer. */
  @FunctionalInterface
  public interface Listener {
    void hear(Envelope envelope);
  }

  private record Registration(
      Context context,
      Handler<io.vertx.core.eventbus.Message<Envelope>> handler,
      MessageConsumer<Envelope> consumer) {}

  private final Vertx vertx;
  private final String node;
  private final LamportClock clock;
  private final Trace trace;
  private final Tracing tracing;
  private final Context loop;
  private final Map<String, List<Registration>> registrations = new ConcurrentHashMap<>();

  /**
   * A bus for one node, on its clustered Vert.x; at most one for each.
   *
   * @param tracing of the node, whose {@link Tracing#requests} that Vert.x has
   */
  public Bus(Vertx vertx, String node, LamportClock clock, Tracing tracing) {
    this.vertx = vertx;
    this.tracing = tracing;
    this.node = node;
    this.clock = clock;
    this.trace = new Trace(node, clock);
    this.loop = ((VertxInternal) vertx).createEventLoopContext();
    vertx.eventBus().registerCodec(new EnvelopeCodec());
    vertx.exceptionHandler(Delivery::uncaught);
  }

  /** Name of the node that speaks here. */
  public String node() {
    return node;
  }

  /** The node's Lamport clock. */
  public LamportClock clock() {
    return clock;
  }

  /** The sends and receives of this node, for who follows them. */
  public Trace trace() {
    return trace;
  }

  /** Makes the spans of this node. */
  public Tracing tracing() {
    return tracing;
  }

  /**
   * Answers requests to an address. Completes once the whole cluster knows; fails with {@code
   * not-registered} when it does not learn of it in time.
   */
  public Future<Void> serve(String address, Responder responder) {
    return register(
        vertx.getOrCreateContext(),
        address,
        message -> {
          Envelope envelope = received(message);
          answer(responder, envelope)
              .onSuccess(
                  answer ->
                      apart(
                          () ->
                              message.reply(
                                  stamped(message.replyAddress(), answer),
                                  options(Duration.ofSeconds(30)))));
        });
  }

  /**
   * Hears what is sent or published to an address. Completes once the whole cluster knows; fails
   * with {@code not-registered} when it does not learn of it in time.
   */
  public Future<Void> listen(String address, Listener listener) {
    return register(
        vertx.getOrCreateContext(),
        address,
        message -> {
          Envelope envelope = received(message);
          if (envelope.unreadable()) {
            LOG.atWarn()
                .addKeyValue("address", address)
                .addKeyValue("failure", envelope.message())
                .log("an unreadable message was dropped");
          } else {
            listener.hear(envelope);
          }
        });
  }

  /** Unregisters all that this bus registered at an address. */
  public Future<Void> withdraw(String address) {
    List<Registration> registered = registrations.remove(address);
    if (registered == null) {
      return Future.succeededFuture();
    }
    return Future.all(registered.stream().map(r -> r.consumer().unregister()).toList()).mapEmpty();
  }

  /** Registers anew, on the same contexts, what the cluster has lost of an address. */
  Future<Void> restore(String address) {
    List<Registration> lost = registrations.getOrDefault(address, List.of());
    // Also when the registry could not be told of the withdrawal: else nobody would hear any more.
    return withdraw(address)
        .transform(
            gone ->
                Future.all(
                        lost.stream()
                            .map(r -> register(r.context(), address, r.handler()))
                            .toList())
                    .mapEmpty());
  }

  @Override
  public <M extends Message> Future<M> request(
      String address, Message message, Class<M> answer, Duration timeout) {
    Envelope asked = stamped(address, message);
    return Delivery.apart(
            vertx,
            () ->
                vertx
                    .eventBus()
                    .<Envelope>request(
                        address, asked, options(timeout).setTracingPolicy(TracingPolicy.PROPAGATE)))
        .recover(error -> Future.failedFuture(unanswered(address, timeout, error)))
        .compose(reply -> answer(address, received(reply), answer));
  }

  /** Tells one of those who listen at an address; lost when there is nobody. */
  public void send(String address, Message message) {
    Envelope envelope = stamped(address, message);
    onLoop(() -> vertx.eventBus().send(address, envelope, options(Duration.ofSeconds(30))));
  }

  /** Tells all who listen at an address. */
  public void publish(String address, Message message) {
    Envelope envelope = stamped(address, message);
    onLoop(() -> vertx.eventBus().publish(address, envelope, options(Duration.ofSeconds(30))));
  }

  /**
   * A connection to another node lives on the context of who first sends over it. That must not be
   * a worker's, whose threads end before the connections of a Vert.x that closes.
   */
  private void onLoop(Runnable send) {
    Context current = Vertx.currentContext();
    if (current != null && current.isWorkerContext()) {
      loop.runOnContext(here -> apart(send));
    } else {
      apart(send);
    }
  }

  private void apart(Runnable send) {
    Delivery.apart(
            vertx,
            () -> {
              send.run();
              return Future.succeededFuture();
            })
        .onFailure(Delivery::uncaught);
  }

  /**
   * Shows something to the clients of <em>this</em> node, as JSON on {@code events.<type>}. Every
   * node derives its own view of the cluster and shows that, so a client sees each change once and
   * what it sees is what its node knows.
   */
  public void event(String type, JsonObject body) {
    vertx.eventBus().publish("events." + type, body, new DeliveryOptions().setLocalOnly(true));
  }

  /**
   * The addresses that this bus serves or listens at, as far as the cluster knows them: one whose
   * registration is still under way is not among them, so that nobody takes it for a lost one.
   */
  public List<String> addresses() {
    return registrations.entrySet().stream()
        .filter(each -> each.getValue().stream().allMatch(Bus::isKnown))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean isKnown(Registration registration) {
    return registration.consumer().completion().succeeded();
  }

  private Future<Void> register(
      Context context, String address, Handler<io.vertx.core.eventbus.Message<Envelope>> handler) {
    Promise<Void> known = Promise.promise();
    context.runOnContext(
        here -> {
          MessageConsumer<Envelope> consumer = vertx.eventBus().consumer(address, handler);
          Registration registration = new Registration(context, handler, consumer);
          // At once, so that who withdraws or restores the address has all of it or none.
          registrations.merge(address, List.of(registration), Bus::joined);
          consumer.completion().onComplete(known);
        });
    return known
        .future()
        .timeout(REGISTERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .recover(error -> Future.failedFuture(unregistered(address, error)));
  }

  private static List<Registration> joined(List<Registration> some, List<Registration> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  private static Refused unregistered(String address, Throwable error) {
    return new Refused(
        Failure.Kind.UNAVAILABLE,
        "not-registered",
        "The cluster's registry did not take %s within %d s (%s); the node has to start again."
            .formatted(address, REGISTERED_WITHIN.toSeconds(), error.getMessage()));
  }

  private static Future<? extends Message> answer(Responder responder, Envelope envelope) {
    Future<? extends Message> answer;
    try {
      answer =
          envelope.unreadable() && envelope.message() instanceof Failure malformed
              ? Future.failedFuture(new Refused(malformed))
              : responder.answer(envelope);
    } catch (RuntimeException defect) {
      answer = Future.failedFuture(defect);
    }
    return answer.map(Message.class::cast).recover(error -> Future.succeededFuture(failure(error)));
  }

  private static <M extends Message> Future<M> answer(
      String address, Envelope envelope, Class<M> wanted) {
    if (envelope.unreadable()) {
      return Future.failedFuture(
          new Refused(
              Failure.Kind.UNKNOWN,
              "unreadable-answer",
              "The answer of " + address + " could not be read; it may have acted."));
    }
    return switch (envelope.message()) {
      case Failure failure -> Future.failedFuture(new Refused(failure));
      case Message given when wanted.isInstance(given) ->
          Future.succeededFuture(wanted.cast(given));
      case Message other ->
          Future.failedFuture(
              new Refused(
                  Failure.Kind.INTERNAL,
                  "unexpected-answer",
                  address + " answered with " + other.getClass().getSimpleName()));
    };
  }

  /** What of an error may cross the bus: a refusal as it is, a defect by its name only. */
  private static Failure failure(Throwable error) {
    if (error instanceof Refused refused) {
      return refused.failure();
    }
    LOG.atError().setCause(error).log("a responder failed");
    return new Failure(
        Failure.Kind.INTERNAL,
        "internal",
        "An internal error (" + error.getClass().getSimpleName() + "); see the server's log.");
  }

  private static Refused unanswered(String address, Duration timeout, Throwable error) {
    if (error instanceof ReplyException reply) {
      return switch (reply.failureType()) {
        case NO_HANDLERS ->
            new Refused(
                Failure.Kind.UNAVAILABLE,
                Requests.NO_HANDLER,
                "Nobody serves " + address + " now.");
        case TIMEOUT, RECIPIENT_FAILURE, ERROR ->
            new Refused(
                Failure.Kind.UNKNOWN,
                Requests.NO_ANSWER,
                address
                    + " did not answer within "
                    + timeout.toMillis()
                    + " ms; it may have acted. Repeat with the same key.");
      };
    }
    LOG.atWarn().setCause(error).addKeyValue("address", address).log("a request failed");
    return new Refused(
        Failure.Kind.UNKNOWN,
        Requests.NO_ANSWER,
        address + " could not be asked: " + error.getMessage());
  }

  private Envelope stamped(@Nullable String address, Message message) {
    return new Envelope(node, trace.sent(message, address), message);
  }

  private Envelope received(io.vertx.core.eventbus.Message<Envelope> message) {
    Envelope envelope = message.body();
    trace.received(envelope, message.address());
    return envelope;
  }

  /** Only who waits for an answer passes its trace on; the rest is done for whoever it concerns. */
  private static DeliveryOptions options(Duration timeout) {
    return new DeliveryOptions()
        .setTracingPolicy(TracingPolicy.IGNORE)
        .setCodecName(EnvelopeCodec.NAME)
        .setSendTimeout(Math.max(1, timeout.toMillis()));
  }
}
