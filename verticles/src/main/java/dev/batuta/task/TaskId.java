package dev.batuta.task;

/**
 * The arithmetic of task ids: the number of the term that accepted the task, and a counter in that
 * term that starts at 1, 32 bits each. So ids of one submission are consecutive, ids of later terms
 * are higher, and whose a task is can be read from its id.
 */
public final class TaskId {
  /** Most tasks of one term. */
  public static final long MAX_COUNTER = 0xFFFF_FFFFL;

  private TaskId() {}

  /** The id of a term's task; counter 0 is before its first. */
  public static long of(long term, long counter) {
    return term << 32 | counter;
  }

  /** The term that accepted a task. */
  public static long term(long id) {
    return id >>> 32;
  }

  /** The task's number in its term. */
  public static long counter(long id) {
    return id & MAX_COUNTER;
  }
}
