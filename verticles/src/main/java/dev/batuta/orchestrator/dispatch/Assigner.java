package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Send;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Which worker gets what: the least loaded first, never beyond its credits, a fair share at a time,
 * of the kinds that it takes; what may have ended a worker goes alone ({@link Quarantine}). See
 * {@link Dispatch}.
 */
final class Assigner {
  private final int batch;
  private final TaskQueue queue;
  private final Farm farm;
  private final DispatchWatermarks watermarks;
  private final EffectBatch effects;

  /**
   * @param batch most tasks of one message
   */
  Assigner(
      int batch, TaskQueue queue, Farm farm, DispatchWatermarks watermarks, EffectBatch effects) {
    this.batch = batch;
    this.queue = queue;
    this.farm = farm;
    this.watermarks = watermarks;
    this.effects = effects;
  }

  /**
   * Sends what may be sent now.
   *
   * @param ready how many wait that some worker takes
   */
  void send(int ready, long nowMillis) {
    sendSuspects(nowMillis);
    PriorityQueue<FarmWorker> available = ready == 0 ? new PriorityQueue<>() : farm.available();
    if (available.isEmpty()) {
      return;
    }
    int share = Math.min(batch, (ready + available.size() - 1) / available.size());
    for (FarmWorker worker = available.poll(); worker != null; worker = available.poll()) {
      if (sendTo(worker, share, nowMillis) && worker.free() > 0) {
        available.add(worker);
      }
    }
  }

  /**
   * Each to a worker with nothing at stake; while there is none, one is kept for the first. One
   * that has waited too long for that goes with the others.
   */
  private void sendSuspects(long nowMillis) {
    farm.release();
    boolean kept = false;
    for (QueuedTask suspect : queue.suspects()) {
      if (nowMillis - suspect.dueMillis > Quarantine.PATIENCE_MILLIS) {
        queue.acquit(suspect);
        continue;
      }
      if (kept || farm.apart() >= farm.mostApart()) {
        break;
      }
      watermarks.ahead(suspect).ifPresent(effects::add);
      FarmWorker worker = farm.emptiest(suspect.kind(), this::atStake);
      if (worker == null || !watermarks.covers(suspect)) {
        continue;
      }
      farm.keep(worker, suspect);
      if (atStake(worker) > 0) {
        kept = true;
      } else {
        Assignment task = queue.start(suspect, worker, nowMillis);
        effects.add(new Send(worker.name, worker.registration, List.of(task)));
      }
    }
  }

  private int atStake(FarmWorker worker) {
    return (int) worker.slots.stream().filter(slot -> queue.running(worker, slot) != null).count();
  }

  /** Sends one batch; false when there is nothing that may be sent. */
  private boolean sendTo(FarmWorker worker, int share, long nowMillis) {
    List<Assignment> tasks = new ArrayList<>();
    QueuedTask head = queue.peek(worker.kinds);
    while (head != null && tasks.size() < share && worker.free() > 0) {
      watermarks.ahead(head).ifPresent(effects::add);
      if (!watermarks.covers(head)) {
        break;
      }
      tasks.add(queue.start(head, worker, nowMillis));
      head = queue.peek(worker.kinds);
    }
    if (!tasks.isEmpty()) {
      effects.add(new Send(worker.name, worker.registration, List.copyOf(tasks)));
    }
    return !tasks.isEmpty();
  }
}
