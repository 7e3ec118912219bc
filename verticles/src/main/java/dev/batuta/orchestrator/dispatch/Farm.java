package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.orchestrator.dispatch.DispatchEffect.TurnAway;
import dev.batuta.task.Kinds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The workers of one master, each under its latest registration. */
final class Farm {
  /** Numbers of workers that left are kept for this many, so that old messages are refused. */
  static final int REMEMBERED = 10_000;

  private final Map<String, FarmWorker> workers = new LinkedHashMap<>();

  /** How many take just these kinds: workers are many, what they take differs little. */
  private final Map<SortedSet<String>, Integer> takers = new HashMap<>();

  private Set<String> kinds = Set.of();
  private Set<String> lendingKinds = Set.copyOf(Kinds.COMMON);
  private final Map<String, Long> latest = new LinkedHashMap<>();

  /** False only when no worker has one: there are few, and many workers. */
  private boolean hasSuspects;

  /** Puts a worker under a newer registration; gives the one that this replaces. */
  @Nullable FarmWorker join(FarmWorker worker) {
    remember(worker.name, worker.registration);
    FarmWorker before = workers.put(worker.name, worker);
    if (before != null) {
      takers.computeIfPresent(before.kinds, Farm::oneLess);
    }
    takers.merge(worker.kinds, 1, Integer::sum);
    countKinds();
    return before;
  }

  /** The worker if it is live under this very registration. */
  @Nullable FarmWorker get(String name, long registration) {
    FarmWorker worker = workers.get(name);
    return worker != null && worker.registration == registration ? worker : null;
  }

  /** The highest registration ever seen of a worker, 0 when there is none. */
  long latest(String name) {
    return latest.getOrDefault(name, 0L);
  }

  /**
   * This registration of a worker, and all before it, are over, also one that is still to come.
   *
   * @return the worker under an older one, if it is here
   */
  @Nullable FarmWorker outdate(String name, long registration) {
    if (registration > latest(name)) {
      remember(name, registration);
    }
    FarmWorker worker = workers.get(name);
    return worker != null && worker.registration < registration ? worker : null;
  }

  private void remember(String name, long registration) {
    latest.remove(name);
    latest.put(name, registration);
    forgetOldest();
  }

  /** The refusal of a registration that is not in force. */
  TurnAway turnAway(String worker, long registration) {
    long latest = latest(worker);
    String why =
        latest > registration
            ? "registration " + registration + " is older than " + latest
            : "registration " + registration + " is not known here";
    return new TurnAway(worker, registration, why + ": register under a higher number");
  }

  void remove(FarmWorker worker) {
    if (workers.remove(worker.name, worker)) {
      takers.computeIfPresent(worker.kinds, Farm::oneLess);
      countKinds();
    }
  }

  private static @Nullable Integer oneLess(SortedSet<String> kinds, int count) {
    return count > 1 ? count - 1 : null;
  }

  /** The kinds that some worker takes. */
  Set<String> kinds() {
    return kinds;
  }

  /**
   * The kinds that workers may be borrowed for: those that every worker takes, also when there is
   * none here, and those of the workers that lending counts ({@link #lendable}).
   */
  Set<String> lendingKinds() {
    return lendingKinds;
  }

  private void countKinds() {
    Set<String> taken = new TreeSet<>();
    Set<String> lending = new TreeSet<>(Kinds.COMMON);
    for (SortedSet<String> each : takers.keySet()) {
      taken.addAll(each);
      if (FarmWorker.isLendable(each)) {
        lending.addAll(each);
      }
    }
    kinds = taken;
    lendingKinds = lending;
  }

  /**
   * Those that could take something now, the one with the least outstanding for its capacity first;
   * of several, who came first.
   */
  PriorityQueue<FarmWorker> available() {
    PriorityQueue<FarmWorker> available = new PriorityQueue<>(FarmWorker.LEAST_LOADED);
    int place = 0;
    for (FarmWorker worker : workers.values()) {
      worker.place = place++;
      if (worker.free() > 0) {
        available.add(worker);
      }
    }
    return available;
  }

  /** Gives those free that do not run a suspect: for whom one is kept is decided each time. */
  void release() {
    if (!hasSuspects) {
      return;
    }
    hasSuspects = false;
    for (FarmWorker worker : workers.values()) {
      if (!worker.runsSuspect()) {
        worker.suspect = null;
      }
      hasSuspects |= worker.suspect != null;
    }
  }

  /** Gives a worker nothing else than a suspect. */
  void keep(FarmWorker worker, QueuedTask suspect) {
    hasSuspects = true;
    worker.suspect = suspect;
  }

  /** How many run a suspect, or are kept for one. */
  int apart() {
    return (int) workers.values().stream().filter(worker -> worker.suspect != null).count();
  }

  /** So many may: the rest of the tasks goes on. */
  int mostApart() {
    return Math.max(1, workers.size() / 2);
  }

  /**
   * The one with the least that could be lost with it, of those that take a kind and have a credit,
   * or will have one.
   *
   * @param atStake how many attempts run with a worker: what was given up is not among them, and a
   *     worker may never end that
   */
  @Nullable FarmWorker emptiest(String kind, ToIntFunction<FarmWorker> atStake) {
    return workers.values().stream()
        .filter(worker -> worker.kinds.contains(kind) && !worker.leaving && !worker.resting)
        .filter(worker -> worker.suspect == null)
        .filter(worker -> worker.slots.size() < worker.credits || atStake.applyAsInt(worker) > 0)
        .min(Comparator.comparingInt(atStake).thenComparing(FarmWorker::isLendable))
        .orElse(null);
  }

  /** Those not heard of since an instant. */
  List<FarmWorker> silentSince(long millis) {
    List<FarmWorker> silent = new ArrayList<>();
    for (FarmWorker worker : workers.values()) {
      if (worker.lastHeardMillis <= millis) {
        silent.add(worker);
      }
    }
    return silent;
  }

  /** Excuses everybody for a time in which this master itself did not listen. */
  void excuse(long millis) {
    for (FarmWorker worker : workers.values()) {
      worker.lastHeardMillis += millis;
    }
  }

  List<WorkerView> views(String master) {
    List<WorkerView> views = new ArrayList<>(workers.size());
    for (FarmWorker worker : workers.values()) {
      views.add(
          new WorkerView(
              worker.name,
              worker.home,
              master,
              worker.slots.size(),
              worker.credits,
              List.copyOf(worker.kinds),
              worker.registration));
    }
    return views;
  }

  /** Those that lending counts: one that takes only some kind of its own is of no use to others. */
  List<FarmView.Worker> lendable(long nowMillis) {
    List<FarmView.Worker> all = new ArrayList<>(workers.size());
    for (FarmWorker worker : workers.values()) {
      if (!worker.isLendable()) {
        continue;
      }
      all.add(
          new FarmView.Worker(
              worker.name,
              worker.home,
              worker.registration,
              worker.slots.size(),
              worker.leaving,
              nowMillis - worker.joinedMillis,
              worker.via));
    }
    return all;
  }

  /** Whether there is one that takes more of what every worker takes, as heartbeats count them. */
  boolean isManned() {
    return workers.values().stream().anyMatch(worker -> worker.isLendable() && !worker.leaving);
  }

  int size() {
    return workers.size();
  }

  /** How many there are, and what they take together. */
  QueueView.Workers totals(String master) {
    int own = 0;
    long credits = 0;
    for (FarmWorker worker : workers.values()) {
      own += worker.home.isEmpty() || worker.home.equals(master) ? 1 : 0;
      credits += worker.credits;
    }
    return new QueueView.Workers(own, workers.size() - own, credits);
  }

  private void forgetOldest() {
    Iterator<String> names = latest.keySet().iterator();
    while (latest.size() > REMEMBERED + workers.size() && names.hasNext()) {
      if (!workers.containsKey(names.next())) {
        names.remove();
      }
    }
  }
}
