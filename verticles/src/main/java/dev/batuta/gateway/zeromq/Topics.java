package dev.batuta.gateway.zeromq;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who listens to which topics. A subscription is the beginning of a topic, as ZeroMQ has it; the
 * same one twice is one. Bounded for each subscriber; not thread-safe.
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
  }

  /** Those who listen to a topic, each once. */
  Collection<S> of(byte[] topic) {
    List<Set<S>> found = new ArrayList<>();
    for (int length : lengths.headMap(topic.length, true).keySet()) {
      Set<S> there = listeners.get(ByteBuffer.wrap(topic, 0, length));
      if (there != null) {
        found.add(there);
      }
    }
    if (found.size() <= 1) {
      return found.isEmpty() ? List.of() : found.getFirst();
    }
    Set<S> all = new LinkedHashSet<>();
    found.forEach(all::addAll);
    return all;
  }

  /** Those who listen to exactly this topic, and not only to some that begin as it does. */
  Collection<S> ofWhole(byte[] topic) {
    Set<S> there = listeners.get(ByteBuffer.wrap(topic));
    return there == null ? List.of() : there;
  }

  boolean isEmpty() {
    return listeners.isEmpty();
  }
}
