package dev.batuta.orchestrator.store;

import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.orchestrator.store.TaskRows.Run;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * A page of the tasks of a user or a kind: looks at the ids of their runs, some at a time, until
 * the page is full. A page for which too many would have to be looked at ends early, and says where
 * the next one goes on.
 */
final class RunScan {
  /** Runs that one look reads. */
  static final int MAX_RUNS = 1_000;

  private static final int LOOK = 2_000;
  private static final int MAX_LOOKS = 20;

  private final MySqlTaskStore store;
  private final Filter filter;
  private final int page;
  private final List<Task> found = new ArrayList<>();
  private int looks;

  RunScan(MySqlTaskStore store, Filter filter, int page) {
    this.store = store;
    this.filter = filter;
    this.page = page;
  }

  /** The page of those after an id. */
  Future<TaskPage> from(long after) {
    return store.runs(filter, after).compose(runs -> look(runs, after));
  }

  private Future<TaskPage> look(List<Run> runs, long after) {
    List<Long> ids = ids(runs, after);
    if (ids.isEmpty()) {
      return Future.succeededFuture(page(found, page));
    }
    long last = ids.getLast();
    return store
        .readWithoutKeys(ids)
        .compose(
            tasks -> {
              tasks.stream().filter(this::isWanted).forEach(found::add);
              looks++;
              if (found.size() > page) {
                return Future.succeededFuture(page(found, page));
              }
              return looks < MAX_LOOKS
                  ? from(last)
                  : Future.succeededFuture(new TaskPage(List.copyOf(found), last));
            });
  }

  private List<Long> ids(List<Run> runs, long after) {
    int wanted = filter.state() == null ? Math.min(LOOK, page + 1 - found.size()) : LOOK;
    List<Long> ids = new ArrayList<>(wanted);
    for (Run run : runs) {
      for (long id = Math.max(run.first(), after + 1); id <= run.last(); id++) {
        if (ids.size() == wanted) {
          return ids;
        }
        ids.add(id);
      }
    }
    return ids;
  }

  private boolean isWanted(Task task) {
    return filter.state() == null || task.state() == filter.state();
  }

  /** The first of these, if there is one more than the page holds with the place of the next. */
  static TaskPage page(List<Task> tasks, int page) {
    boolean more = tasks.size() > page;
    List<Task> items = more ? tasks.subList(0, page) : tasks;
    return new TaskPage(List.copyOf(items), more ? items.getLast().id() : 0);
  }
}
