package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.orchestrator.dispatch.DispatchEffect.TurnAway;
import dev.batuta.task.Kinds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The workers of one master, each under its latest registration. */
final class Farm {
  /** Numbers of workers that left are kept for this many, so that old messages are refused. */
  static final int REMEMBERED = 10_000;

  private final Map<String, FarmWorker> hands = new LinkedHashMap<>();
  private Set<String> kinds = Set.of();
  private Set<String> lendingKinds = Set.copyOf(Kinds.COMMON);
  private final Map<String, Long> latest = new LinkedHashMap<>();

  /** Puts a worker under a newer registration; gives the one that this replaces. */
  @Nullable FarmWorker join(FarmWorker hand) {
    remember(hand.name, hand.registration);
    FarmWorker before = hands.put(hand.name, hand);
    countKinds();
    return before;
  }

  /** The worker if it is live under this very registration. */
  @Nullable FarmWorker get(String name, long registration) {
    FarmWorker hand = hands.get(name);
    return hand != null && hand.registration == registration ? hand : null;
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
    FarmWorker hand = hands.get(name);
    return hand != null && hand.registration < registration ? hand : null;
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

  void remove(FarmWorker hand) {
    hands.remove(hand.name, hand);
    countKinds();
  }

  /** The kinds that some worker takes. */
  Set<String> kinds() {
    return kinds;
  }

  /**
   * The kinds that workers may be borrowed for: those that every worker takes, also when there is
   * none here, and those of the workers that lending counts ({@link #hands}).
   */
  Set<String> lendingKinds() {
    return lendingKinds;
  }

  private void countKinds() {
    Set<String> taken = new TreeSet<>();
    Set<String> lending = new TreeSet<>(Kinds.COMMON);
    for (FarmWorker hand : hands.values()) {
      taken.addAll(hand.kinds);
      if (hand.isLendable()) {
        lending.addAll(hand.kinds);
      }
    }
    kinds = taken;
    lendingKinds = lending;
  }

  /** Lets all be asked again by {@link #leastLoaded}. */
  void askAgain() {
    hands.values().forEach(hand -> hand.passed = false);
  }

  /** The one with a free credit and the least outstanding for its capacity, of those not passed. */
  @Nullable FarmWorker leastLoaded() {
    FarmWorker best = null;
    for (FarmWorker hand : hands.values()) {
      if (!hand.passed && hand.free() > 0 && (best == null || hand.lessLoadedThan(best))) {
        best = hand;
      }
    }
    return best;
  }

  /** Gives those free that do not run a suspect: for whom one is kept is decided each time. */
  void release() {
    for (FarmWorker hand : hands.values()) {
      if (!hand.runsSuspect()) {
        hand.suspect = null;
      }
    }
  }

  /** How many run a suspect, or are kept for one. */
  int apart() {
    return (int) hands.values().stream().filter(hand -> hand.suspect != null).count();
  }

  /** So many may: the rest of the tasks goes on. */
  int mostApart() {
    return Math.max(1, hands.size() / 2);
  }

  /**
   * The one with the least that could be lost with it, of those that take a kind and have a credit,
   * or will have one.
   *
   * @param atStake how many attempts run with a worker: what was given up is not among them, and a
   *     worker may never end that
   */
  @Nullable FarmWorker emptiest(String kind, ToIntFunction<FarmWorker> atStake) {
    return hands.values().stream()
        .filter(hand -> hand.kinds.contains(kind) && !hand.leaving && hand.suspect == null)
        .filter(hand -> hand.slots.size() < hand.credits || atStake.applyAsInt(hand) > 0)
        .min(Comparator.comparingInt(atStake))
        .orElse(null);
  }

  /** How many could take something now. */
  int available() {
    int count = 0;
    for (FarmWorker hand : hands.values()) {
      if (hand.free() > 0) {
        count++;
      }
    }
    return count;
  }

  /** Those not heard of since an instant. */
  List<FarmWorker> silentSince(long millis) {
    List<FarmWorker> silent = new ArrayList<>();
    for (FarmWorker hand : hands.values()) {
      if (hand.lastHeardMillis <= millis) {
        silent.add(hand);
      }
    }
    return silent;
  }

  /** Excuses everybody for a time in which this master itself did not listen. */
  void excuse(long millis) {
    for (FarmWorker hand : hands.values()) {
      hand.lastHeardMillis += millis;
    }
  }

  List<WorkerView> views(String master) {
    List<WorkerView> views = new ArrayList<>(hands.size());
    for (FarmWorker hand : hands.values()) {
      views.add(
          new WorkerView(
              hand.name,
              hand.home,
              master,
              hand.slots.size(),
              hand.credits,
              List.copyOf(hand.kinds),
              hand.registration));
    }
    return views;
  }

  /** Those that lending counts: one that takes only some kind of its own is of no use to others. */
  List<FarmView.Hand> hands(long nowMillis) {
    List<FarmView.Hand> all = new ArrayList<>(hands.size());
    for (FarmWorker hand : hands.values()) {
      if (!hand.isLendable()) {
        continue;
      }
      all.add(
          new FarmView.Hand(
              hand.name,
              hand.home,
              hand.registration,
              hand.slots.size(),
              hand.leaving,
              nowMillis - hand.joinedMillis));
    }
    return all;
  }

  /** Whether there is one that takes more of what every worker takes, as heartbeats count them. */
  boolean isManned() {
    return hands.values().stream().anyMatch(hand -> hand.isLendable() && !hand.leaving);
  }

  int size() {
    return hands.size();
  }

  private void forgetOldest() {
    Iterator<String> names = latest.keySet().iterator();
    while (latest.size() > REMEMBERED + hands.size() && names.hasNext()) {
      if (!hands.containsKey(names.next())) {
        names.remove();
      }
    }
  }
}
