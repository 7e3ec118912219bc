package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who has which op on its disk, and what waits for enough of them. Counted over the configured
 * servers, never over those in sight; a server with a new disk does not count until it has fetched
 * what the others hold. Pure, and used by one thread.
 *
 * @param <T> what waits
 */
final class Acks<T> {
  private record Waiting<T>(T what, long sinceNanos) {}

  private final String self;
  private final List<String> servers;
  private final int needed;
  private final Map<String, VersionVector> vectors = new HashMap<>();
  private final Set<String> complete = new HashSet<>();
  private final Map<Origin, TreeMap<Long, List<Waiting<T>>>> waiting = new HashMap<>();
  private int size;

  Acks(String self, List<String> servers, AckPolicy policy) {
    this.self = self;
    this.servers = List.copyOf(servers);
    this.needed = policy.of(servers.size());
  }

  /** What somebody says about some origins, or about all. */
  void heard(String server, List<Position> positions, boolean all, boolean isComplete) {
    VersionVector vector =
        all ? new VersionVector() : vectors.computeIfAbsent(server, unknown -> new VersionVector());
    vector.putAll(positions);
    vectors.put(server, vector);
    if (isComplete) {
      complete.add(server);
    } else {
      complete.remove(server);
    }
  }

  /** A server has an origin's ops up to this, and says nothing else of itself. */
  void has(String server, Origin origin, long sequence) {
    VersionVector vector = vectors.computeIfAbsent(server, unknown -> new VersionVector());
    if (!vector.covers(origin, sequence)) {
      vector.put(origin, sequence);
    }
  }

  /** Something waits for an op that is on this server's disk. */
  void add(OpId op, T what, long nowNanos) {
    waiting
        .computeIfAbsent(op.origin(), origin -> new TreeMap<>())
        .computeIfAbsent(op.sequence(), sequence -> new ArrayList<>(1))
        .add(new Waiting<>(what, nowNanos));
    size++;
  }

  int size() {
    return size;
  }

  /** Takes out what has waited long enough for enough servers. */
  List<T> acknowledged() {
    List<T> acknowledged = new ArrayList<>();
    for (Iterator<Map.Entry<Origin, TreeMap<Long, List<Waiting<T>>>>> origins =
            waiting.entrySet().iterator();
        origins.hasNext(); ) {
      var entry = origins.next();
      var reached = entry.getValue().headMap(reached(entry.getKey(), needed), true);
      reached.values().forEach(all -> all.forEach(one -> acknowledged.add(one.what())));
      reached.clear();
      if (entry.getValue().isEmpty()) {
        origins.remove();
      }
    }
    size -= acknowledged.size();
    return acknowledged;
  }

  /** The sequence up to which so many servers have an origin's ops. */
  long reached(Origin origin, int enough) {
    if (enough == 0) {
      return Long.MAX_VALUE;
    }
    long[] counted =
        servers.stream()
            .mapToLong(server -> complete.contains(server) ? held(server, origin) : 0)
            .sorted()
            .toArray();
    return counted[counted.length - enough];
  }

  private long held(String server, Origin origin) {
    if (server.equals(self)) {
      return Long.MAX_VALUE;
    }
    VersionVector vector = vectors.get(server);
    return vector == null ? 0 : vector.of(origin);
  }

  /** How many of an origin's ops, up to a sequence, each other server is not known to have. */
  Map<String, Long> lags(Origin origin, long sequence) {
    Map<String, Long> lags = new TreeMap<>();
    servers.stream()
        .filter(server -> !server.equals(self))
        .forEach(server -> lags.put(server, Math.max(0, sequence - held(server, origin))));
    return lags;
  }

  /** Takes out what began to wait before an instant. */
  List<T> expired(long beforeNanos) {
    List<T> expired = new ArrayList<>();
    for (var ofOrigin : waiting.values()) {
      for (Iterator<List<Waiting<T>>> lists = ofOrigin.values().iterator(); lists.hasNext(); ) {
        List<Waiting<T>> list = lists.next();
        for (Waiting<T> one : List.copyOf(list)) {
          if (one.sinceNanos() - beforeNanos < 0) {
            expired.add(one.what());
            list.remove(one);
          }
        }
        if (list.isEmpty()) {
          lists.remove();
        }
      }
    }
    waiting.values().removeIf(Map::isEmpty);
    size -= expired.size();
    return expired;
  }

  /** The other servers that lack something that began to wait before an instant. */
  Set<String> lagging(long beforeNanos) {
    Set<String> lagging = new HashSet<>();
    waiting.forEach(
        (origin, ofOrigin) -> {
          var first = ofOrigin.firstEntry().getValue().getFirst();
          if (first.sinceNanos() - beforeNanos < 0) {
            lagging.addAll(lacking(origin, ofOrigin.lastKey()));
          }
        });
    return lagging;
  }

  /** The other servers that lack some of an origin's ops, or do not count. */
  Set<String> lacking(Origin origin, long sequence) {
    return servers.stream()
        .filter(server -> !server.equals(self))
        .filter(server -> !complete.contains(server) || held(server, origin) < sequence)
        .collect(Collectors.toSet());
  }
}
