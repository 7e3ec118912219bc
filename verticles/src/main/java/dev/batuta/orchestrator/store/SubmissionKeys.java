package dev.batuta.orchestrator.store;

import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The idempotency keys under which tasks were submitted, for who reads them. A key is kept by the
 * first id of its submission, and only for some days; accepting and running tasks never looks here.
 */
final class SubmissionKeys {
  /** Of one task, as a column; its id is the parameter, three times. */
  static final String OF_ONE =
      """
      (SELECT IF(k.first_id + k.tasks > ?, CONVERT(k.name USING utf8mb4), NULL)
          FROM idempotency_key k FORCE INDEX (idempotency_key_first)
          WHERE k.first_id = (SELECT MAX(f.first_id)
              FROM idempotency_key f FORCE INDEX (idempotency_key_first) WHERE f.first_id <= ?))\
      """;

  /** Tasks of one submission, and its key. */
  private record Submission(long tasks, String key) {}

  private SubmissionKeys() {}

  /** The keys of the submissions of these tasks, to be {@link #added}. */
  static Future<RowSet<Row>> of(Database database, List<Long> ids) {
    return database.call("CALL submission_keys(?)", Tuple.of(new JsonArray(ids).encode()));
  }

  /** Tasks, each with its key if it has one. */
  static List<Task> added(List<Task> tasks, RowSet<Row> keys) {
    TreeMap<Long, Submission> byFirstId = new TreeMap<>();
    keys.forEach(
        row ->
            byFirstId.put(
                row.getLong("first_id"),
                new Submission(row.getLong("tasks"), row.getString("name"))));
    List<Task> added = new ArrayList<>(tasks.size());
    for (Task task : tasks) {
      var last = byFirstId.floorEntry(task.id());
      boolean isOne = last != null && task.id() < last.getKey() + last.getValue().tasks();
      added.add(isOne ? task.withKey(last.getValue().key()) : task);
    }
    return added;
  }
}
