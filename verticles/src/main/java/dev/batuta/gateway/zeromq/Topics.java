package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batuta.messaging.replica.Name;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Who listens to which topics. A subscription is the beginning of a topic, as ZeroMQ has it; one
 * that is the whole of it hears it also where a name is spelled differently, and then in the
 * spelling that it has itself, as the libraries of subscribers let pass nothing else. The same
 * subscription twice is one. Bounded for each subscriber; not thread-safe.
 *
 * @param <S> a subscriber, by its identity
 */
final class Topics<S> {
  /** The most subscriptions of one subscriber. */
  static final int MOST = 4_096;

  /** Longer than any topic that there is. */
  static final int LONGEST_BYTES = 512;

  private final Map<ByteBuffer, Set<S>> listeners = new HashMap<>();
  private final Map<S, Set<ByteBuffer>> subscriptions = new HashMap<>();

  /** By what all spellings of a name have in common: who subscribed to it, and in which ones. */
  private final Map<String, Map<S, Set<ByteBuffer>>> names = new HashMap<>();

  /** How many different subscriptions there are of each length. */
  private final TreeMap<Integer, Integer> lengths = new TreeMap<>();

  /**
   * Subscribes to all topics that begin so.
   *
   * @return false if that is beyond the bounds
   */
  boolean add(S subscriber, byte[] beginning) {
    Set<ByteBuffer> own = subscriptions.computeIfAbsent(subscriber, first -> new LinkedHashSet<>());
    if (own.size() >= MOST || beginning.length > LONGEST_BYTES) {
      return false;
    }
    ByteBuffer key = ByteBuffer.wrap(beginning);
    if (own.add(key)) {
      Set<S> there = listeners.get(key);
      if (there == null) {
        there = new LinkedHashSet<>();
        listeners.put(key, there);
        lengths.merge(beginning.length, 1, Integer::sum);
      }
      there.add(subscriber);
      name(key)
          .ifPresent(
              name ->
                  names
                      .computeIfAbsent(name, first -> new LinkedHashMap<>())
                      .computeIfAbsent(subscriber, first -> new LinkedHashSet<>(2))
                      .add(key));
    }
    return true;
  }

  /** Ends a subscription; one that there is not is no matter. */
  void remove(S subscriber, byte[] beginning) {
    ByteBuffer key = ByteBuffer.wrap(beginning);
    Set<ByteBuffer> own = subscriptions.get(subscriber);
    if (own != null && own.remove(key)) {
      forget(subscriber, key);
    }
  }

  /** A subscriber is gone. */
  void remove(S subscriber) {
    Set<ByteBuffer> own = subscriptions.remove(subscriber);
    if (own != null) {
      own.forEach(key -> forget(subscriber, key));
    }
  }

  private void forget(S subscriber, ByteBuffer key) {
    Set<S> there = listeners.get(key);
    if (there != null && there.remove(subscriber) && there.isEmpty()) {
      listeners.remove(key);
      lengths.merge(key.remaining(), -1, (count, less) -> count + less == 0 ? null : count + less);
    }
    name(key).ifPresent(name -> forget(name, subscriber, key));
  }

  private void forget(String name, S subscriber, ByteBuffer key) {
    names.computeIfPresent(
        name,
        (same, subscribers) -> {
          subscribers.computeIfPresent(
              subscriber,
              (one, spellings) -> {
                spellings.remove(key);
                return spellings.isEmpty() ? null : spellings;
              });
          return subscribers.isEmpty() ? null : subscribers;
        });
  }

  /** What all spellings have in common; blanks, and bytes that are no text, are no name. */
  private static Optional<String> name(ByteBuffer topic) {
    try {
      String name = Name.fold(UTF_8.newDecoder().decode(topic.duplicate()).toString());
      return name.isEmpty() ? Optional.empty() : Optional.of(name);
    } catch (CharacterCodingException noText) {
      return Optional.empty();
    }
  }

  /**
   * Those who listen to a topic, each once.
   *
   * @param topic the name of a user or a channel, or one of the protocol's own
   * @param hear takes each, with the topic as it is to be told to it
   */
  void of(byte[] topic, BiConsumer<S, byte[]> hear) {
    Map<S, Set<ByteBuffer>> whole = subscribers(topic);
    tell(whole, topic, hear);
    // Who subscribed to exactly this is among those who subscribed to its name, if it is one.
    List<Set<S>> beginnings = beginnings(topic, whole.isEmpty());
    Set<S> told = new HashSet<>();
    for (Set<S> there : beginnings) {
      for (S subscriber : there) {
        if (!whole.containsKey(subscriber) && (beginnings.size() == 1 || told.add(subscriber))) {
          hear.accept(subscriber, topic);
        }
      }
    }
  }

  /** Those who listen to this whole topic, and not only to some that begin as it does. */
  void ofWhole(byte[] topic, BiConsumer<S, byte[]> hear) {
    tell(subscribers(topic), topic, hear);
  }

  private Map<S, Set<ByteBuffer>> subscribers(byte[] topic) {
    return name(ByteBuffer.wrap(topic)).map(names::get).orElse(Map.of());
  }

  private void tell(Map<S, Set<ByteBuffer>> subscribers, byte[] topic, BiConsumer<S, byte[]> hear) {
    ByteBuffer asItIs = ByteBuffer.wrap(topic);
    subscribers.forEach(
        (subscriber, spellings) ->
            hear.accept(
                subscriber,
                spellings.size() > 1 && spellings.contains(asItIs)
                    ? topic
                    : spellings.iterator().next().array()));
  }

  /**
   * Those who subscribed to each beginning of a topic.
   *
   * @param all whether to its end too
   */
  private List<Set<S>> beginnings(byte[] topic, boolean all) {
    List<Set<S>> found = new ArrayList<>();
    for (int length : lengths.headMap(topic.length, all).keySet()) {
      Set<S> there = listeners.get(ByteBuffer.wrap(topic, 0, length));
      if (there != null) {
        found.add(there);
      }
    }
    return found;
  }

  /** Whether anybody listens to a topic. */
  boolean isHeard(byte[] topic) {
    return !subscribers(topic).isEmpty() || !beginnings(topic, true).isEmpty();
  }

  boolean isEmpty() {
    return listeners.isEmpty();
  }
}
