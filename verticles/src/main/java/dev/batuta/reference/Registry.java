package dev.batuta.reference;

import dev.batuta.codec.ReferenceMessage.Server;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What the reference service knows: ranks, which are for ever, and live servers, which are heard
 * of. A pure state machine; time is monotonic, in milliseconds. Not thread-safe.
 */
public final class Registry {
  private record Heard(String address, int load, long at) {}

  private final long timeoutMillis;
  private final Map<String, Integer> ranks = new TreeMap<>();
  private final Map<String, Heard> live = new TreeMap<>();

  public Registry(long timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
  }

  /** A rank that the database gave. */
  public void ranked(String server, int rank) {
    ranks.put(server, rank);
  }

  /** The rank of a server, if it is known here. */
  public OptionalInt rank(String server) {
    Integer rank = ranks.get(server);
    return rank == null ? OptionalInt.empty() : OptionalInt.of(rank);
  }

  /** "I live". */
  public void heard(String server, String address, int load, long now) {
    live.put(server, new Heard(address, load, now));
  }

  /** Live servers by rank; those that were silent for the timeout are removed, their rank stays. */
  public List<Server> list(long now) {
    live.values().removeIf(heard -> now - heard.at() >= timeoutMillis);
    return live.entrySet().stream()
        .filter(e -> ranks.containsKey(e.getKey()))
        .map(
            e ->
                new Server(
                    e.getKey(),
                    ranks.getOrDefault(e.getKey(), 0),
                    e.getValue().address(),
                    e.getValue().load(),
                    now - e.getValue().at()))
        .sorted(Comparator.comparingInt(Server::rank))
        .toList();
  }
}
