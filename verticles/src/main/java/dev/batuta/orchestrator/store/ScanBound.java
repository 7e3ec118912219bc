package dev.batuta.orchestrator.store;

import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.orchestrator.store.TaskRows.Statement;
import dev.batuta.orchestrator.store.TaskRows.Tail;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import java.util.ArrayList;
import java.util.List;

/**
 * How far one page of a list looks, so that it takes milliseconds whatever its filter lets through:
 * not beyond {@link #ROWS} rows of what its state is found by. A page that finds less than was
 * asked for within that goes on there, and may be empty.
 */
final class ScanBound {
  /** Rows of an index that one page may look at. */
  static final int ROWS = 20_000;

  /** No bound: what is left is less. */
  static final long NONE = Long.MAX_VALUE;

  private ScanBound() {}

  /**
   * The last id that a page may look at, one row, null if there is none.
   *
   * @param tails of the terms in force, for PENDING
   */
  static Statement of(Filter filter, List<Tail> tails, long after) {
    State state = filter.state();
    List<Object> parameters = new ArrayList<>();
    if (state == State.PENDING) {
      StringBuilder sql =
          new StringBuilder(
              "SELECT MIN(u.id) FROM ((SELECT id FROM straggler FORCE INDEX (PRIMARY)"
                  + " WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?)");
      parameters.add(after);
      parameters.add(ROWS);
      for (Tail tail : tails) {
        sql.append(
            " UNION ALL (SELECT id FROM task FORCE INDEX (PRIMARY)"
                + " WHERE id > ? AND id <= ? ORDER BY id LIMIT 1 OFFSET ?)");
        parameters.add(Math.max(tail.compactedTo(), after));
        parameters.add(tail.last());
        parameters.add(ROWS);
      }
      return new Statement(sql + ") u", parameters);
    }
    if (state == State.FAILED || state == State.DEAD || state == State.CANCELLED) {
      parameters.add(state.name());
      parameters.add(after);
      parameters.add(ROWS);
      return new Statement(
          "SELECT MIN(u.id) FROM (SELECT id FROM attempt FORCE INDEX (attempt_state)"
              + " WHERE state = ? AND id > ? ORDER BY id LIMIT 1 OFFSET ?) u",
          parameters);
    }
    parameters.add(after);
    parameters.add(ROWS);
    return new Statement(
        "SELECT MIN(u.id) FROM (SELECT id FROM "
            + (state == State.DONE ? "outcome" : "task")
            + " FORCE INDEX (PRIMARY) WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?) u",
        parameters);
  }

  /** The page of what was found up to a bound, which goes on there if that is not all. */
  static TaskPage page(List<Task> found, int page, long bound) {
    TaskPage all = RunScan.page(found, page);
    return all.next() == 0 && bound != NONE ? new TaskPage(all.items(), bound) : all;
  }
}
