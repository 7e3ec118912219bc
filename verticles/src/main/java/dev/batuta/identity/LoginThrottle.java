package dev.batuta.identity;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down guessing: after some failures within a minute the same client must wait before it
 * tries the same user again. A pure state machine, bounded; not thread-safe.
 */
public final class LoginThrottle {
  private static final int FREE_FAILURES = 5;
  private static final int MAX_ENTRIES = 10_000;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private record Failures(int count, long sinceMillis) {}

  private final Map<String, Failures> failures = new LinkedHashMap<>();

  /** How long this client must wait for this user, by a monotonic clock; zero if it need not. */
  public Duration wait(String client, String user, long nowMillis) {
    Failures known = failures.get(key(client, user));
    if (known == null || known.count() < FREE_FAILURES || isOver(known, nowMillis)) {
      return Duration.ZERO;
    }
    return WINDOW.minusMillis(nowMillis - known.sinceMillis());
  }

  public void failed(String client, String user, long nowMillis) {
    Failures known = failures.remove(key(client, user));
    Failures next =
        known == null || isOver(known, nowMillis)
            ? new Failures(1, nowMillis)
            : new Failures(known.count() + 1, known.sinceMillis());
    if (failures.size() >= MAX_ENTRIES) {
      failures.remove(failures.keySet().iterator().next());
    }
    failures.put(key(client, user), next);
  }

  public void succeeded(String client, String user) {
    failures.remove(key(client, user));
  }

  private static boolean isOver(Failures known, long nowMillis) {
    return nowMillis - known.sinceMillis() >= WINDOW.toMillis();
  }

  private static String key(String client, String user) {
    return client + ' ' + user;
  }
}
