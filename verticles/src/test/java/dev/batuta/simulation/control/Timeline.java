package dev.batuta.simulation.control;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Simulated time, in microseconds, and what is to happen in it. */
public final class Timeline {
  private record Event(long at, long order, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(256, Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private long now;
  private long order;

  public long nowMicros() {
    return now;
  }

  public void after(long micros, Runnable action) {
    events.add(new Event(now + Math.max(0, micros), order++, action));
  }

  /** Lets happen what is due until then; {@code check} runs after each event. */
  public void runUntil(long micros, Runnable check) {
    for (Event next = events.peek(); next != null && next.at() <= micros; next = events.peek()) {
      events.remove();
      now = next.at();
      next.action().run();
      check.run();
    }
    now = micros;
  }
}
