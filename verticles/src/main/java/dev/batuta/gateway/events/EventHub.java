package dev.batuta.gateway.events;

import io.vertx.core.Context;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The live events of this node, except messages: the present state of each type, and the last
 * events, so that a client that lost its connection misses nothing.
 *
 * <p>Safe on any thread. A subscriber hears each event once, in the order of all, on the context
 * that it names; what it gets at first and what it hears afterwards leave no gap and overlap
 * nowhere. The bodies are shared by all who hear them, and changed by nobody.
 */
public final class EventHub {
  /** Types in the order in which a new subscriber gets their present state. */
  public static final Set<String> TYPES =
      Collections.unmodifiableSet(
          new LinkedHashSet<>(
              List.of("coordinator", "clock", "nodes", "workers", "tasks", "lending")));

  /**
   * The type that has no state, is not kept, and is given only to who names it: it costs work, and
   * what was missed of it is over.
   */
  public static final String TRACE = "trace";

  private static final int KEPT = 1024;

  /**
   * One event.
   *
   * @param sequence grows by one within this run of the gateway; of a present state, and of a
   *     trace, that of the event before it
   */
  public record Event(long sequence, String type, JsonObject body) {}

  private final long incarnation = ThreadLocalRandom.current().nextLong();
  private final Deque<Event> kept = new ArrayDeque<>(KEPT);
  private final PresentStates present = new PresentStates();
  private final Set<Subscription> subscriptions = new LinkedHashSet<>();
  private final AtomicInteger messageListeners = new AtomicInteger();
  private long sequence;

  /** One who hears events. */
  public final class Subscription {
    private final @Nullable String type;
    private final Context context;
    private final Consumer<Event> subscriber;
    private final List<Event> first;
    private volatile boolean cancelled;

    /**
     * @param type of what is heard, null for all
     */
    private Subscription(
        @Nullable String type, Context context, Consumer<Event> subscriber, List<Event> first) {
      this.type = type;
      this.context = context;
      this.subscriber = subscriber;
      this.first = first;
    }

    /** What came before all that the subscriber hears: it missed this, or this is the present. */
    public List<Event> first() {
      return first;
    }

    /** On the context of the subscriber nothing is heard after this. */
    public void cancel() {
      cancelled = true;
      unsubscribe(this);
    }

    private void hear(Event event) {
      if (type != null && !type.equals(event.type())) {
        return;
      }
      context.runOnContext(
          here -> {
            if (!cancelled) {
              subscriber.accept(event);
            }
          });
    }
  }

  /** Of this run of the gateway; sequences are compared within it only. */
  public long incarnation() {
    return incarnation;
  }

  /** How far the events have come. */
  public synchronized long sequence() {
    return sequence;
  }

  /** Gets the present state of a type, if it has one; then hears the events of that type. */
  public synchronized Subscription follow(
      String type, Context context, Consumer<Event> subscriber) {
    return add(new Subscription(type, context, subscriber, presentStates(type)));
  }

  /**
   * Gets what followed an event, or the present state where that is not known any more; then hears
   * events of all types.
   *
   * @param last null for who has had none
   */
  public synchronized Subscription resume(
      Context context, @Nullable EventToken last, Consumer<Event> subscriber) {
    return add(
        new Subscription(
            null,
            context,
            subscriber,
            last != null && isKept(last) ? after(last.sequence()) : presentStates()));
  }

  private Subscription add(Subscription subscription) {
    subscriptions.add(subscription);
    return subscription;
  }

  private synchronized void unsubscribe(Subscription subscription) {
    subscriptions.remove(subscription);
  }

  private boolean isKept(EventToken last) {
    return last.incarnation() == incarnation
        && last.sequence() <= sequence
        && (kept.isEmpty() || last.sequence() >= kept.getFirst().sequence() - 1);
  }

  private List<Event> after(long last) {
    return kept.stream().filter(event -> event.sequence() > last).toList();
  }

  private List<Event> presentStates() {
    return TYPES.stream().flatMap(type -> presentStates(type).stream()).toList();
  }

  private List<Event> presentStates(String type) {
    return present.of(type).stream().map(body -> new Event(sequence, type, body)).toList();
  }

  /** Somebody hears messages on the event bus of this node, where else none are told. */
  void hearMessages() {
    messageListeners.incrementAndGet();
  }

  /** Somebody who {@link #hearMessages} does not any more. */
  void hearMessagesNoMore() {
    messageListeners.decrementAndGet();
  }

  boolean isHearingMessages() {
    return messageListeners.get() > 0;
  }

  /** Whether anybody looks. */
  synchronized boolean isWatched() {
    return !subscriptions.isEmpty();
  }

  /** A state from before events were heard; of a type that has one already it changes nothing. */
  synchronized void seed(String type, JsonObject body) {
    if (present.of(type).isEmpty()) {
      take(type, body);
    }
  }

  /** An event of a type that has a state. */
  synchronized void take(String type, JsonObject body) {
    Event event = new Event(++sequence, type, body);
    if (kept.size() == KEPT) {
      kept.removeFirst();
    }
    kept.addLast(event);
    present.take(type, body);
    tell(event);
  }

  /** An event that is told, and kept nowhere. */
  synchronized void pass(String type, JsonObject body) {
    tell(new Event(sequence, type, body));
  }

  private void tell(Event event) {
    subscriptions.forEach(subscription -> subscription.hear(event));
  }
}
