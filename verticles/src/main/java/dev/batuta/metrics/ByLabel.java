package dev.batuta.metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * One of something for each value of a label, such as a counter for each kind of tasks. Bounded:
 * values that come when there are enough share {@link #OTHER}, so that names which users choose
 * cannot grow a node, or who watches it. Safe on any thread.
 *
 * @param <T> what is kept of each value, itself safe on any thread
 */
public final class ByLabel<T> {
  /** In lower case, so that no kind of tasks has this name. */
  public static final String OTHER = "other";

  /** Values that are kept apart, unless told otherwise. */
  public static final int MOST = 32;

  private final int most;
  private final Supplier<T> make;
  private final Map<String, T> all = new ConcurrentHashMap<>();

  /**
   * @param most values that are kept apart
   * @param make makes what is kept of one
   */
  public ByLabel(int most, Supplier<T> make) {
    this.most = most;
    this.make = make;
  }

  /** Counters. */
  public static ByLabel<LongAdder> counts() {
    return new ByLabel<>(MOST, LongAdder::new);
  }

  /** What is kept of a value. */
  public T of(String value) {
    T known = all.get(value);
    return known == null ? first(value) : known;
  }

  /** The value under which one is kept: itself, or {@link #OTHER}. */
  public String label(String value) {
    of(value);
    return all.containsKey(value) ? value : OTHER;
  }

  /** One thread at a time, so that two values cannot both be the last. */
  private synchronized T first(String value) {
    boolean apart = all.size() < most || all.containsKey(value);
    return all.computeIfAbsent(apart ? value : OTHER, label -> make.get());
  }

  /** All that there is now, in the order of the values. */
  public Map<String, T> all() {
    return new TreeMap<>(all);
  }
}
