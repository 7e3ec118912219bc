package dev.batuta.orchestrator.dispatch;

import dev.batuta.orchestrator.dispatch.DispatchEffect.Cause;
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
    FarmWorker worker =
        new FarmWorker(
            joined.worker(),
            joined.home(),
            joined.registration(),
            Math.max(1, joined.credits()),
            joined.kinds().isEmpty() ? Kinds.FIRST : joined.kinds(),
            joined.via(),
            nowMillis);
    FarmWorker replaced = farm.join(worker);
    queue.serve(farm.kinds());
    int given =
        replaced == null
            ? 0
            : abandon(replaced, Cause.WORKER_REPLACED, "the worker registered anew");
    effects.add(new Welcome(worker.name, worker.registration));
    Change change = latest == 0 ? Change.JOINED : Change.RETURNED;
    effects.add(new FarmChanged(worker.name, worker.registration, change, given));
  }

  void heard(Alive alive, long nowMillis) {
    String name = alive.worker();
    long registration = alive.registration();
    FarmWorker worker = farm.get(name, registration);
    if (worker == null) {
      effects.add(farm.turnAway(name, registration));
    } else {
      worker.leaving = alive.leaving();
      worker.resting = alive.resting();
      if (worker.resting) {
        takeBack(worker);
      }
      worker.lastHeardMillis = nowMillis;
      effects.add(new Welcome(name, registration));
    }
  }

  void leave(Left left) {
    String name = left.worker();
    long registration = left.registration();
    FarmWorker worker = farm.get(name, registration);
    if (worker != null) {
      if (left.drained()) {
        takeBack(worker);
      }
      dismiss(worker, Change.LEFT, Cause.WORKER_LEFT, "the worker left");
    }
    FarmWorker older = farm.outdate(name, registration);
    if (older != null) {
      dismiss(older, Change.LEFT, Cause.WORKER_REPLACED, "the worker has a newer registration");
    }
    effects.add(new Welcome(name, registration));
  }

  /** Those not heard of since an instant have failed. */
  void missing(long sinceMillis) {
    for (FarmWorker worker : farm.silentSince(sinceMillis)) {
      dismiss(worker, Change.FAILED, Cause.WORKER_SILENT, "the worker was silent");
    }
  }

  /** What a worker has never begun is given to others as the attempt that it is. */
  private void takeBack(FarmWorker worker) {
    for (Slot slot : worker.slots) {
      QueuedTask task = queue.running(worker, slot);
      if (task != null) {
        queue.giveBack(task);
      }
    }
    worker.slots.clear();
  }

  private void dismiss(FarmWorker worker, Change change, Cause cause, String why) {
    farm.remove(worker);
    queue.serve(farm.kinds());
    int given = abandon(worker, cause, why);
    effects.add(new FarmChanged(worker.name, worker.registration, change, given));
  }

  private int abandon(FarmWorker worker, Cause cause, String why) {
    int given = 0;
    for (Slot slot : worker.slots) {
      QueuedTask task = queue.running(worker, slot);
      if (task != null) {
        queue.stop(task);
        task.lostWithWorker = true;
        effects.add(task.lost(worker, cause, why));
        given++;
      }
    }
    worker.slots.clear();
    return given;
  }
}
