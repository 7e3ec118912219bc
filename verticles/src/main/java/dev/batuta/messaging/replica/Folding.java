package dev.batuta.messaging.replica;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a server makes a fold, see {@link Folds}, and what it lists: once enough origins have ended
 * that a majority has as far as this server does, those.
 *
 * <p>The first of the configured servers makes it, and each one behind it only if it is not made
 * after some time more, so that there is one as a rule; several do no harm. The first fold of all
 * is not made while a configured server is known to be of the release before: it could not read the
 * tokens that come of it. One that comes to be of that release later, or was away, says of such a
 * token that it does not know it, and is told vectors in full. Pure; one thread.
 */
final class Folding {
  /** So many origins that have ended are listed by one op. */
  static final int ENOUGH = 8;

  /** A vector that has grown before there were folds is listed by several. */
  private static final int MOST = 1_000;

  /** So long the first server waits, in which others answer, and each one more behind it. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Confirmations confirmations;
  private @Nullable Long sinceNanos;
  private boolean making;

  Folding(Confirmations confirmations) {
    this.confirmations = confirmations;
  }

  /** Looks whether it is time; to be called a few times a second. */
  void look(AntiEntropyStep step) {
    VersionVector held = step.mine();
    List<OpId> finished = making ? List.of() : finished(step, held);
    if (finished.size() < ENOUGH) {
      sinceNanos = null;
      return;
    }
    long since = sinceNanos == null ? step.now : sinceNanos;
    sinceNanos = since;
    int rank = step.settings.servers().indexOf(step.settings.server());
    if (step.now - since >= (rank + 1) * PATIENCE.toNanos()) {
      making = true;
      List<OpId> lasts = finished.subList(0, Math.min(MOST, finished.size()));
      step.add(new AntiEntropyEffect.Fold(held.heads(), lasts));
    }
  }

  private List<OpId> finished(AntiEntropyStep step, VersionVector held) {
    boolean isRead = held.level() > 0 || !confirmations.isOneOfTheReleaseBefore();
    return isRead && step.held.complete() && held.recent().size() >= ENOUGH
        ? confirmations.finished(step)
        : List.of();
  }

  /** It was made, or could not be. */
  void ended() {
    making = false;
  }
}
