package dev.batuta.gateway.foreign;

import dev.batuta.gateway.ConnectionLimit.Seat;
import dev.batuta.gateway.MessageBudget;
import java.util.function.Consumer;

/**
 * A connection as its port sees it: what it has done of what it may do. Times are monotonic
 * milliseconds. Belongs to the event loop of its door.
 */
final class Client {
  final Talk talk;
  final Seat seat;

  /** Ends the connection once what was written is sent. */
  final Runnable close;

  /** Stops reading, or goes on. */
  final Consumer<Boolean> pause;

  final long openedAt;
  long heardAt;

  /** Since when a message has begun and is not complete, 0 when none has. */
  long beganAt;

  boolean spoke;
  boolean closing;
  boolean paused;
  int flaws;
  final MessageBudget budget;

  /**
   * @param messagesPerSecond that it may send
   */
  Client(
      Talk talk,
      Seat seat,
      Runnable close,
      Consumer<Boolean> pause,
      int messagesPerSecond,
      long nowMillis) {
    this.talk = talk;
    this.seat = seat;
    this.budget = new MessageBudget(messagesPerSecond);
    this.close = close;
    this.pause = pause;
    this.openedAt = nowMillis;
    this.heardAt = nowMillis;
  }
}
