package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.WorkerMessage.Via;
import java.util.Collection;
import java.util.List;

/**
 * The workers of one master and how much there is for them to do, as it sees them at one instant:
 * those that take what every worker takes.
 *
 * @param queued tasks that wait for a worker, of kinds that every worker takes or one of these
 * @param special tasks of other kinds; somebody elsewhere may take them
 * @param running tasks that are with one
 * @param workers each under its latest registration here; one that went may still be listed, for
 *     the time of its heartbeats
 */
public record FarmView(int queued, int special, int running, List<Worker> workers) {
  /** Of a server that has no queue. */
  public static final FarmView NONE = new FarmView(0, 0, 0, List.of());

  /** How many take tasks. */
  public int serving() {
    return (int) workers.stream().filter(worker -> !worker.leaving()).count();
  }

  /** How many of these belong to others than this server, which can have them back. */
  public int borrowed(String server, Collection<String> live) {
    return (int)
        workers.stream()
            .filter(
                worker -> !worker.leaving() && !worker.isOf(server) && live.contains(worker.home()))
            .count();
  }

  /**
   * One worker.
   *
   * @param home empty of one that belongs to whom it serves
   * @param leaving whether it finishes what runs, takes no more, and goes then
   * @param sinceMillis for how long it has been here under this registration
   * @param via over what it speaks: it can serve the masters that speak it too
   */
  public record Worker(
      String name,
      String home,
      long registration,
      int outstanding,
      boolean leaving,
      long sinceMillis,
      Via via) {
    /** Whether it belongs to this server while it serves it. */
    public boolean isOf(String server) {
      return home.isEmpty() || home.equals(server);
    }
  }
}
