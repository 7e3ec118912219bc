package dev.batuta.metrics;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * A counter for each constant of an enum, from the start on, so that none appears only when it is
 * counted first. Safe on any thread.
 *
 * @param <E> the enum
 */
public final class ByConstant<E extends Enum<E>> {
  private final Map<E, LongAdder> counts;

  /** At zero. */
  public ByConstant(Class<E> constants) {
    this.counts = new EnumMap<>(constants);
    for (E constant : constants.getEnumConstants()) {
      counts.put(constant, new LongAdder());
    }
  }

  /** Counts one. */
  public void count(E constant) {
    Objects.requireNonNull(counts.get(constant)).increment();
  }

  /** All as of now, by the names of the constants as labels have them, as {@code worker-left}. */
  public Map<String, Long> sums() {
    Map<String, Long> sums = new TreeMap<>();
    counts.forEach((constant, count) -> sums.put(label(constant), count.sum()));
    return sums;
  }

  /** The name of a constant in lower case, with dashes. */
  public static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
