package dev.batuta.messaging.replica;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/** What is to happen in a world of its own time, in milliseconds, in the order of that. */
final class Agenda {
  private record Event(long at, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Map<String, Long> last = new HashMap<>();
  private long now;
  private long numbers;

  long now() {
    return now;
  }

  void after(long delay, Runnable action) {
    events.add(new Event(now + delay, numbers++, action));
  }

  /** Behind what was to happen on the same way before. */
  void inOrder(String way, long delay, Runnable action) {
    after(last.merge(way, now + delay, Math::max) - now, action);
  }

  /** Has all of it happen that is due until then. */
  void run(long until) {
    while (!events.isEmpty() && events.element().at() <= until) {
      Event next = events.remove();
      now = next.at();
      next.action().run();
    }
    now = until;
  }
}
