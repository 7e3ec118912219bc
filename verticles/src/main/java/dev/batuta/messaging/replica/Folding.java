package dev.batuta.messaging.replica;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When a server makes a fold, see {@link Folds}, and what that lists. It is made once some origins
 * have ended and a majority has as much of them as this server; those are listed.
 *
 * <p>The first of the configured servers makes it, and each one behind it only if it is not made
 * after some time more, so that there is one as a rule; several do no harm. A server that is none
 * of them makes none.
 *
 * <p>The first fold of all is made only once each configured server has said, since this one
 * started, that it knows folds: one of the release before could not read the tokens that come of
 * it. So while one is away from the beginning there is none, and vectors are told in full, as
 * before; later folds wait for nobody. One that comes to be of the release before later says of
 * such a token that it does not know it, and is told vectors in full. Pure; one thread.
 */
final class Folding {
  /** So many origins that have ended are listed by one op. */
  static final int ENOUGH = 8;

  /** At most, to keep the op small where thousands had ended before there were folds. */
  private static final int MOST = 1_000;

  /** So long the first server waits, in which others answer, and each one more behind it. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  /** For so long nothing came of an origin that went on behind a fold; doubled by each more. */
  static final Duration SILENCE = Duration.ofSeconds(5);

  /** So often at most: 60 days. */
  private static final int MOST_DOUBLED = 20;

  /** How far an origin is, and since when. */
  private record Since(long sequence, long nanos) {}

  private final Confirmations confirmations;
  private final Map<Origin, Since> silent = new HashMap<>();
  private @Nullable Long sinceNanos;
  private boolean making;

  Folding(Confirmations confirmations) {
    this.confirmations = confirmations;
  }

  /** Looks whether it is time; to be called a few times a second. */
  void look(AntiEntropyStep step) {
    int rank = step.settings.servers().indexOf(step.settings.server());
    VersionVector held = step.mine();
    List<OpId> finished = rank < 0 || making ? List.of() : finished(step, held);
    if (finished.size() < ENOUGH) {
      sinceNanos = null;
      return;
    }
    long since = sinceNanos == null ? step.now : sinceNanos;
    sinceNanos = since;
    if (step.now - since >= (rank + 1) * PATIENCE.toNanos()) {
      making = true;
      List<OpId> lasts = finished.subList(0, Math.min(MOST, finished.size()));
      step.add(new AntiEntropyEffect.Fold(held.heads(), lasts));
    }
  }

  private List<OpId> finished(AntiEntropyStep step, VersionVector held) {
    boolean isRead = held.level() > 0 || confirmations.allReadFolds();
    if (!isRead || !step.held.complete() || held.recent().size() < ENOUGH) {
      return List.of();
    }
    silent.keySet().retainAll(held.recent().keySet());
    return confirmations.finished(step).stream()
        .filter(last -> hasEnded(last, held.folds(), step.now))
        .toList();
  }

  /**
   * Whether an origin that does not run, as far as is known, is to be listed. Of a server that is
   * none of the configured ones nobody learns that it runs: without this there would be a fold of
   * each thing that it says.
   */
  private boolean hasEnded(OpId last, Folds folds, long nowNanos) {
    int times = folds.times(last.origin());
    if (times == 0) {
      return true;
    }
    Since since =
        silent.compute(
            last.origin(),
            (origin, before) ->
                before != null && before.sequence() == last.sequence()
                    ? before
                    : new Since(last.sequence(), nowNanos));
    long enough = SILENCE.toNanos() << Math.min(times - 1, MOST_DOUBLED);
    return nowNanos - since.nanos() >= enough;
  }

  /** It was made, or could not be. */
  void ended() {
    making = false;
  }
}
