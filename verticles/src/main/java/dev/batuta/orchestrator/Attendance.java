package dev.batuta.orchestrator;

import dev.batuta.orchestrator.DispatchEffect.Change;
import dev.batuta.orchestrator.DispatchEffect.FarmChanged;
import dev.batuta.orchestrator.DispatchEffect.TurnAway;
import dev.batuta.orchestrator.DispatchEffect.Welcome;
import dev.batuta.orchestrator.DispatchInput.Alive;
import dev.batuta.orchestrator.DispatchInput.Joined;
import dev.batuta.orchestrator.DispatchInput.Left;
import dev.batuta.orchestrator.FarmHand.Slot;
import dev.batuta.task.Kinds;

/**
 * Which workers come, live and go, and what becomes of what those had who are gone. See {@link
 * Dispatch}.
 */
final class Attendance {
  private final Farm farm;
  private final TaskQueue queue;
  private final Effects effects;

  Attendance(Farm farm, TaskQueue queue, Effects effects) {
    this.farm = farm;
    this.queue = queue;
    this.effects = effects;
  }

  void join(Joined joined, long nowMillis) {
    if (!Kinds.areTakeable(joined.kinds())) {
      String why =
          "it takes %d kinds: at most %d, each of A-Z, 0-9 and _"
              .formatted(joined.kinds().size(), Kinds.MAX_OF_A_WORKER);
      effects.add(new TurnAway(joined.worker(), joined.registration(), why));
      return;
    }
    FarmHand known = farm.get(joined.worker(), joined.registration());
    if (known != null) {
      known.lastHeardMillis = nowMillis;
      effects.add(new Welcome(joined.worker(), joined.registration()));
      return;
    }
    long latest = farm.latest(joined.worker());
    if (joined.registration() <= latest) {
      effects.add(farm.turnAway(joined.worker(), joined.registration()));
      return;
    }
    FarmHand hand =
        new FarmHand(
            joined.worker(),
            joined.home(),
            joined.registration(),
            Math.max(1, joined.credits()),
            joined.kinds().isEmpty() ? Kinds.FIRST : joined.kinds(),
            nowMillis);
    FarmHand replaced = farm.join(hand);
    queue.serve(farm.kinds());
    int given = replaced == null ? 0 : abandon(replaced, "the worker registered anew");
    effects.add(new Welcome(hand.name, hand.registration));
    Change change = latest == 0 ? Change.JOINED : Change.RETURNED;
    effects.add(new FarmChanged(hand.name, hand.registration, change, given));
  }

  void heard(Alive alive, long nowMillis) {
    String worker = alive.worker();
    long registration = alive.registration();
    FarmHand hand = farm.get(worker, registration);
    if (hand == null) {
      effects.add(farm.turnAway(worker, registration));
    } else {
      hand.leaving = alive.leaving();
      hand.lastHeardMillis = nowMillis;
      effects.add(new Welcome(worker, registration));
    }
  }

  void leave(Left left) {
    String worker = left.worker();
    long registration = left.registration();
    FarmHand hand = farm.get(worker, registration);
    if (hand != null) {
      if (left.drained()) {
        takeBack(hand);
      }
      dismiss(hand, Change.LEFT, "the worker left");
    }
    FarmHand older = farm.outdate(worker, registration);
    if (older != null) {
      dismiss(older, Change.LEFT, "the worker has a newer registration");
    }
    effects.add(new Welcome(worker, registration));
  }

  /** Those not heard of since an instant have failed. */
  void missing(long sinceMillis) {
    for (FarmHand hand : farm.silentSince(sinceMillis)) {
      dismiss(hand, Change.FAILED, "the worker was silent");
    }
  }

  /** What a worker has never begun is given to others as the attempt that it is. */
  private void takeBack(FarmHand hand) {
    for (Slot slot : hand.slots) {
      Entry entry = queue.running(hand, slot);
      if (entry != null) {
        queue.giveBack(entry);
      }
    }
    hand.slots.clear();
  }

  private void dismiss(FarmHand hand, Change change, String why) {
    farm.remove(hand);
    queue.serve(farm.kinds());
    effects.add(new FarmChanged(hand.name, hand.registration, change, abandon(hand, why)));
  }

  private int abandon(FarmHand hand, String why) {
    int given = 0;
    for (Slot slot : hand.slots) {
      Entry entry = queue.running(hand, slot);
      if (entry != null) {
        queue.stop(entry);
        entry.lostWithWorker = true;
        effects.add(entry.lost(hand, why));
        given++;
      }
    }
    hand.slots.clear();
    return given;
  }
}
