package dev.batuta.orchestrator;

import dev.batuta.codec.TaskMessage.RunningTask;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.Entry.Place;
import dev.batuta.orchestrator.FarmHand.Slot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished tasks of one owner that are in memory, each in its place; see {@link Dispatch}.
 */
final class TaskQueue {
  private final DispatchSettings settings;
  private final Backlog backlog;
  private final Map<Long, Entry> entries = new HashMap<>();
  private final Lanes lanes;
  private final TreeSet<Entry> later = new TreeSet<>(Entry.BY_DUE);
  private final TreeSet<Entry> deadlines = new TreeSet<>(Entry.BY_DEADLINE);

  /** What is being cancelled, and whether it has ended here since that was asked for. */
  private final Map<Long, Boolean> cancelling = new HashMap<>();

  private int running;
  private int failed;

  TaskQueue(DispatchSettings settings, long term, long unfinished) {
    this.settings = settings;
    this.lanes = new Lanes(settings.patience());
    this.backlog = new Backlog(settings, TaskStore.id(term, 1), unfinished);
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
    backlog.settle(firstId);
  }

  void accept(long firstId, List<Entry> tasks, long nowMillis) {
    backlog.settle(firstId);
    for (Entry entry : tasks) {
      if (!backlog.isCancelledEarly(entry) && backlog.keeps(entry, active())) {
        enter(entry, nowMillis);
      }
    }
  }

  void load(List<Entry> tasks, boolean last, long nowMillis) {
    int news = 0;
    for (Entry entry : tasks) {
      if (!entries.containsKey(entry.id) && backlog.isNews(entry)) {
        enter(entry, nowMillis);
        news++;
      }
    }
    backlog.endReading(tasks, news, last);
  }

  /** Takes over tasks that are in the store. */
  void inherit(long unfinished) {
    backlog.inherit(unfinished);
  }

  /** Where to read on from, if it is time to. */
  OptionalLong readFrom(long nowMillis) {
    return backlog.wantsToRead(nowMillis, active())
        ? OptionalLong.of(backlog.startReading())
        : OptionalLong.empty();
  }

  private void enter(Entry entry, long nowMillis) {
    entries.put(entry.id, entry);
    if (entry.dueMillis <= nowMillis) {
      ready(entry);
    } else {
      postpone(entry);
    }
  }

  private void ready(Entry entry) {
    entry.place = Place.READY;
    lanes.add(entry);
  }

  /** Keeps a task for its instant; when too many wait, the farthest goes back to the store. */
  private void postpone(Entry entry) {
    entry.place = Place.LATER;
    later.add(entry);
    if (later.size() > settings.highWater()) {
      Entry farthest = later.removeLast();
      notFailed(farthest);
      entries.remove(farthest.id);
      backlog.postpone(farthest);
    }
  }

  /** Makes those ready whose instant has come; says how many wait for a worker. */
  int ready(long nowMillis) {
    while (!later.isEmpty() && later.first().dueMillis <= nowMillis) {
      Entry due = later.removeFirst();
      notFailed(due);
      ready(due);
    }
    return lanes.size();
  }

  @Nullable Entry peek() {
    return lanes.peek();
  }

  /** Gives what {@link #peek} showed to a worker. */
  Assignment start(Entry entry, FarmHand hand, long nowMillis) {
    lanes.take(entry);
    backlog.started();
    entry.place = Place.RUNNING;
    entry.hand = hand;
    entry.startedAtMillis = nowMillis;
    hand.slots.add(new Slot(entry.id, entry.attempt));
    running++;
    if (entry.timeoutMillis > 0) {
      entry.deadlineMillis = nowMillis + entry.timeoutMillis;
      deadlines.add(entry);
    }
    return new Assignment(entry.id, entry.attempt, entry.timeoutMillis, entry.payload);
  }

  /** The task, if this very attempt of it runs with this worker now. */
  @Nullable Entry running(FarmHand hand, Slot slot) {
    Entry entry = entries.get(slot.id());
    return entry != null
            && entry.place == Place.RUNNING
            && entry.hand == hand
            && entry.attempt == slot.attempt()
        ? entry
        : null;
  }

  /** The task, if the end of this attempt of it is being persisted. */
  @Nullable Entry settling(long id, int attempt) {
    Entry entry = entries.get(id);
    return entry != null && entry.place == Place.SETTLING && entry.attempt == attempt
        ? entry
        : null;
  }

  /** The running task whose time is over first, if one's is. */
  @Nullable Entry overdue(long nowMillis) {
    return deadlines.isEmpty() || deadlines.first().deadlineMillis > nowMillis
        ? null
        : deadlines.first();
  }

  /** The attempt is over; the task stays until that is persisted. */
  void stop(Entry entry) {
    entry.place = Place.SETTLING;
    entry.hand = null;
    running--;
    if (entry.timeoutMillis > 0) {
      deadlines.remove(entry);
    }
  }

  /** The worker never began this attempt and never will: it waits again, as the same one. */
  void giveBack(Entry entry) {
    running--;
    if (entry.timeoutMillis > 0) {
      deadlines.remove(entry);
    }
    entry.hand = null;
    ready(entry);
  }

  /** Another attempt follows, at an instant. */
  void retry(Entry entry, int attempt, long dueMillis) {
    entry.attempt = attempt;
    entry.dueMillis = dueMillis;
    entry.failed = true;
    failed++;
    postpone(entry);
  }

  private void notFailed(Entry entry) {
    if (entry.failed) {
      entry.failed = false;
      failed--;
    }
  }

  /** It is over, and that is persisted. */
  void forget(Entry entry) {
    entries.remove(entry.id);
    backlog.ended(entry.id);
    cancelling.computeIfPresent(entry.id, (id, ended) -> true);
  }

  /** A task, wherever it is, is about to be cancelled. */
  void cancelling(long id) {
    cancelling.put(id, false);
  }

  /** It is not, or it is known already. */
  boolean notCancelling(long id) {
    return Boolean.TRUE.equals(cancelling.remove(id));
  }

  /** The task, if it is in memory. */
  @Nullable Entry get(long id) {
    return entries.get(id);
  }

  /** It has ended by what others decided: takes it out of its place. */
  void cancel(Entry entry) {
    switch (entry.place) {
      case READY -> lanes.remove(entry);
      case LATER -> {
        later.remove(entry);
        notFailed(entry);
      }
      case RUNNING -> stop(entry);
      case SETTLING -> {}
    }
    forget(entry);
  }

  /** One that is not in memory is cancelled. */
  void cancelElsewhere(long id) {
    backlog.cancelled(id);
  }

  void reviving(long id) {
    backlog.reviving(id);
  }

  void notRevived(long id) {
    backlog.notRevived(id);
  }

  /**
   * Takes in a revived task. The queue may not have heard yet that it had died: then it hears of
   * both at once.
   *
   * @return whether its death is news
   */
  boolean revive(Entry entry, boolean counted, long nowMillis) {
    Entry dead = entries.get(entry.id);
    if (dead != null && dead.attempt >= entry.attempt) {
      backlog.notRevived(entry.id);
      return false;
    }
    if (dead != null) {
      cancel(dead);
    }
    if (backlog.keepsRevived(entry, counted, active())) {
      entry.dueMillis = 0;
      enter(entry, nowMillis);
    }
    return dead != null;
  }

  /** Tasks in memory that do not wait for an instant. */
  private int active() {
    return entries.size() - later.size();
  }

  int size() {
    return entries.size();
  }

  /** Whether a task is in memory: then it is this queue's, and it is not over. */
  boolean holds(long id) {
    return entries.containsKey(id);
  }

  int running() {
    return running;
  }

  /** Those that wait after a failed attempt. */
  int failed() {
    return failed;
  }

  /** The other unfinished tasks, wherever they are. */
  long pending() {
    return entries.size() - running - failed + backlog.stored();
  }

  /** Those that wait for a worker only; what has been put off is not among them. */
  int waiting() {
    return (int) Math.min(Integer.MAX_VALUE, lanes.size() + backlog.unread());
  }

  /** All that is unfinished. */
  int load() {
    return (int) Math.min(Integer.MAX_VALUE, entries.size() + backlog.stored());
  }

  /** No acceptance of this term up to this id is under way or to come. */
  long settledThrough() {
    return backlog.settledThrough();
  }

  /** Whether a task runs, where, and since when. */
  Optional<RunningTask> runningTask(long id) {
    return Optional.ofNullable(entries.get(id)).flatMap(TaskQueue::view);
  }

  /** All that runs. */
  List<RunningTask> runningTasks() {
    return entries.values().stream().flatMap(entry -> view(entry).stream()).toList();
  }

  private static Optional<RunningTask> view(Entry entry) {
    FarmHand hand = entry.hand;
    return hand == null
        ? Optional.empty()
        : Optional.of(new RunningTask(entry.id, entry.attempt, hand.name, entry.startedAtMillis));
  }
}
