package dev.batuta.simulation.dispatch;

import dev.batuta.bus.Requests;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The bus: it loses, repeats, delays and reorders, and can be cut in each direction apart. */
final class SimulatedNetwork {
  private static final long USUAL_MICROS = 2_000;
  private static final long LATE_MICROS = 4_000_000;

  private final World world;
  private final Map<String, SimulatedNode> serving = new HashMap<>();
  private final Set<List<String>> cuts = new HashSet<>();

  /** Probabilities for each message, either way. */
  double loss;

  double repeats;
  double late;

  SimulatedNetwork(World world) {
    this.world = world;
  }

  void serve(String address, SimulatedNode node) {
    serving.put(address, node);
  }

  /** Cuts one direction until {@link #heal}. */
  void cut(String from, String to) {
    cuts.add(List.of(from, to));
  }

  void heal() {
    loss = 0;
    repeats = 0;
    late = 0;
    cuts.clear();
  }

  void heal(String from, String to) {
    cuts.remove(List.of(from, to));
  }

  /** The way of one node to all others. */
  Requests from(SimulatedNode sender) {
    return new Requests() {
      @Override
      public <M extends Message> Future<M> request(
          String address, Message message, Class<M> answer, Duration timeout) {
        Promise<Message> promise = Promise.promise();
        sender.after(timeout.toMillis(), () -> promise.tryFail(noAnswer(address)));
        ask(sender, address, message, promise);
        return promise.future().map(answer::cast);
      }
    };
  }

  private void ask(
      SimulatedNode sender, String address, Message message, Promise<Message> promise) {
    SimulatedNode to = serving.get(address);
    if (to == null || !to.runs()) {
      if (world.chance(0.7)) {
        sender.after(1 + sender.random(50), () -> promise.tryFail(noHandler(address)));
      }
      return;
    }
    long run = sender.run();
    world.tell(sender.name, to.name, message);
    world.invariants.sent(sender, to, message);
    carry(
        sender.name,
        to.name,
        () ->
            to.perform(
                () ->
                    to.answer(address, message)
                        .<Message>map(given -> given)
                        .onComplete(
                            given ->
                                carry(
                                    to.name,
                                    sender.name,
                                    sender.inRun(
                                        run,
                                        () -> {
                                          if (given.succeeded()) {
                                            promise.tryComplete(given.result());
                                          } else {
                                            world.tellRefusal(to.name, message, given.cause());
                                            promise.tryFail(refusal(given.cause()));
                                          }
                                        })))));
  }

  private void carry(String from, String to, Runnable delivery) {
    if (cuts.contains(List.of(from, to)) || world.chance(loss)) {
      return;
    }
    world.timeline.after(delayMicros(), delivery);
    if (world.chance(repeats)) {
      world.timeline.after(delayMicros() * 3, delivery);
    }
  }

  private long delayMicros() {
    return world.chance(late)
        ? world.random.nextLong(LATE_MICROS)
        : 200 + world.random.nextLong(USUAL_MICROS);
  }

  private static Throwable refusal(Throwable error) {
    if (error instanceof Refused) {
      return error;
    }
    throw new AssertionError("a responder failed", error);
  }

  private static Refused noAnswer(String address) {
    return new Refused(Failure.Kind.UNKNOWN, "no-answer", address + " did not answer");
  }

  private static Refused noHandler(String address) {
    return new Refused(Failure.Kind.UNAVAILABLE, "no-handler", "Nobody serves " + address);
  }
}
