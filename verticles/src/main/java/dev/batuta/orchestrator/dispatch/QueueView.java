package dev.batuta.orchestrator.dispatch;

import java.util.SortedMap;

/**
 * The queue of one master at one instant, for who watches it.
 *
 * @param queued tasks that wait for nothing but a worker, as {@link FarmView#queued}
 * @param special tasks in the store of kinds that not every worker takes, as far as they are known
 * @param pending tasks that have not ended, except those of the next two
 * @param running tasks that are with a worker
 * @param failed tasks that wait after a failed attempt
 * @param ready tasks in memory that could be sent now, by kind
 * @param oldestMillis how long the first of these has waited, 0 where none waits
 */
public record QueueView(
    int queued,
    int special,
    long pending,
    int running,
    int failed,
    SortedMap<String, Integer> ready,
    long oldestMillis,
    Workers workers) {

  /**
   * The farm of a master.
   *
   * @param own how many are its own
   * @param borrowed how many belong to others
   * @param credits how many tasks they take at once together
   */
  public record Workers(int own, int borrowed, long credits) {}

  static QueueView of(TaskQueue queue, Farm farm, String master, long nowMillis) {
    ReadyQueue ready = queue.ready();
    return new QueueView(
        queue.waiting(farm.lendingKinds()),
        queue.special(),
        queue.pending(),
        queue.running(),
        queue.failed(),
        ready.sizes(),
        nowMillis - ready.waitingSince().orElse(nowMillis),
        farm.totals(master));
  }
}
