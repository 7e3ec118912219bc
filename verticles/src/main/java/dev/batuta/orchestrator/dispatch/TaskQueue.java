package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.RunningTask;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Load;
import dev.batuta.orchestrator.dispatch.FarmWorker.Slot;
import dev.batuta.orchestrator.dispatch.QueuedTask.Place;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.TaskId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished tasks of one owner that are in memory, each in its place; see {@link Dispatch}.
 */
public final class TaskQueue {
  private final DispatchSettings settings;
  private final Backlog backlog;
  private final Map<Long, QueuedTask> byId = new HashMap<>();
  private final ReadyQueue ready;
  private final KindCursors cursors;
  private final DelayedTasks delayed = new DelayedTasks();
  private final InFlight inFlight = new InFlight();
  private final Cancellations cancellations = new Cancellations();

  /** Tasks in memory of special kinds. */
  private int special;

  private boolean undecided; // a reading of such a kind passed one over that may have to be read
  private boolean commonRead; // the last reading was of the others
  private int failed;

  TaskQueue(DispatchSettings settings, long term, long unfinished) {
    this.settings = settings;
    this.ready = new ReadyQueue(settings.patience());
    this.backlog = new Backlog(settings, TaskId.of(term, 1), unfinished);
    this.cursors = new KindCursors(settings);
  }

  OptionalLong reserve(int count) {
    boolean full = byId.size() + backlog.outside() + count > settings.maxQueue();
    // What is accepted during a reading has to come into memory; a long one must not fill it.
    boolean crowded = backlog.reading() && byId.size() > Backlog.CROWD * settings.highWater();
    if (full || crowded) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(backlog.reserve(count));
  }

  void withdraw(long firstId) {
    backlog.release(firstId);
  }

  void accept(long firstId, List<QueuedTask> tasks, long nowMillis) {
    backlog.release(firstId);
    for (QueuedTask task : tasks) {
      if (!backlog.isCancelledEarly(task) && keeps(task)) {
        enter(task, nowMillis);
      }
    }
  }

  private boolean keeps(QueuedTask task) {
    if (task.common) {
      return backlog.keeps(task, active());
    }
    boolean kept = cursors.keeps(task, ready.weight(task.kind()));
    if (!kept) {
      backlog.leaveSpecial(task);
    }
    return kept;
  }

  public void load(List<QueuedTask> tasks, boolean last, long nowMillis) {
    Optional<String> kind = cursors.reading();
    if (kind.isPresent()) {
      KindCursors.Taken taken =
          cursors.endReading(tasks, last, this::isNewsOfSpecialKind, ready::weight);
      taken.tasks().forEach(task -> enter(task, nowMillis));
      backlog.endReadingSpecial(new Scope.Kind(kind.get()), taken, left(tasks, taken.throughId()));
      return;
    }
    List<QueuedTask> taken = tasks.stream().filter(task -> task.common && isNews(task)).toList();
    taken.forEach(task -> enter(task, nowMillis));
    backlog.endReading(tasks, taken, left(tasks, Long.MAX_VALUE), last);
  }

  /** Those of a page, up to an id, that are only in the store. */
  private List<QueuedTask> left(List<QueuedTask> page, long throughId) {
    return page.stream()
        .filter(task -> task.id <= throughId)
        .filter(task -> !byId.containsKey(task.id) && !backlog.isElsewhere(task))
        .toList();
  }

  private boolean isNewsOfSpecialKind(QueuedTask task) {
    undecided |= backlog.isRetrying(task.id);
    return isNews(task);
  }

  private boolean isNews(QueuedTask task) {
    return !byId.containsKey(task.id) && backlog.isNews(task);
  }

  /** The kinds that workers take now; what waits of others goes back to the store. */
  void serve(Set<String> taken) {
    cursors.open(taken);
    for (QueuedTask task : ready.drainOthers(taken)) {
      remove(task);
      backlog.leaveSpecial(task);
    }
  }

  /** Adopts tasks that are in the store. */
  void adopt(long unfinished) {
    backlog.adopt(unfinished);
    cursors.restart();
  }

  /** What to read now, if it is time to: the common kinds, and special ones, by turns. */
  Optional<Load> read(long nowMillis) {
    if (backlog.reading()) {
      return Optional.empty();
    }
    if (backlog.recalls(nowMillis)) {
      cursors.restart();
    }
    Optional<String> kind = cursors.wantsToRead(ready::weight);
    boolean common = backlog.wantsToRead(active());
    if (common && (kind.isEmpty() || !commonRead)) {
      commonRead = true;
      return Optional.of(new Load(backlog.startReading(), settings.page(), new Scope.All()));
    }
    commonRead = false;
    return kind.map(
        next -> {
          Load load = cursors.startReading(next);
          backlog.startReadingSpecial(load.scope(), load.afterId());
          return load;
        });
  }

  private void enter(QueuedTask task, long nowMillis) {
    byId.put(task.id, task);
    task.readyAtMillis = Math.max(nowMillis, task.dueMillis);
    special += task.common ? 0 : 1;
    if (task.dueMillis <= nowMillis) {
      ready(task);
    } else {
      postpone(task);
    }
  }

  private void ready(QueuedTask task) {
    task.place = Place.READY;
    ready.add(task);
  }

  /** Takes a task out of memory. */
  private void remove(QueuedTask task) {
    byId.remove(task.id);
    special -= task.common ? 0 : 1;
  }

  /** Keeps a task for its instant; when too many wait, the farthest goes back to the store. */
  private void postpone(QueuedTask task) {
    task.place = Place.LATER;
    delayed.add(task);
    if (delayed.weight() > settings.highWater()) {
      QueuedTask farthest = delayed.farthest();
      recall(farthest);
      remove(farthest);
      backlog.postpone(farthest);
    }
  }

  /** Takes a task out of those that wait for an instant. */
  private void recall(QueuedTask task) {
    delayed.remove(task);
    notFailed(task);
  }

  /** Makes those ready whose instant has come; says how many of some kinds wait for a worker. */
  int ready(long nowMillis, Set<String> kinds) {
    for (QueuedTask due = delayed.due(nowMillis); due != null; due = delayed.due(nowMillis)) {
      recall(due);
      ready(due);
    }
    return ready.size(kinds);
  }

  ReadyQueue ready() {
    return ready;
  }

  @Nullable QueuedTask peek(Set<String> kinds) {
    return ready.peek(kinds);
  }

  /** Those that are to run alone. */
  List<QueuedTask> suspects() {
    return ready.suspects();
  }

  /** From now on a suspect waits with the others. */
  void acquit(QueuedTask suspect) {
    ready.remove(suspect);
    suspect.lostWithWorker = false;
    ready.add(suspect);
  }

  /** Gives what {@link #peek} showed, or a suspect, to a worker. */
  Assignment start(QueuedTask task, FarmWorker worker, long nowMillis) {
    ready.take(task);
    backlog.started();
    return inFlight.start(task, worker, nowMillis);
  }

  /** The task, if this very attempt of it runs with this worker now. */
  @Nullable QueuedTask running(FarmWorker worker, Slot slot) {
    QueuedTask task = byId.get(slot.id());
    return task != null
            && task.place == Place.RUNNING
            && task.worker == worker
            && task.attempt == slot.attempt()
        ? task
        : null;
  }

  /** The task, if the end of this attempt of it is being persisted. */
  @Nullable QueuedTask persisting(long id, int attempt) {
    QueuedTask task = byId.get(id);
    return task != null && task.place == Place.PERSISTING && task.attempt == attempt ? task : null;
  }

  /** The running task whose time is over first, if one's is. */
  @Nullable QueuedTask overdue(long nowMillis) {
    return inFlight.overdue(nowMillis);
  }

  /** The attempt is over; the task stays until that is persisted. */
  void stop(QueuedTask task) {
    inFlight.stop(task);
  }

  /** The worker never began this attempt and never will: it waits again, as the same one. */
  void giveBack(QueuedTask task) {
    inFlight.takeBack(task);
    ready(task);
  }

  /** Another attempt follows, at an instant. */
  void retry(QueuedTask task, int attempt, long dueMillis) {
    inFlight.persisted(task);
    task.failed(attempt, dueMillis);
    failed++;
    postpone(task);
  }

  private void notFailed(QueuedTask task) {
    if (task.failed) {
      task.failed = false;
      failed--;
    }
  }

  /** It is over, and that is persisted. */
  void forget(QueuedTask task) {
    inFlight.persisted(task);
    remove(task);
    backlog.ended(task);
    cancellations.ended(task.id);
  }

  /** Those under way. */
  Cancellations cancellations() {
    return cancellations;
  }

  /** The task, if it is in memory: then it is this queue's, and it is not over. */
  public @Nullable QueuedTask get(long id) {
    return byId.get(id);
  }

  /** It has ended by what others decided: takes it out of its place. */
  void cancel(QueuedTask task) {
    switch (task.place) {
      case READY -> ready.remove(task);
      case LATER -> recall(task);
      case RUNNING -> stop(task);
      case PERSISTING -> {}
    }
    forget(task);
  }

  /** One that is not in memory is cancelled. */
  void cancelElsewhere(long id, String kind) {
    backlog.cancelled(id, kind);
  }

  void retrying(long id) {
    backlog.retrying(id);
  }

  void notRetried(long id) {
    backlog.notRetried(id);
    if (undecided) {
      undecided = false;
      cursors.restart();
    }
  }

  /**
   * Takes in a retried task. The queue may not have heard yet that it had died: then it hears of
   * both at once.
   *
   * @return whether its death is news
   */
  boolean retry(QueuedTask task, boolean counted, long nowMillis) {
    QueuedTask dead = byId.get(task.id);
    if (backlog.hasEndedSince(task) || (dead != null && dead.attempt >= task.attempt)) {
      backlog.notRetried(task.id);
      return false;
    }
    if (dead != null) {
      cancel(dead);
    }
    backlog.retried(task, counted);
    if (task.common ? backlog.keepsRetried(task, active()) : keeps(task)) {
      task.dueMillis = 0;
      enter(task, nowMillis);
    }
    return dead != null;
  }

  /** Tasks in memory of the common kinds that do not wait for an instant. */
  private int active() {
    return byId.size() - special - delayed.common();
  }

  public int size() {
    return byId.size();
  }

  public int running() {
    return inFlight.running();
  }

  /** Those that are with a worker, or that were and of which the end is being persisted. */
  public int outstanding() {
    return inFlight.outstanding();
  }

  /** Those that wait after a failed attempt. */
  public int failed() {
    return failed;
  }

  /** The other unfinished tasks, wherever they are. */
  public long pending() {
    return byId.size() - running() - failed + backlog.stored();
  }

  /** Those of these kinds that wait for a worker only; what has been put off is not among them. */
  int waiting(Set<String> kinds) {
    long unread = backlog.unread();
    return (int) Math.min(Integer.MAX_VALUE, unread + ready.size(kinds) + ready.suspects().size());
  }

  /** Those in the store of special kinds. */
  int special() {
    return (int) Math.min(Integer.MAX_VALUE, backlog.special());
  }

  /** All that is unfinished. */
  public int load() {
    return (int) Math.min(Integer.MAX_VALUE, byId.size() + backlog.stored());
  }

  /** No acceptance of this term up to this id is under way or to come. */
  public long compactedThrough() {
    return backlog.compactedThrough();
  }

  /** Whether a task runs, where, and since when. */
  public Optional<RunningTask> runningTask(long id) {
    return Optional.ofNullable(byId.get(id)).flatMap(QueuedTask::run);
  }

  /** All that run. */
  public List<RunningTask> runningTasks() {
    return byId.values().stream().flatMap(task -> task.run().stream()).toList();
  }
}
