package dev.batuta.bus;

import dev.batuta.codec.ClusterMessage.Heartbeat;
import java.time.Duration;

/**
 * What this node knows about a node of the cluster.
 *
 * @param last its latest heartbeat
 * @param clock its Lamport clock in that heartbeat
 * @param age of that heartbeat, by this node's monotonic clock, time in which this node itself was
 *     stalled not counted
 * @param inSight for how long it has been alive without a break, measured likewise
 */
public record Member(
    Heartbeat last, long clock, Duration age, Liveness liveness, Duration inSight) {

  /** Whether a node is believed to live. */
  public enum Liveness {
    ALIVE,
    /** Silent for longer than the bound; it may hang, or be cut off. */
    SUSPECTED,
    /** It said goodbye, or its connections are closed. */
    GONE
  }

  public String name() {
    return last.node();
  }

  public boolean alive() {
    return liveness == Liveness.ALIVE;
  }

  public boolean isServer() {
    return last.roles().contains("server");
  }

  public boolean isWorker() {
    return last.roles().contains("worker");
  }
}
