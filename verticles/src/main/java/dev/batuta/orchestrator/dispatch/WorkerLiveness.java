package dev.batuta.orchestrator.dispatch;

import dev.batuta.orchestrator.dispatch.DispatchEffect.Change;
import dev.batuta.orchestrator.dispatch.DispatchEffect.FarmChanged;
import dev.batuta.orchestrator.dispatch.DispatchEffect.TurnAway;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Welcome;
import dev.batuta.orchestrator.dispatch.DispatchInput.Alive;
import dev.batuta.orchestrator.dispatch.DispatchInput.Joined;
import dev.batuta.orchestrator.dispatch.DispatchInput.Left;
import dev.batuta.orchestrator.dispatch.FarmWorker.Slot;
import dev.batuta.task.Kinds;

/**
 * Which workers come, live and go, and what becomes of what those had who are gone. See {@link
 * Dispatch}.
 */
final class WorkerLiveness {
  private final Farm farm;
  private final TaskQueue queue;
  private final EffectBatch effects;

  WorkerLiveness(Farm farm, TaskQueue queue, EffectBatch effects) {
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
    FarmWorker known = farm.get(joined.worker(), joined.registration());
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
    FarmWorker hand =
        new FarmWorker(
            joined.worker(),
            joined.home(),
            joined.registration(),
            Math.max(1, joined.credits()),
            joined.kinds().isEmpty() ? Kinds.FIRST : joined.kinds(),
            nowMillis);
    FarmWorker replaced = farm.join(hand);
    queue.serve(farm.kinds());
    int given = replaced == null ? 0 : abandon(replaced, "the worker registered anew");
    effects.add(new Welcome(hand.name, hand.registration));
    Change change = latest == 0 ? Change.JOINED : Change.RETURNED;
    effects.add(new FarmChanged(hand.name, hand.registration, change, given));
  }

  void heard(Alive alive, long nowMillis) {
    String worker = alive.worker();
    long registration = alive.registration();
    FarmWorker hand = farm.get(worker, registration);
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
    FarmWorker hand = farm.get(worker, registration);
    if (hand != null) {
      if (left.drained()) {
        takeBack(hand);
      }
      dismiss(hand, Change.LEFT, "the worker left");
    }
    FarmWorker older = farm.outdate(worker, registration);
    if (older != null) {
      dismiss(older, Change.LEFT, "the worker has a newer registration");
    }
    effects.add(new Welcome(worker, registration));
  }

  /** Those not heard of since an instant have failed. */
  void missing(long sinceMillis) {
    for (FarmWorker hand : farm.silentSince(sinceMillis)) {
      dismiss(hand, Change.FAILED, "the worker was silent");
    }
  }

  /** What a worker has never begun is given to others as the attempt that it is. */
  private void takeBack(FarmWorker hand) {
    for (Slot slot : hand.slots) {
      QueuedTask entry = queue.running(hand, slot);
      if (entry != null) {
        queue.giveBack(entry);
      }
    }
    hand.slots.clear();
  }

  private void dismiss(FarmWorker hand, Change change, String why) {
    farm.remove(hand);
    queue.serve(farm.kinds());
    effects.add(new FarmChanged(hand.name, hand.registration, change, abandon(hand, why)));
  }

  private int abandon(FarmWorker hand, String why) {
    int given = 0;
    for (Slot slot : hand.slots) {
      QueuedTask entry = queue.running(hand, slot);
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
