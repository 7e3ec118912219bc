package dev.batuta.orchestrator;

import dev.batuta.codec.TaskMessage.RunningTask;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.DispatchEffect.Load;
import dev.batuta.orchestrator.Entry.Place;
import dev.batuta.orchestrator.FarmHand.Slot;
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
final class TaskQueue {
  private final DispatchSettings settings;
  private final Backlog backlog;
  private final Map<Long, Entry> entries = new HashMap<>();
  private final Lanes lanes;
  private final Sidings sidings;
  private final Later later = new Later();
  private final Runs runs = new Runs();
  private final Cancellations cancellations = new Cancellations();

  /** Tasks in memory of kinds that not every worker takes. */
  private int aside;

  private boolean undecided; // a reading of such a kind passed one over that may have to be read
  private boolean commonRead; // the last reading was of the others
  private int failed;

  TaskQueue(DispatchSettings settings, long term, long unfinished) {
    this.settings = settings;
    this.lanes = new Lanes(settings.patience());
    this.backlog = new Backlog(settings, TaskStore.id(term, 1), unfinished);
    this.sidings = new Sidings(settings);
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
      if (!backlog.isCancelledEarly(entry) && keeps(entry)) {
        enter(entry, nowMillis);
      }
    }
  }

  private boolean keeps(Entry entry) {
    if (entry.common) {
      return backlog.keeps(entry, active());
    }
    boolean kept = sidings.keeps(entry, lanes.weight(entry.kind()));
    if (!kept) {
      backlog.putAside(entry);
    }
    return kept;
  }

  void load(List<Entry> tasks, boolean last, long nowMillis) {
    Optional<String> kind = sidings.reading();
    if (kind.isPresent()) {
      Sidings.Taken taken = sidings.endReading(tasks, last, this::isNewsAside, lanes::weight);
      taken.tasks().forEach(entry -> enter(entry, nowMillis));
      backlog.endReadingAside(kind.get(), taken, left(tasks, taken.throughId()));
      return;
    }
    List<Entry> taken = tasks.stream().filter(task -> task.common && isNews(task)).toList();
    taken.forEach(entry -> enter(entry, nowMillis));
    backlog.endReading(tasks, taken, left(tasks, Long.MAX_VALUE), last);
  }

  /** Those of a page, up to an id, that are only in the store. */
  private List<Entry> left(List<Entry> page, long throughId) {
    return page.stream()
        .filter(task -> task.id <= throughId)
        .filter(task -> !entries.containsKey(task.id) && !backlog.isElsewhere(task))
        .toList();
  }

  private boolean isNewsAside(Entry entry) {
    undecided |= backlog.isReviving(entry.id);
    return isNews(entry);
  }

  private boolean isNews(Entry entry) {
    return !entries.containsKey(entry.id) && backlog.isNews(entry);
  }

  /** The kinds that workers take now; what waits of others goes back to the store. */
  void serve(Set<String> taken) {
    sidings.open(taken);
    for (Entry entry : lanes.drainOthers(taken)) {
      remove(entry);
      backlog.putAside(entry);
    }
  }

  /** Takes over tasks that are in the store. */
  void inherit(long unfinished) {
    backlog.inherit(unfinished);
    sidings.restart();
  }

  /**
   * What to read now, if it is time to: the kinds that every worker takes, and others, by turns.
   */
  Optional<Load> read(long nowMillis) {
    if (backlog.reading()) {
      return Optional.empty();
    }
    if (backlog.recalls(nowMillis)) {
      sidings.restart();
    }
    Optional<String> kind = sidings.wantsToRead(lanes::weight);
    boolean common = backlog.wantsToRead(active());
    if (common && (kind.isEmpty() || !commonRead)) {
      commonRead = true;
      return Optional.of(new Load(backlog.startReading(), settings.page(), null));
    }
    commonRead = false;
    return kind.map(
        next -> {
          Load load = sidings.startReading(next);
          backlog.startReadingAside(next, load.afterId());
          return load;
        });
  }

  private void enter(Entry entry, long nowMillis) {
    entries.put(entry.id, entry);
    aside += entry.common ? 0 : 1;
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

  /** Takes a task out of memory. */
  private void remove(Entry entry) {
    entries.remove(entry.id);
    aside -= entry.common ? 0 : 1;
  }

  /** Keeps a task for its instant; when too many wait, the farthest goes back to the store. */
  private void postpone(Entry entry) {
    entry.place = Place.LATER;
    later.add(entry);
    if (later.weight() > settings.highWater()) {
      Entry farthest = later.farthest();
      recall(farthest);
      remove(farthest);
      backlog.postpone(farthest);
    }
  }

  /** Takes a task out of those that wait for an instant. */
  private void recall(Entry entry) {
    later.remove(entry);
    notFailed(entry);
  }

  /** Makes those ready whose instant has come; says how many of some kinds wait for a worker. */
  int ready(long nowMillis, Set<String> kinds) {
    for (Entry due = later.due(nowMillis); due != null; due = later.due(nowMillis)) {
      recall(due);
      ready(due);
    }
    return lanes.size(kinds);
  }

  @Nullable Entry peek(Set<String> kinds) {
    return lanes.peek(kinds);
  }

  /** Those that are to run alone. */
  List<Entry> suspects() {
    return lanes.suspects();
  }

  /** From now on a suspect waits with the others. */
  void acquit(Entry suspect) {
    lanes.remove(suspect);
    suspect.lostWithWorker = false;
    lanes.add(suspect);
  }

  /** Gives what {@link #peek} showed, or a suspect, to a worker. */
  Assignment start(Entry entry, FarmHand hand, long nowMillis) {
    lanes.take(entry);
    backlog.started();
    return runs.start(entry, hand, nowMillis);
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
    return runs.overdue(nowMillis);
  }

  /** The attempt is over; the task stays until that is persisted. */
  void stop(Entry entry) {
    runs.stop(entry);
  }

  /** The worker never began this attempt and never will: it waits again, as the same one. */
  void giveBack(Entry entry) {
    runs.takeBack(entry);
    ready(entry);
  }

  /** Another attempt follows, at an instant. */
  void retry(Entry entry, int attempt, long dueMillis) {
    runs.settled(entry);
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
    runs.settled(entry);
    remove(entry);
    backlog.ended(entry);
    cancellations.ended(entry.id);
  }

  /** Those under way. */
  Cancellations cancellations() {
    return cancellations;
  }

  /** The task, if it is in memory: then it is this queue's, and it is not over. */
  @Nullable Entry get(long id) {
    return entries.get(id);
  }

  /** It has ended by what others decided: takes it out of its place. */
  void cancel(Entry entry) {
    switch (entry.place) {
      case READY -> lanes.remove(entry);
      case LATER -> recall(entry);
      case RUNNING -> stop(entry);
      case SETTLING -> {}
    }
    forget(entry);
  }

  /** One that is not in memory is cancelled. */
  void cancelElsewhere(long id, String kind) {
    backlog.cancelled(id, kind);
  }

  void reviving(long id) {
    backlog.reviving(id);
  }

  void notRevived(long id) {
    backlog.notRevived(id);
    if (undecided) {
      undecided = false;
      sidings.restart();
    }
  }

  /**
   * Takes in a revived task. The queue may not have heard yet that it had died: then it hears of
   * both at once.
   *
   * @return whether its death is news
   */
  boolean revive(Entry entry, boolean counted, long nowMillis) {
    Entry dead = entries.get(entry.id);
    if (backlog.hasEndedSince(entry) || (dead != null && dead.attempt >= entry.attempt)) {
      backlog.notRevived(entry.id);
      return false;
    }
    if (dead != null) {
      cancel(dead);
    }
    backlog.revived(entry, counted);
    if (entry.common ? backlog.keepsRevived(entry, active()) : keeps(entry)) {
      entry.dueMillis = 0;
      enter(entry, nowMillis);
    }
    return dead != null;
  }

  /** Tasks in memory of the kinds that every worker takes and that do not wait for an instant. */
  private int active() {
    return entries.size() - aside - later.common();
  }

  int size() {
    return entries.size();
  }

  int running() {
    return runs.running();
  }

  /** Those that are with a worker, or that were and of which the end is being persisted. */
  int outstanding() {
    return runs.outstanding();
  }

  /** Those that wait after a failed attempt. */
  int failed() {
    return failed;
  }

  /** The other unfinished tasks, wherever they are. */
  long pending() {
    return entries.size() - running() - failed + backlog.stored();
  }

  /** Those of these kinds that wait for a worker only; what has been put off is not among them. */
  int waiting(Set<String> kinds) {
    long unread = backlog.unread();
    return (int) Math.min(Integer.MAX_VALUE, unread + lanes.size(kinds) + lanes.suspects().size());
  }

  /** Those in the store that not every worker takes. */
  int aside() {
    return (int) Math.min(Integer.MAX_VALUE, backlog.aside());
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
    return Optional.ofNullable(entries.get(id)).flatMap(Entry::run);
  }

  /** All that runs. */
  List<RunningTask> runningTasks() {
    return entries.values().stream().flatMap(entry -> entry.run().stream()).toList();
  }
}
