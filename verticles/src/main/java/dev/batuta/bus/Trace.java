package dev.batuta.bus;

import dev.batuta.codec.Envelope;
import dev.batuta.codec.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The last sends and receives of a node, for the space-time diagram and for checking that each
 * receive is later than its send (Lamport 1978, figure 1). Records only while somebody follows, up
 * to a bound; what does not fit is counted.
 *
 * <p>Clock and record are one step, so the events are in the order of their clocks. Safe for use by
 * any thread.
 */
public final class Trace {
  /** Events that are kept for one {@link #drain}. */
  public static final int CAPACITY = 500;

  /** What happened to a message. */
  public enum What {
    SEND,
    RECEIVE
  }

  /**
   * One event of this node; sender and {@code sent} name the message.
   *
   * @param clock of this node at the event
   * @param sender of the message
   * @param sent the sender's clock at the send
   * @param type of the message
   * @param atMillis by this machine's clock
   */
  public record Event(
      What what,
      long clock,
      String sender,
      long sent,
      String type,
      String address,
      long atMillis) {}

  /** What was recorded since the last time, and how many events did not fit. */
  public record Batch(List<Event> events, long dropped) {}

  private final String node;
  private final LamportClock clock;
  private final Set<Object> followers = ConcurrentHashMap.newKeySet();
  private final Object lock = new Object();
  private List<Event> events = new ArrayList<>();
  private long dropped;
  private volatile boolean followed;

  Trace(String node, LamportClock clock) {
    this.node = node;
    this.clock = clock;
  }

  /** Records from now on, as long as there is a follower. */
  public void follow(Object follower) {
    synchronized (lock) {
      followers.add(follower);
      followed = true;
    }
  }

  /** Without followers nothing is recorded, and what was is forgotten. */
  public void unfollow(Object follower) {
    synchronized (lock) {
      followers.remove(follower);
      followed = !followers.isEmpty();
      if (!followed) {
        events = new ArrayList<>();
        dropped = 0;
      }
    }
  }

  /** Takes what was recorded. */
  public Batch drain() {
    synchronized (lock) {
      Batch batch = new Batch(events, dropped);
      events = new ArrayList<>();
      dropped = 0;
      return batch;
    }
  }

  /** A send: the clock that the message carries. */
  long sent(Message message, @Nullable String address) {
    if (!followed) {
      return clock.beforeSend();
    }
    synchronized (lock) {
      long value = clock.beforeSend();
      record(What.SEND, value, node, value, message, address);
      return value;
    }
  }

  /** A receive. */
  void received(Envelope envelope, @Nullable String address) {
    if (!followed || envelope.unreadable()) {
      clock.onReceive(envelope.clock());
      return;
    }
    synchronized (lock) {
      long value = clock.onReceive(envelope.clock());
      record(What.RECEIVE, value, envelope.sender(), envelope.clock(), envelope.message(), address);
    }
  }

  private void record(
      What what, long value, String sender, long sent, Message message, @Nullable String address) {
    if (events.size() >= CAPACITY) {
      dropped++;
      return;
    }
    events.add(
        new Event(
            what,
            value,
            sender,
            sent,
            message.getClass().getSimpleName(),
            address == null ? "" : address,
            System.currentTimeMillis()));
  }
}
