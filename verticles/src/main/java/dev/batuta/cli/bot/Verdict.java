package dev.batuta.cli.bot;

import dev.batuta.cli.bot.Deliveries.Counts;
import dev.batuta.cli.client.Problem;
import java.util.List;
import java.util.Locale;

/**
 * What the counts of bots show in the end.
 *
 * @param reason a sentence
 */
public record Verdict(Kind kind, String reason) {
  /** Whether all that was acknowledged was seen once by all. */
  public enum Kind {
    KEPT(0),
    BROKEN(Problem.REFUSED),
    UNSURE(Problem.UNSURE);

    private final int exitCode;

    Kind(int exitCode) {
      this.exitCode = exitCode;
    }

    public int exitCode() {
      return exitCode;
    }

    /** As it is written in JSON. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A bot in the end.
   *
   * @param reads whether a server gives it messages: what others miss may still come
   */
  record Reader(Counts counts, boolean reads) {}

  static Verdict of(List<Reader> bots) {
    long missing = 0;
    long unread = 0;
    long acknowledged = 0;
    long doubled = 0;
    long strange = 0;
    for (var bot : bots) {
      missing += bot.reads() ? bot.counts().missing() : 0;
      unread += bot.reads() ? 0 : bot.counts().missing();
      acknowledged += bot.counts().acknowledged();
      doubled += bot.counts().doubled();
      strange += bot.counts().strange();
    }
    if (missing + doubled + strange > 0) {
      return new Verdict(
          Kind.BROKEN,
          "acknowledged messages are missing %d times, came again %d times, and %d came that nobody sent"
              .formatted(missing, doubled, strange));
    }
    if (unread > 0) {
      return new Verdict(
          Kind.UNSURE,
          "acknowledged messages are missing %d times where no server gives messages: ask again when servers are back"
              .formatted(unread));
    }
    if (acknowledged == 0) {
      return new Verdict(Kind.UNSURE, "nothing was acknowledged: see ./batuta status");
    }
    return new Verdict(
        Kind.KEPT, "every acknowledged message was seen once by everybody in its channel");
  }
}
