package dev.batuta.succession;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.Database.Fence;
import dev.batuta.database.Signals;

/**
 * What {@code guard_term} and {@code guard_epoch} signal: that the term of a queue, or the epoch of
 * the coordinator, is not the one in force. Whoever is refused so has changed nothing.
 */
public final class Fences {
  private static final int TERM_IS_OVER = 30_001;
  private static final int EPOCH_IS_OVER = 30_004;

  private Fences() {}

  /** FENCED, and counted by the database ({@link Database#refused(Fence)}). */
  public static Signals of(Database database) {
    return Signals.of(
            TERM_IS_OVER,
            sentence -> {
              database.noteRefused(Fence.TERM);
              return new Refused(
                  Kind.FENCED,
                  "old-term",
                  "Refused: " + sentence + "; take a new term and repeat.");
            })
        .or(
            Signals.of(
                EPOCH_IS_OVER,
                sentence -> {
                  database.noteRefused(Fence.EPOCH);
                  return new Refused(
                      Kind.FENCED,
                      "old-epoch",
                      "Refused: " + sentence + "; win an election before you act again.");
                }));
  }
}
