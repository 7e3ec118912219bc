package dev.batuta.orchestrator;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.DispatchEffect.Send;
import java.util.ArrayList;
import java.util.List;

/**
 * Which worker gets what: the least loaded first, never beyond its credits, a fair share at a time,
 * of the kinds that it takes; what may have ended a worker goes alone ({@link Quarantine}). See
 * {@link Dispatch}.
 */
final class Sender {
  private final int batch;
  private final TaskQueue queue;
  private final Farm farm;
  private final Marks marks;
  private final Effects effects;

  /**
   * @param batch most tasks of one message
   */
  Sender(int batch, TaskQueue queue, Farm farm, Marks marks, Effects effects) {
    this.batch = batch;
    this.queue = queue;
    this.farm = farm;
    this.marks = marks;
    this.effects = effects;
  }

  /**
   * Sends what may be sent now.
   *
   * @param ready how many wait that some worker takes
   */
  void send(int ready, long nowMillis) {
    sendSuspects(nowMillis);
    int available = farm.available();
    if (available == 0 || ready == 0) {
      return;
    }
    int share = Math.min(batch, (ready + available - 1) / available);
    farm.askAgain();
    for (FarmHand hand = farm.leastLoaded(); hand != null; hand = farm.leastLoaded()) {
      hand.passed = !sendTo(hand, share, nowMillis);
    }
  }

  /**
   * Each to a worker with nothing at stake; while there is none, one is kept for the first. One
   * that has waited too long for that goes with the others.
   */
  private void sendSuspects(long nowMillis) {
    farm.release();
    boolean kept = false;
    for (Entry suspect : queue.suspects()) {
      if (nowMillis - suspect.dueMillis > Quarantine.PATIENCE_MILLIS) {
        queue.acquit(suspect);
        continue;
      }
      if (kept || farm.apart() >= farm.mostApart()) {
        break;
      }
      marks.ahead(suspect).ifPresent(effects::add);
      FarmHand hand = farm.emptiest(suspect.kind(), this::atStake);
      if (hand == null || !marks.covers(suspect)) {
        continue;
      }
      hand.suspect = suspect;
      if (atStake(hand) > 0) {
        kept = true;
      } else {
        Assignment task = queue.start(suspect, hand, nowMillis);
        effects.add(new Send(hand.name, hand.registration, List.of(task)));
      }
    }
  }

  private int atStake(FarmHand hand) {
    return (int) hand.slots.stream().filter(slot -> queue.running(hand, slot) != null).count();
  }

  /** Sends one batch; false when there is nothing that may be sent. */
  private boolean sendTo(FarmHand hand, int share, long nowMillis) {
    List<Assignment> tasks = new ArrayList<>();
    Entry head = queue.peek(hand.kinds);
    while (head != null && tasks.size() < share && hand.free() > 0) {
      marks.ahead(head).ifPresent(effects::add);
      if (!marks.covers(head)) {
        break;
      }
      tasks.add(queue.start(head, hand, nowMillis));
      head = queue.peek(hand.kinds);
    }
    if (!tasks.isEmpty()) {
      effects.add(new Send(hand.name, hand.registration, List.copyOf(tasks)));
    }
    return !tasks.isEmpty();
  }
}
