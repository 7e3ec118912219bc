package dev.batuta.gateway.foreign;

import java.util.LinkedHashMap;

/**
 * The tasks that workers were told and lost. The ledger acts on an accepted answer only, so a task
 * that was lost was not begun, and goes to another as the attempt that it is: workers that vanish
 * cost it nothing. But it may be the task that ends them. So after {@link #FREE} losses each
 * further one costs it an attempt, until they are used up. One worker that loses the same task over
 * and over counts once a minute: a broken one cannot use up alone what others would do.
 *
 * <p>Bounded: of the tasks those are kept that were lost last. Belongs to one thread.
 */
final class LostTasks {
  /** Losses of a task that cost it nothing. */
  static final int FREE = 50;

  static final long AGAIN_MILLIS = 60_000;
  private static final int MAX_TASKS = 10_000;
  private static final int MAX_LOSERS = 2 * FREE;

  private final LinkedHashMap<Long, Losses> tasks = new LinkedHashMap<>();

  private static final class Losses {
    private final LinkedHashMap<String, Long> counted = new LinkedHashMap<>();
    private int count;

    /** Whether it counts. */
    boolean add(String loser, long now) {
      counted.values().removeIf(at -> now - at >= AGAIN_MILLIS);
      if (counted.putIfAbsent(loser, now) != null) {
        return false;
      }
      if (counted.size() > MAX_LOSERS) {
        counted.pollFirstEntry();
      }
      count++;
      return true;
    }
  }

  /**
   * Notes a loss.
   *
   * @param loser by which a worker that comes again is known
   * @return whether it costs the task an attempt
   */
  boolean costsAttempt(long task, String loser, long now) {
    Losses known = tasks.remove(task);
    Losses losses = known == null ? new Losses() : known;
    tasks.put(task, losses); // as the one that was lost last
    if (tasks.size() > MAX_TASKS) {
      tasks.pollFirstEntry();
    }
    return losses.add(loser, now) && losses.count > FREE;
  }

  /** It is done. */
  void forget(long task) {
    tasks.remove(task);
  }
}
