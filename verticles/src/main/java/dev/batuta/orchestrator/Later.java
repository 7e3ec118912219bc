package dev.batuta.orchestrator;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Tasks in memory that wait for an instant: not-before, or the back-off after an attempt. */
final class Later {
  private final TreeSet<Entry> tasks = new TreeSet<>(Entry.BY_DUE);
  private int common;
  private int weight;

  void add(Entry entry) {
    tasks.add(entry);
    common += entry.common ? 1 : 0;
    weight += entry.weight;
  }

  void remove(Entry entry) {
    tasks.remove(entry);
    common -= entry.common ? 1 : 0;
    weight -= entry.weight;
  }

  /** The first one whose instant has come. */
  @Nullable Entry due(long nowMillis) {
    return tasks.isEmpty() || tasks.first().dueMillis > nowMillis ? null : tasks.first();
  }

  /** The one that waits longest yet. */
  Entry farthest() {
    return tasks.last();
  }

  /** Those of the kinds that every worker takes. */
  int common() {
    return common;
  }

  /** Of all, by {@link Weight}. */
  int weight() {
    return weight;
  }
}
