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
  private static final VersionVector NOTHING = new VersionVector();

  private record Waiting<T>(T what, long sinceNanos) {}

  private final String self;
  private final List<String> servers;
  private final int needed;
  private final Map<String, VersionVector> vectors = new HashMap<>();
  private final Set<String> complete = new HashSet<>();

  /** The life of each other server that answered last. */
  private final Map<String, Long> lives = new HashMap<>();

  /** All that each other server ever said to have, in whatever life, and when it said the last. */
  private final Map<String, VersionVector> most = new HashMap<>();

  /** When each other server said last that it has more of an origin that something waits for. */
  private final Map<String, Map<Origin, Long>> risen = new HashMap<>();

  /** The newest folds of each other server, in the life that answered last. */
  private final Map<String, List<OpId>> folds = new HashMap<>();

  /** Those who know what a fold is, as they said in the last of their lives that said so or not. */
  private final Set<String> readers = new HashSet<>();

  /** Those who lack some of that and do not know it yet: a disk was set back. */
  private final Set<String> setBack = new HashSet<>();

  private final Map<Origin, TreeMap<Long, List<Waiting<T>>>> waiting = new HashMap<>();
  private int size;

  Acks(String self, List<String> servers, AckPolicy policy) {
    this.self = self;
    this.servers = List.copyOf(servers);
    this.needed = policy.of(servers.size());
  }

  /** Whether a server has what it must have to count, as it says itself. */
  void isComplete(String server, boolean isComplete) {
    if (isComplete) {
      complete.add(server);
    } else {
      complete.remove(server);
      setBack.remove(server); // it knows
    }
  }

  /** A life of a server has answered a question: all others of it have ended. */
  void answered(String server, long life) {
    Long known = lives.put(server, life);
    if (known == null || known != life) {
      vectors.remove(server);
      complete.remove(server);
    }
  }

  /**
   * Whether a life of a server is the one that answered last. Else nobody knows which of the two
   * runs, and with what disk: the server counts no more, whatever is heard of it, until it has
   * answered. One that told no life when it answered, as the version before did, is believed.
   */
  boolean runs(String server, long life) {
    Long known = lives.get(server);
    if (known != null && (known == life || known == 0)) {
      return true;
    }
    lives.remove(server);
    complete.remove(server);
    folds.remove(server);
    return false;
  }

  /** Whether an origin is the life of another server that answered last. */
  boolean runs(Origin origin) {
    Long known = lives.get(origin.server());
    return known != null && known == origin.incarnation();
  }

  /** What a server says of the folds that it has, and whether it knows what they are. */
  void folds(String server, List<OpId> newest, boolean reads) {
    if (reads) {
      readers.add(server);
      folds.put(server, newest);
    } else {
      readers.remove(server);
      folds.remove(server);
    }
  }

  /** The newest folds of a server; none where it is not known what it has. */
  List<OpId> folds(String server) {
    return folds.getOrDefault(server, List.of());
  }

  /** Whether all servers have said that they know what a fold is. */
  boolean allReadFolds() {
    return servers.stream().allMatch(server -> server.equals(self) || readers.contains(server));
  }

  /** What a server says about some origins. */
  void heard(String server, List<Position> positions, boolean isComplete, long nowNanos) {
    for (Position position : positions) {
      put(
          server,
          new Origin(position.origin(), position.incarnation()),
          position.sequence(),
          nowNanos);
    }
    isComplete(server, isComplete);
  }

  /**
   * What a server says about all origins.
   *
   * @param mine what is here
   */
  void heardAll(
      String server, VersionVector theirs, boolean isComplete, VersionVector mine, long nowNanos) {
    if (lacks(server, theirs, mine)) {
      setBack.add(server);
    } else {
      setBack.remove(server);
    }
    theirs.recent().forEach((origin, sequence) -> put(server, origin, sequence, nowNanos));
    vectors.put(server, theirs.copy());
    most(server).raise(theirs);
    isComplete(server, isComplete);
  }

  /** A server has at least what a vector says. */
  void has(String server, VersionVector theirs) {
    vectors.computeIfAbsent(server, unknown -> new VersionVector()).raise(theirs);
    most(server).raise(theirs);
  }

  private VersionVector most(String server) {
    return most.computeIfAbsent(server, unknown -> new VersionVector());
  }

  /** Whether a server lacks something that it said before to have, and that is here. */
  boolean lacks(String server, VersionVector theirs, VersionVector mine) {
    return most.getOrDefault(server, NOTHING).beyond(theirs).entrySet().stream()
        .anyMatch(
            said ->
                !theirs.covers(said.getKey(), Math.min(said.getValue(), mine.of(said.getKey()))));
  }

  private void put(String server, Origin origin, long sequence, long nowNanos) {
    vectors.computeIfAbsent(server, unknown -> new VersionVector()).put(origin, sequence);
    VersionVector highest = most(server);
    if (!highest.covers(origin, sequence)) {
      highest.put(origin, sequence);
      if (waiting.containsKey(origin)) {
        risen.computeIfAbsent(server, unknown -> new HashMap<>()).put(origin, nowNanos);
      }
    }
  }

  /** A server has an origin's ops up to this, and says nothing else of itself. */
  void has(String server, Origin origin, long sequence, long nowNanos) {
    if (held(server, origin) < sequence) {
      put(server, origin, sequence, nowNanos);
    }
  }

  /** Whether what a server has counts. */
  boolean counts(String server) {
    return complete.contains(server) && !setBack.contains(server);
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
            .mapToLong(server -> counts(server) ? held(server, origin) : 0)
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

  /**
   * The other servers that lack something that began to wait before an instant, and have not said
   * since that they have more of its origin: one that goes on is late, and lacks nothing.
   */
  Set<String> lagging(long beforeNanos) {
    Set<String> lagging = new HashSet<>();
    waiting.forEach(
        (origin, ofOrigin) -> {
          var first = ofOrigin.firstEntry();
          if (first.getValue().getFirst().sinceNanos() - beforeNanos < 0) {
            lacking(origin, first.getKey()).stream()
                .filter(server -> !rose(server, origin, beforeNanos))
                .forEach(lagging::add);
          }
        });
    return lagging;
  }

  private boolean rose(String server, Origin origin, long sinceNanos) {
    Long last = risen.getOrDefault(server, Map.of()).get(origin);
    return last != null && last - sinceNanos >= 0;
  }

  /** The other servers that lack some of an origin's ops, or do not count. */
  Set<String> lacking(Origin origin, long sequence) {
    return servers.stream()
        .filter(server -> !server.equals(self))
        .filter(server -> !counts(server) || held(server, origin) < sequence)
        .collect(Collectors.toSet());
  }
}
