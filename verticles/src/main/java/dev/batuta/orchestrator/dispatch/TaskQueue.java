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
  private final Map<Long, QueuedTask> entries = new HashMap<>();
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
    boolean full = entries.size() + backlog.outside() + count > settings.maxQueue();
    // What is accepted during a reading has to come into memory; a long one must not fill it.
    boolean crowded = backlog.reading() && entries.size() > Backlog.CROWD * settings.highWater();
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
    for (QueuedTask entry : tasks) {
      if (!backlog.isCancelledEarly(entry) && keeps(entry)) {
        enter(entry, nowMillis);
      }
    }
  }

  private boolean keeps(QueuedTask entry) {
    if (entry.common) {
      return backlog.keeps(entry, active());
    }
    boolean kept = cursors.keeps(entry, ready.weight(entry.kind()));
    if (!kept) {
      backlog.leaveSpecial(entry);
    }
    return kept;
  }

  public void load(List<QueuedTask> tasks, boolean last, long nowMillis) {
    Optional<String> kind = cursors.reading();
    if (kind.isPresent()) {
      KindCursors.Taken taken =
          cursors.endReading(tasks, last, this::isNewsOfSpecialKind, ready::weight);
      taken.tasks().forEach(entry -> enter(entry, nowMillis));
      backlog.endReadingSpecial(new Scope.Kind(kind.get()), taken, left(tasks, taken.throughId()));
      return;
    }
    List<QueuedTask> taken = tasks.stream().filter(task -> task.common && isNews(task)).toList();
    taken.forEach(entry -> enter(entry, nowMillis));
    backlog.endReading(tasks, taken, left(tasks, Long.MAX_VALUE), last);
  }

  /** Those of a page, up to an id, that are only in the store. */
  private List<QueuedTask> left(List<QueuedTask> page, long throughId) {
    return page.stream()
        .filter(task -> task.id <= throughId)
        .filter(task -> !entries.containsKey(task.id) && !backlog.isElsewhere(task))
        .toList();
  }

  private boolean isNewsOfSpecialKind(QueuedTask entry) {
    undecided |= backlog.isRetrying(entry.id);
    return isNews(entry);
  }

  private boolean isNews(QueuedTask entry) {
    return !entries.containsKey(entry.id) && backlog.isNews(entry);
  }

  /** The kinds that workers take now; what waits of others goes back to the store. */
  void serve(Set<String> taken) {
    cursors.open(taken);
    for (QueuedTask entry : ready.drainOthers(taken)) {
      remove(entry);
      backlog.leaveSpecial(entry);
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

  private void enter(QueuedTask entry, long nowMillis) {
    entries.put(entry.id, entry);
    special += entry.common ? 0 : 1;
    if (entry.dueMillis <= nowMillis) {
      ready(entry);
    } else {
      postpone(entry);
    }
  }

  private void ready(QueuedTask entry) {
    entry.place = Place.READY;
    ready.add(entry);
  }

  /** Takes a task out of memory. */
  private void remove(QueuedTask entry) {
    entries.remove(entry.id);
    special -= entry.common ? 0 : 1;
  }

  /** Keeps a task for its instant; when too many wait, the farthest goes back to the store. */
  private void postpone(QueuedTask entry) {
    entry.place = Place.LATER;
    delayed.add(entry);
    if (delayed.weight() > settings.highWater()) {
      QueuedTask farthest = delayed.farthest();
      recall(farthest);
      remove(farthest);
      backlog.postpone(farthest);
    }
  }

  /** Takes a task out of those that wait for an instant. */
  private void recall(QueuedTask entry) {
    delayed.remove(entry);
    notFailed(entry);
  }

  /** Makes those ready whose instant has come; says how many of some kinds wait for a worker. */
  int ready(long nowMillis, Set<String> kinds) {
    for (QueuedTask due = delayed.due(nowMillis); due != null; due = delayed.due(nowMillis)) {
      recall(due);
      ready(due);
    }
    return ready.size(kinds);
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
  Assignment start(QueuedTask entry, FarmWorker hand, long nowMillis) {
    ready.take(entry);
    backlog.started();
    return inFlight.start(entry, hand, nowMillis);
  }

  /** The task, if this very attempt of it runs with this worker now. */
  public @Nullable QueuedTask running(FarmWorker hand, Slot slot) {
    QueuedTask entry = entries.get(slot.id());
    return entry != null
            && entry.place == Place.RUNNING
            && entry.hand == hand
            && entry.attempt == slot.attempt()
        ? entry
        : null;
  }

  /** The task, if the end of this attempt of it is being persisted. */
  @Nullable QueuedTask persisting(long id, int attempt) {
    QueuedTask entry = entries.get(id);
    return entry != null && entry.place == Place.PERSISTING && entry.attempt == attempt
        ? entry
        : null;
  }

  /** The running task whose time is over first, if one's is. */
  @Nullable QueuedTask overdue(long nowMillis) {
    return inFlight.overdue(nowMillis);
  }

  /** The attempt is over; the task stays until that is persisted. */
  void stop(QueuedTask entry) {
    inFlight.stop(entry);
  }

  /** The worker never began this attempt and never will: it waits again, as the same one. */
  void giveBack(QueuedTask entry) {
    inFlight.takeBack(entry);
    ready(entry);
  }

  /** Another attempt follows, at an instant. */
  void retry(QueuedTask entry, int attempt, long dueMillis) {
    inFlight.persisted(entry);
    entry.attempt = attempt;
    entry.dueMillis = dueMillis;
    entry.failed = true;
    failed++;
    postpone(entry);
  }

  private void notFailed(QueuedTask entry) {
    if (entry.failed) {
      entry.failed = false;
      failed--;
    }
  }

  /** It is over, and that is persisted. */
  void forget(QueuedTask entry) {
    inFlight.persisted(entry);
    remove(entry);
    backlog.ended(entry);
    cancellations.ended(entry.id);
  }

  /** Those under way. */
  Cancellations cancellations() {
    return cancellations;
  }

  /** The task, if it is in memory: then it is this queue's, and it is not over. */
  public @Nullable QueuedTask get(long id) {
    return entries.get(id);
  }

  /** It has ended by what others decided: takes it out of its place. */
  void cancel(QueuedTask entry) {
    switch (entry.place) {
      case READY -> ready.remove(entry);
      case LATER -> recall(entry);
      case RUNNING -> stop(entry);
      case PERSISTING -> {}
    }
    forget(entry);
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
  boolean retry(QueuedTask entry, boolean counted, long nowMillis) {
    QueuedTask dead = entries.get(entry.id);
    if (backlog.hasEndedSince(entry) || (dead != null && dead.attempt >= entry.attempt)) {
      backlog.notRetried(entry.id);
      return false;
    }
    if (dead != null) {
      cancel(dead);
    }
    backlog.retried(entry, counted);
    if (entry.common ? backlog.keepsRetried(entry, active()) : keeps(entry)) {
      entry.dueMillis = 0;
      enter(entry, nowMillis);
    }
    return dead != null;
  }

  /** Tasks in memory of the common kinds that do not wait for an instant. */
  private int active() {
    return entries.size() - special - delayed.common();
  }

  public int size() {
    return entries.size();
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
    return entries.size() - running() - failed + backlog.stored();
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
    return (int) Math.min(Integer.MAX_VALUE, entries.size() + backlog.stored());
  }

  /** No acceptance of this term up to this id is under way or to come. */
  public long compactedThrough() {
    return backlog.compactedThrough();
  }

  /** Whether a task runs, where, and since when. */
  public Optional<RunningTask> runningTask(long id) {
    return Optional.ofNullable(entries.get(id)).flatMap(QueuedTask::run);
  }

  /** All that run. */
  public List<RunningTask> runningTasks() {
    return entries.values().stream().flatMap(entry -> entry.run().stream()).toList();
  }
}
