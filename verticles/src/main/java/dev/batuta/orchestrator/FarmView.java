package dev.batuta.orchestrator;

import java.util.List;

/**
 * The workers of one master and how much there is for them to do, as it sees them at one instant.
 *
 * @param queued tasks that wait for a worker
 * @param running tasks that are with one
 * @param hands each under its latest registration here; one that went may still be listed, for the
 *     time of its heartbeats
 */
public record FarmView(int queued, int running, List<Hand> hands) {

  /** How many take tasks. */
  public int workers() {
    return (int) hands.stream().filter(hand -> !hand.leaving()).count();
  }

  /** How many of these belong to others than this server. */
  public int borrowed(String server) {
    return (int)
        hands.stream().filter(hand -> !hand.leaving() && !hand.home().equals(server)).count();
  }

  /**
   * One worker.
   *
   * @param leaving whether it finishes what runs, takes no more, and goes then
   * @param sinceMillis for how long it has been here under this registration
   */
  public record Hand(
      String worker,
      String home,
      long registration,
      int outstanding,
      boolean leaving,
      long sinceMillis) {}
}
