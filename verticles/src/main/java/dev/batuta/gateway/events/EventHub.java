package dev.batuta.gateway.events;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * The live events of this node, except messages: the present state of each type, and the last
 * events, so that a client that lost its connection misses nothing. Belongs to the gateway's event
 * loop.
 */
public final class EventHub {
  /** Types in the order in which a new subscriber gets their present state. */
  public static final Set<String> TYPES =
      java.util.Collections.unmodifiableSet(
          new LinkedHashSet<>(List.of("coordinator", "clock", "nodes", "tasks", "lending")));

  /**
   * The type that has no state, is not kept, and is given only to who names it: it costs work, and
   * what was missed of it is over.
   */
  public static final String TRACE = "trace";

  private static final int KEPT = 1024;

  /** One event; sequence numbers grow by one within this run of the gateway. */
  public record Event(long sequence, String type, JsonObject body) {}

  private final long incarnation = ThreadLocalRandom.current().nextLong();
  private final Deque<Event> kept = new ArrayDeque<>(KEPT);
  private final Map<String, Map<String, Event>> present = new LinkedHashMap<>();
  private final Set<Consumer<Event>> subscribers = new LinkedHashSet<>();
  private final List<MessageConsumer<JsonObject>> consumers = new ArrayList<>();
  private long sequence;
  private int bridged;

  /** Hears the events of this node from now on. */
  public void start(Vertx vertx) {
    for (String type : TYPES) {
      consumers.add(
          vertx.eventBus().localConsumer("events." + type, event -> take(type, event.body())));
    }
    consumers.add(
        vertx.eventBus().localConsumer("events." + TRACE, event -> pass(TRACE, event.body())));
  }

  public Future<?> stop() {
    return Future.all(consumers.stream().map(MessageConsumer::unregister).toList());
  }

  /** A state from before this hub listened. */
  public void seed(String type, JsonObject body) {
    present.computeIfAbsent(type, t -> new LinkedHashMap<>());
    if (present.getOrDefault(type, Map.of()).isEmpty()) {
      take(type, body);
    }
  }

  public long incarnation() {
    return incarnation;
  }

  public long sequence() {
    return sequence;
  }

  public void subscribe(Consumer<Event> subscriber) {
    subscribers.add(subscriber);
  }

  /** Hears the bodies of one type from now on, until the answer is run. */
  public Runnable subscribe(String type, Consumer<JsonObject> subscriber) {
    Consumer<Event> ofType =
        event -> {
          if (event.type().equals(type)) {
            subscriber.accept(event.body());
          }
        };
    subscribe(ofType);
    return () -> unsubscribe(ofType);
  }

  public void unsubscribe(Consumer<Event> subscriber) {
    subscribers.remove(subscriber);
  }

  /** A client of the SockJS bridge came (1) or went (-1). */
  public void bridged(int change) {
    bridged = Math.max(0, bridged + change);
  }

  /** Whether anybody looks. */
  boolean isWatched() {
    return bridged > 0 || !subscribers.isEmpty();
  }

  /** The present state of a type: its last event, of clock the last round and each node's clock. */
  public List<Event> present(String type) {
    return List.copyOf(present.getOrDefault(type, Map.of()).values());
  }

  /** What followed an event, if that is still known. */
  public Optional<List<Event>> since(long incarnation, long sequence) {
    boolean known =
        incarnation == this.incarnation
            && sequence <= this.sequence
            && (kept.isEmpty() || sequence >= kept.getFirst().sequence() - 1);
    return known
        ? Optional.of(kept.stream().filter(event -> event.sequence() > sequence).toList())
        : Optional.empty();
  }

  private void pass(String type, JsonObject body) {
    Event event = new Event(sequence, type, body);
    List.copyOf(subscribers).forEach(subscriber -> subscriber.accept(event));
  }

  private void take(String type, JsonObject body) {
    Event event = new Event(++sequence, type, body);
    if (kept.size() == KEPT) {
      kept.removeFirst();
    }
    kept.addLast(event);
    String aspect = body.getString("name", "");
    Map<String, Event> states = present.computeIfAbsent(type, t -> new LinkedHashMap<>());
    states.remove(aspect);
    states.put(aspect, event);
    List.copyOf(subscribers).forEach(subscriber -> subscriber.accept(event));
  }
}
