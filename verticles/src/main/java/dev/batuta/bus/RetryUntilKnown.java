package dev.batuta.bus;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The rule of doubt. A time-out, or a connection that is lost on the way, means <em>unknown</em>,
 * not failed ({@link Failure.Kind#UNKNOWN}): the call is repeated as it is, under the same key, id
 * or attempt, until it is known what became of it. So only a call that, repeated, changes nothing
 * more may be given here.
 *
 * <p>The bounds: one call at a time; pauses that begin at 50 ms and double, with jitter, up to
 * {@link #MAX_PAUSE}; for as long as who asks wants to know. Nobody is made to wait that long: who
 * answers a client does so with UNKNOWN when its own time is over, while the question is pursued.
 *
 * <p>What else is repeated depends on whose work it is. A request that was surely not done is its
 * client's to repeat ({@link #ask}); what nobody else would repeat goes on while the obstacle may
 * pass ({@link #whilePassing}), or, where to stop would lose something, until a fence says that it
 * is another's now ({@link #untilFenced}).
 */
public final class RetryUntilKnown {
  /** Longest pause between two calls. */
  public static final Duration MAX_PAUSE = Duration.ofSeconds(2);

  /** What is known in the end. */
  public sealed interface Known<T> {
    /** Whether a call before the last one had an unknown outcome: it may be the one that acted. */
    boolean wasDoubtful();

    /** It happened. */
    record Answered<T>(T answer, boolean wasDoubtful) implements Known<T> {}

    /**
     * Nobody goes on asking. It did not happen by the last call, unless {@code why} is UNKNOWN;
     * whether by one before, doubt says.
     */
    record Failed<T>(Throwable why, boolean wasDoubtful) implements Known<T> {}
  }

  private RetryUntilKnown() {}

  /**
   * Asks what somebody waits for. Goes on only in doubt; then also when a repetition finds the
   * database away, busy or at fault, because that says nothing of the call before.
   *
   * @param isWanted whether to go on; asked after each failure
   * @param onDoubt told of the first unknown outcome
   * @return never fails
   */
  public static <T> Future<Known<T>> ask(
      Timers timers,
      Supplier<Future<T>> call,
      BooleanSupplier isWanted,
      Consumer<Refused> onDoubt) {
    Doubt doubt = new Doubt(onDoubt);
    return Retry.whileFailing(
            timers, call, error -> doubt.remains(error) && isWanted.getAsBoolean(), MAX_PAUSE)
        .<Known<T>>map(answer -> new Known.Answered<>(answer, doubt.arisen))
        .otherwise(why -> new Known.Failed<>(why, doubt.arisen));
  }

  /**
   * Does own work until it is done or surely refused.
   *
   * @param isWanted whether to go on after this obstacle, which may pass
   */
  public static <T> Future<T> whilePassing(
      Timers timers, Supplier<Future<T>> call, Predicate<Throwable> isWanted) {
    return Retry.whileFailing(
        timers, call, error -> Refused.isPassing(error) && isWanted.test(error), MAX_PAUSE);
  }

  /**
   * Does own work until it is done or fenced, whatever fails meanwhile.
   *
   * @param isWanted whether to go on after this failure, which is not a fence
   */
  public static <T> Future<T> untilFenced(
      Timers timers, Supplier<Future<T>> call, Predicate<Throwable> isWanted) {
    return Retry.whileFailing(
        timers, call, error -> !Refused.isFenced(error) && isWanted.test(error), MAX_PAUSE);
  }

  private static final class Doubt {
    private final Consumer<Refused> onDoubt;
    private boolean arisen;

    Doubt(Consumer<Refused> onDoubt) {
      this.onDoubt = onDoubt;
    }

    /** Whether it may have happened, by this call or by one before. */
    boolean remains(Throwable error) {
      if (!(error instanceof Refused refused)) {
        return false;
      }
      return switch (refused.failure().kind()) {
        case UNKNOWN -> {
          if (!arisen) {
            arisen = true;
            onDoubt.accept(refused);
          }
          yield true;
        }
        case UNAVAILABLE, BUSY, INTERNAL -> arisen;
        case INVALID, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_LARGE, FENCED -> false;
      };
    }
  }
}
