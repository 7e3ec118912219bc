package dev.batuta.messaging.replica;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** When to try a repair with another server again: soon, then less and less often. Pure. */
public final class RepairBackoff {
  /** After this a missing answer is taken for a loss. */
  public static final Duration FIRST = Duration.ofMillis(250);

  private static final Duration LONGEST = Duration.ofSeconds(4);

  private record Attempt(long nextNanos, long pauseNanos) {}

  private final Map<String, Attempt> attempts = new HashMap<>();

  /** Those of the wanted whose time has come; each is put off until its pause is over. */
  public Set<String> due(Set<String> wanted, long nowNanos) {
    attempts.keySet().retainAll(wanted);
    Set<String> due = new HashSet<>();
    for (String other : wanted) {
      Attempt attempt = attempts.get(other);
      if (attempt == null || attempt.nextNanos() - nowNanos <= 0) {
        due.add(other);
        long pause =
            attempt == null
                ? FIRST.toNanos()
                : Math.min(2 * attempt.pauseNanos(), LONGEST.toNanos());
        attempts.put(other, new Attempt(nowNanos + pause, pause));
      }
    }
    return due;
  }

  /** It did what it was for: the next one is tried soon. */
  public void succeeded(String other) {
    attempts.computeIfPresent(
        other, (name, attempt) -> new Attempt(attempt.nextNanos(), FIRST.toNanos()));
  }
}
