package dev.batuta.orchestrator;

import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.orchestrator.DispatchEffect.TurnAway;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The workers of one master, each under its latest registration. */
final class Farm {
  /** Numbers of workers that left are kept for this many, so that old messages are refused. */
  static final int REMEMBERED = 10_000;

  private final Map<String, FarmHand> hands = new LinkedHashMap<>();
  private Set<String> kinds = Set.of();
  private final Map<String, Long> latest = new LinkedHashMap<>();

  /** Puts a worker under a newer registration; gives the one that this replaces. */
  @Nullable FarmHand join(FarmHand hand) {
    latest.remove(hand.name);
    latest.put(hand.name, hand.registration);
    forgetOldest();
    FarmHand before = hands.put(hand.name, hand);
    countKinds();
    return before;
  }

  /** The worker if it is live under this very registration. */
  @Nullable FarmHand get(String name, long registration) {
    FarmHand hand = hands.get(name);
    return hand != null && hand.registration == registration ? hand : null;
  }

  /** The highest registration ever seen of a worker, 0 when there is none. */
  long latest(String name) {
    return latest.getOrDefault(name, 0L);
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

  void remove(FarmHand hand) {
    hands.remove(hand.name, hand);
    countKinds();
  }

  /** The kinds that some worker takes. */
  Set<String> kinds() {
    return kinds;
  }

  private void countKinds() {
    Set<String> taken = new TreeSet<>();
    hands.values().forEach(hand -> taken.addAll(hand.kinds));
    kinds = taken;
  }

  /** Lets all be asked again by {@link #leastLoaded}. */
  void askAgain() {
    hands.values().forEach(hand -> hand.passed = false);
  }

  /** The one with a free credit and the least outstanding for its capacity, of those not passed. */
  @Nullable FarmHand leastLoaded() {
    FarmHand best = null;
    for (FarmHand hand : hands.values()) {
      if (!hand.passed && hand.free() > 0 && (best == null || hand.lessLoadedThan(best))) {
        best = hand;
      }
    }
    return best;
  }

  /** How many could take something now. */
  int available() {
    int count = 0;
    for (FarmHand hand : hands.values()) {
      if (hand.free() > 0) {
        count++;
      }
    }
    return count;
  }

  /** Those not heard of since an instant. */
  List<FarmHand> silentSince(long millis) {
    List<FarmHand> silent = new ArrayList<>();
    for (FarmHand hand : hands.values()) {
      if (hand.lastHeardMillis <= millis) {
        silent.add(hand);
      }
    }
    return silent;
  }

  /** Excuses everybody for a time in which this master itself did not listen. */
  void excuse(long millis) {
    for (FarmHand hand : hands.values()) {
      hand.lastHeardMillis += millis;
    }
  }

  List<WorkerView> views(String master) {
    List<WorkerView> views = new ArrayList<>(hands.size());
    for (FarmHand hand : hands.values()) {
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

  List<FarmView.Hand> hands(long nowMillis) {
    List<FarmView.Hand> all = new ArrayList<>(hands.size());
    for (FarmHand hand : hands.values()) {
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
