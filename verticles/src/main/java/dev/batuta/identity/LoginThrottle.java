package dev.batuta.identity;

import dev.batuta.identity.LoginFailures.Count;
import io.vertx.core.Future;
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
 * host has to itself.
 *
 * <p>They are counted in the database: it is what all nodes have in common, it remembers when they
 * are killed, and without it nobody logs in anyway; a message to the others may be lost, and a node
 * that starts has not heard it. The count decides after a password was looked at, and before who
 * guesses is told, so that guesses at several nodes at once tell no more than in turn. Who must
 * wait is remembered here too: who is known to is refused at no cost. So a failure costs three
 * small writes and a read, beside a slow hash, and a success one read.
 *
 * <p>Safe on any thread; bounded.
 */
public final class LoginThrottle {
  private static final int OF_BOTH = 5;
  private static final int OF_CLIENT = 50;
  private static final int OF_USER = 100;
  private static final int MAX_KNOWN = 10_000;
  private static final int NETWORK_BYTES = 8;

  private final LoginFailures failures;

  /** Until when who must wait, by a monotonic clock; those that are known the longest first. */
  private final Map<String, Long> untilNanos = new LinkedHashMap<>();

  /**
   * A limit.
   *
   * @param whose by what is counted; a network has no blank
   * @param free failures after which one waits
   */
  private record Limit(String whose, int free) {}

  public LoginThrottle(LoginFailures failures) {
    this.failures = failures;
  }

  private static List<Limit> limits(String client, String user) {
    return List.of(
        new Limit(pair(client, user), OF_BOTH),
        new Limit(network(client), OF_CLIENT),
        new Limit(' ' + user, OF_USER));
  }

  private static List<String> whose(List<Limit> limits) {
    return limits.stream().map(Limit::whose).toList();
  }

  /** How long this client must wait for this user, as far as it is known here; zero if not. */
  public synchronized Duration known(String client, String user) {
    long now = System.nanoTime();
    long longest = 0;
    for (Limit limit : limits(client, user)) {
      longest = Math.max(longest, untilNanos.getOrDefault(limit.whose(), now) - now);
    }
    return Duration.ofNanos(longest);
  }

  /**
   * Counts a failure.
   *
   * @return how long this client must wait before it is told of it; zero if it need not
   */
  public Future<Duration> failed(String client, String user) {
    List<Limit> limits = limits(client, user);
    return failures.add(whose(limits)).map(counts -> learn(limits, counts, 1));
  }

  /**
   * Forgets what this client failed for this user, unless it must wait; what it guessed of others
   * stays.
   *
   * @return how long it must wait before it is told of the success; zero if it need not
   */
  public Future<Duration> succeeded(String client, String user) {
    List<Limit> limits = limits(client, user);
    String both = pair(client, user);
    return failures
        .of(whose(limits))
        .compose(
            counts -> {
              Duration wait = learn(limits, counts, 0);
              return wait.isZero() && counts.containsKey(both)
                  ? failures.forget(both).map(wait)
                  : Future.succeededFuture(wait);
            });
  }

  /**
   * Remembers who must wait.
   *
   * @param own failures of these that have just been counted, and are free if the others are
   */
  private synchronized Duration learn(List<Limit> limits, Map<String, Count> counts, int own) {
    long now = System.nanoTime();
    Duration wait = Duration.ZERO;
    for (Limit limit : limits) {
      Count count = counts.getOrDefault(limit.whose(), Count.NONE);
      if (count.failures() >= limit.free()) {
        remember(limit.whose(), now + count.left().toNanos());
      }
      if (count.failures() - own >= limit.free() && count.left().compareTo(wait) > 0) {
        wait = count.left();
      }
    }
    return wait;
  }

  private void remember(String whose, long until) {
    untilNanos.remove(whose);
    if (untilNanos.size() >= MAX_KNOWN) {
      untilNanos.remove(untilNanos.keySet().iterator().next());
    }
    untilNanos.put(whose, until);
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
}
