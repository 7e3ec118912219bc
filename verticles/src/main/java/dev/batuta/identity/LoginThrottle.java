package dev.batuta.identity;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Slows down guessing. Failures are counted for a minute from the first: of one client for one user
 * (5), of one client for all users (50), and of all clients for one user (100); who reaches one of
 * these waits out the minute. The last bound keeps a network of many from guessing together, and is
 * high because whoever reaches it also locks out the user. A client of IPv6 is its /64, which one
 * host has to itself. A pure state machine, bounded; not thread-safe.
 */
public final class LoginThrottle {
  private static final int OF_BOTH = 5;
  private static final int OF_CLIENT = 50;
  private static final int OF_USER = 100;
  private static final int MAX_ENTRIES = 10_000;
  private static final int NETWORK_BYTES = 8;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final Failures both = new Failures(OF_BOTH);
  private final Failures ofClient = new Failures(OF_CLIENT);
  private final Failures ofUser = new Failures(OF_USER);

  /** How long this client must wait for this user, by a monotonic clock; zero if it need not. */
  public Duration wait(String client, String user, long nowMillis) {
    String network = network(client);
    return List.of(
            both.wait(pair(client, user), nowMillis),
            ofClient.wait(network, nowMillis),
            ofUser.wait(user, nowMillis))
        .stream()
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  public void failed(String client, String user, long nowMillis) {
    String network = network(client);
    both.add(pair(client, user), nowMillis);
    ofClient.add(network, nowMillis);
    ofUser.add(user, nowMillis);
  }

  /** Forgets what this client failed for this user; what it guessed of others stays. */
  public void succeeded(String client, String user) {
    both.forget(pair(client, user));
  }

  /** Names one client and one user together; those of one network of IPv6 have the same. */
  public static String pair(String client, String user) {
    return network(client) + ' ' + user;
  }

  private static String network(String client) {
    try {
      return InetAddress.ofLiteral(client) instanceof Inet6Address address
          ? HexFormat.of().formatHex(address.getAddress(), 0, NETWORK_BYTES)
          : client;
    } catch (IllegalArgumentException name) {
      return client;
    }
  }

  /** By key, those that are the longest ago first. */
  private static final class Failures {
    private record Count(int count, long sinceMillis) {}

    private final int free;
    private final Map<String, Count> counts = new LinkedHashMap<>();

    Failures(int free) {
      this.free = free;
    }

    Duration wait(String key, long nowMillis) {
      Count known = counts.get(key);
      return known == null || known.count() < free || isOver(known, nowMillis)
          ? Duration.ZERO
          : WINDOW.minusMillis(nowMillis - known.sinceMillis());
    }

    void add(String key, long nowMillis) {
      Count known = counts.remove(key);
      Count next =
          known == null || isOver(known, nowMillis)
              ? new Count(1, nowMillis)
              : new Count(known.count() + 1, known.sinceMillis());
      if (counts.size() >= MAX_ENTRIES) {
        counts.remove(counts.keySet().iterator().next());
      }
      counts.put(key, next);
    }

    void forget(String key) {
      counts.remove(key);
    }

    private static boolean isOver(Count known, long nowMillis) {
      return nowMillis - known.sinceMillis() >= WINDOW.toMillis();
    }
  }
}
