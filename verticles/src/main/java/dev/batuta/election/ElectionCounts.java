package dev.batuta.election;

import dev.batuta.metrics.ByConstant;
import dev.batuta.metrics.ByLabel;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What a server did in elections since it started. Safe on any thread. */
public final class ElectionCounts {
  /** What came of a claim. */
  public enum Claim {
    WON,
    REFUSED,
    UNKNOWN
  }

  private final ByConstant<Claim> claims = new ByConstant<>(Claim.class);
  private final ByLabel<LongAdder> events = ByLabel.counts();

  void claim(Claim came) {
    claims.count(came);
  }

  /** An {@link ElectionEffect.Note}: the rules have some ten events. */
  void note(String event) {
    events.of(event.replace(' ', '-')).increment();
  }

  /** Claims of an epoch in the database. */
  public ByConstant<Claim> claims() {
    return claims;
  }

  /** What the log tells of elections, by its words, such as {@code election-started}. */
  public Map<String, Long> events() {
    Map<String, Long> sums = new TreeMap<>();
    events.all().forEach((event, count) -> sums.put(event, count.sum()));
    return sums;
  }
}
