package dev.batuta.orchestrator;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.AskRunning;
import dev.batuta.codec.TaskMessage.ListTasks;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.Running;
import dev.batuta.codec.TaskMessage.RunningTask;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.orchestrator.dispatch.Dispatch;
import dev.batuta.orchestrator.dispatch.Weight;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads tasks: what lasts from the store, what runs from the owner, who also knows first when one
 * ends. Belongs to one event loop.
 */
final class TaskReader {
  private static final Duration OWNER_ANSWERS_WITHIN = Duration.ofMillis(500);
  private static final long SLOW_POLL_MILLIS = 500;

  /** Longest that one owner is trusted to live. */
  private static final long SLICE_MILLIS = 5000;

  private static final int MAX_PAGE = 1000;

  /** About four million characters of JSON. */
  private static final int MAX_PAGE_WEIGHT = 2 * MAX_PAGE + (4 << 20) / Weight.UNIT;

  private final Vertx vertx;
  private final Bus bus;
  private final TaskStore store;
  private final Waiters waiters;
  private final Duration maxWait;
  private final Supplier<Optional<Dispatch>> queue;
  private final Supplier<List<String>> servers;

  /**
   * @param queue of this server, if it has a term
   * @param servers names of the live servers
   */
  TaskReader(
      Vertx vertx,
      Bus bus,
      TaskStore store,
      Waiters waiters,
      Duration maxWait,
      Supplier<Optional<Dispatch>> queue,
      Supplier<List<String>> servers) {
    this.vertx = vertx;
    this.bus = bus;
    this.store = store;
    this.waiters = waiters;
    this.maxWait = maxWait;
    this.queue = queue;
    this.servers = servers;
  }

  Future<Task> read(Read read) {
    long waitMillis = Math.clamp(read.waitMillis(), 0, maxWait.toMillis());
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis);
    boolean held =
        queue.get().map(dispatch -> dispatch.queue().get(read.id()) != null).orElse(false);
    // What is held here ends here: no need to ask the store first.
    return held && waitMillis > 0
        ? awaitHere(read.id(), waitMillis).compose(seen -> goOn(seen, until))
        : stored(read.id()).compose(task -> follow(task, until));
  }

  /** Asks or awaits the owner of a task, whoever that comes to be while the time lasts. */
  private Future<Task> follow(Task task, long untilNanos) {
    if (task.state().isFinal()) {
      return Future.succeededFuture(task);
    }
    long leftMillis = leftMillis(untilNanos);
    if (!task.owner().equals(bus.node())) {
      return askOwner(task, Math.min(leftMillis, SLICE_MILLIS), untilNanos);
    }
    if (leftMillis == 0) {
      return Future.succeededFuture(live(task));
    }
    Future<Task> seen = awaitHere(task.id(), leftMillis);
    waiters.ended(List.of(task.id())); // it may have ended since it was read
    return seen.compose(next -> goOn(next, untilNanos));
  }

  private Future<Task> goOn(Task seen, long untilNanos) {
    return seen.state().isFinal() || leftMillis(untilNanos) == 0
        ? Future.succeededFuture(seen)
        : follow(seen, untilNanos);
  }

  private static long leftMillis(long untilNanos) {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(untilNanos - System.nanoTime()));
  }

  private Future<Task> awaitHere(long id, long waitMillis) {
    return waiters
        .await(id, waitMillis)
        .compose(
            ended ->
                ended.map(Future::succeededFuture).orElseGet(() -> stored(id).map(this::live)));
  }

  /** The owner's answer; without it what the store says, looking again now and then. */
  private Future<Task> askOwner(Task task, long waitMillis, long untilNanos) {
    return bus.request(
            Addresses.tasks(task.owner()),
            new Read(task.id(), waitMillis),
            Task.class,
            OWNER_ANSWERS_WITHIN.plusMillis(waitMillis))
        .compose(seen -> goOn(seen, untilNanos), away -> lookLater(task.id(), untilNanos));
  }

  private Future<Task> lookLater(long id, long untilNanos) {
    long pauseMillis = Math.min(leftMillis(untilNanos), SLOW_POLL_MILLIS);
    Future<Task> seen =
        pauseMillis == 0
            ? stored(id)
            : vertx.timer(pauseMillis, TimeUnit.MILLISECONDS).compose(over -> stored(id));
    return seen.compose(task -> goOn(task, untilNanos));
  }

  private Future<Task> stored(long id) {
    return store
        .read(id)
        .compose(
            found ->
                found
                    .map(Future::succeededFuture)
                    .orElseGet(
                        () ->
                            Future.failedFuture(
                                new Refused(
                                    Failure.Kind.NOT_FOUND,
                                    "task-not-found",
                                    "There is no task " + id + "."))));
  }

  private Task live(Task task) {
    return queue
        .get()
        .flatMap(dispatch -> dispatch.queue().runningTask(task.id()))
        .map(run -> overlaid(task, run))
        .orElse(task);
  }

  /** A page; what runs is shown as RUNNING where its owner answers soon. */
  Future<TaskPage> list(ListTasks list) {
    int limit = list.limit() <= 0 ? 100 : Math.min(list.limit(), MAX_PAGE);
    if (list.state() == State.RUNNING) {
      return running(servers.get())
          .compose(
              running ->
                  pageOf(
                      running,
                      list,
                      running.keySet().stream()
                          .filter(id -> id > list.after())
                          .sorted()
                          .limit(limit)
                          .toList(),
                      limit));
    }
    return store
        .list(new Filter(list.user(), list.state(), list.kind()), list.after(), limit)
        .compose(this::overlaid)
        .map(page -> only(list.state(), light(page)));
  }

  private Future<TaskPage> pageOf(
      Map<Long, RunningTask> running, ListTasks list, List<Long> ids, int limit) {
    return store
        .read(ids)
        .map(
            tasks ->
                new TaskPage(
                    tasks.stream()
                        .filter(task -> !task.state().isFinal())
                        .filter(task -> list.user() == null || task.user().equals(list.user()))
                        .filter(task -> list.kind() == null || kind(task).equals(list.kind()))
                        .map(task -> overlaid(task, running.get(task.id())))
                        .toList(),
                    ids.size() < limit ? 0 : ids.getLast()))
        .map(TaskReader::light);
  }

  /** The page, or its beginning where all of it would be too large for a message. */
  private static TaskPage light(TaskPage page) {
    List<Task> items = page.items();
    int weight = 0;
    for (int i = 0; i < items.size(); i++) {
      weight += Weight.of(items.get(i).payload()) + Weight.of(items.get(i).result());
      if (weight > MAX_PAGE_WEIGHT && i > 0) {
        return new TaskPage(List.copyOf(items.subList(0, i)), items.get(i - 1).id());
      }
    }
    return page;
  }

  private Future<TaskPage> overlaid(TaskPage page) {
    List<String> owners =
        page.items().stream()
            .filter(task -> !task.state().isFinal())
            .map(Task::owner)
            .distinct()
            .toList();
    return running(owners)
        .map(
            running ->
                new TaskPage(
                    page.items().stream()
                        .map(
                            task ->
                                task.state().isFinal()
                                    ? task
                                    : overlaid(task, running.get(task.id())))
                        .toList(),
                    page.next()));
  }

  private static TaskPage only(@Nullable State state, TaskPage page) {
    return state == null
        ? page
        : new TaskPage(
            page.items().stream().filter(task -> task.state() == state).toList(), page.next());
  }

  private Future<Map<Long, RunningTask>> running(Collection<String> owners) {
    List<Future<List<RunningTask>>> answers = owners.stream().map(this::runningAt).toList();
    return Future.join(answers)
        .map(
            all ->
                answers.stream()
                    .flatMap(answer -> answer.result().stream())
                    .collect(
                        Collectors.toMap(
                            RunningTask::id, run -> run, (one, other) -> one, HashMap::new)));
  }

  private Future<List<RunningTask>> runningAt(String owner) {
    return owner.equals(bus.node())
        ? Future.succeededFuture(
            queue.get().map(dispatch -> dispatch.queue().runningTasks()).orElse(List.of()))
        : bus.request(Addresses.tasks(owner), new AskRunning(), Running.class, OWNER_ANSWERS_WITHIN)
            .map(Running::tasks)
            .otherwise(List.of());
  }

  private static Task overlaid(Task task, @Nullable RunningTask run) {
    return run == null
        ? task
        : new Task(
            task.id(),
            task.user(),
            task.payload(),
            State.RUNNING,
            run.attempt(),
            task.maxAttempts(),
            task.priority(),
            task.owner(),
            run.worker(),
            task.result(),
            task.error(),
            task.createdAtMillis(),
            run.startedAtMillis(),
            task.finishedAtMillis(),
            task.notBeforeMillis(),
            task.timeoutMillis(),
            task.idempotencyKey(),
            task.traceparent());
  }

  private static String kind(Task task) {
    return task.payload().kind();
  }
}
