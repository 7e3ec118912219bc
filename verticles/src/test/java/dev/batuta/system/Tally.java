package dev.batuta.system;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What became of submitted deposits, by what was going on when each was submitted.
 *
 * @param rows by what was going on, in the order of their names
 */
record Tally(Map<String, Counts> rows) {
  /** The row of effects on the account that no acknowledgement accounts for. */
  static final String NOBODYS = "(nobody's)";

  private static final Counts NONE = new Counts(0, 0, 0, 0, 0);

  /**
   * What was submitted in one request.
   *
   * @param acknowledged ids; none if there was no acknowledgement
   */
  record Batch(String during, int submitted, List<String> acknowledged) {}

  /**
   * Tasks, counted.
   *
   * @param lost acknowledged, but not ended, or done without an entry in the ledger
   * @param doubled entries beyond the first of a task, or of none that was acknowledged
   */
  record Counts(int submitted, int acknowledged, int done, int lost, int doubled) {
    Counts plus(Counts other) {
      return new Counts(
          submitted + other.submitted,
          acknowledged + other.acknowledged,
          done + other.done,
          lost + other.lost,
          doubled + other.doubled);
    }
  }

  /**
   * Counts.
   *
   * @param states of the tasks by id
   * @param entries the task of each entry of the account
   */
  static Tally of(List<Batch> batches, Map<String, String> states, List<String> entries) {
    Map<String, Integer> effects = new HashMap<>();
    entries.forEach(task -> effects.merge(task, 1, Integer::sum));
    Map<String, Counts> rows = new TreeMap<>();
    for (Batch batch : batches) {
      Counts counts = new Counts(batch.submitted(), batch.acknowledged().size(), 0, 0, 0);
      for (String id : batch.acknowledged()) {
        counts = counts.plus(one(states.getOrDefault(id, "gone"), effects.remove(id)));
      }
      rows.merge(batch.during(), counts, Counts::plus);
    }
    int strays = effects.values().stream().mapToInt(Integer::intValue).sum();
    if (strays > 0) {
      rows.put(NOBODYS, new Counts(0, 0, 0, 0, strays));
    }
    return new Tally(rows);
  }

  private static Counts one(String state, @Nullable Integer effects) {
    int times = effects == null ? 0 : effects;
    boolean done = state.equals("DONE");
    boolean lost = !ended(state) || (done && times == 0);
    return new Counts(0, 0, done ? 1 : 0, lost ? 1 : 0, Math.max(0, times - 1));
  }

  /** Whether a task in this state has ended. */
  static boolean ended(String state) {
    return state.equals("DONE") || state.equals("DEAD") || state.equals("CANCELLED");
  }

  Counts total() {
    return rows.values().stream().reduce(NONE, Counts::plus);
  }

  /**
   * A table for a report.
   *
   * @param kills how often each thing was killed
   */
  String table(Map<String, Integer> kills) {
    StringBuilder table = new StringBuilder();
    table.append(line("KILLED", "KILLS", "SUBMITTED", "ACKNOWLEDGED", "DONE", "LOST", "DOUBLED"));
    rows.forEach((what, counts) -> table.append(row(what, kills.getOrDefault(what, 0), counts)));
    int all = kills.values().stream().mapToInt(Integer::intValue).sum();
    return table.append(row("total", all, total())).toString();
  }

  private static String row(String what, int kills, Counts counts) {
    return line(
        what,
        kills,
        counts.submitted(),
        counts.acknowledged(),
        counts.done(),
        counts.lost(),
        counts.doubled());
  }

  private static String line(Object... cells) {
    return String.format(Locale.ROOT, "%-12s %6s %10s %13s %8s %5s %8s%n", cells);
  }
}
