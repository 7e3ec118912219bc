package dev.batuta.lending;

import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.ForeignMaster;
import dev.batuta.codec.LendingMessage.HomeTold;
import dev.batuta.codec.LendingMessage.LendingNews;
import dev.batuta.codec.LendingMessage.NoWorkers;
import dev.batuta.codec.LendingMessage.ReleaseAck;
import dev.batuta.codec.LendingMessage.ReleaseCompleted;
import dev.batuta.codec.LendingMessage.WorkerRequest;
import dev.batuta.codec.LendingMessage.WorkersLent;
import java.util.List;

/**
 * Lending of workers between masters: who has too much to do asks its peers for workers, who has
 * too little to do for what it borrowed gives it back.
 *
 * <p>A pure function of its inputs: no clock, no random, no I/O. Time is monotonic, in
 * milliseconds. No message is trusted to arrive. Each is repeated, after pauses that double, until
 * the farm or the peer shows that it had its effect, and given up after {@link Thresholds#TRIES};
 * the next comparison finds what is left to do. No state here decides where a worker belongs: the
 * worker's own latest registration does, so whatever is forgotten or believed wrongly here, no
 * worker is lost by it.
 */
public final class Lending {
  private Lending() {}

  /** The next state, and what is to be done. */
  public record Step(LendingState next, List<LendingEffect> effects) {}

  /** One step. */
  public static Step step(LendingState state, long now, View view, LendingInput input) {
    LendingStep step = new LendingStep(state, now, view);
    Borrower borrower = new Borrower(step);
    Lender lender = new Lender(step, borrower);
    switch (input) {
      case LendingInput.Tick() -> {
        step.forgetPast();
        borrower.reconcile();
        lender.reconcile();
        if (step.isTimeToLook()) {
          borrower.look();
        }
      }
      case LendingInput.Heard(LendingMessage message) -> {
        switch (message) {
          case WorkerRequest request -> lender.answer(request);
          case WorkersLent lent -> borrower.expect(lent);
          case NoWorkers none -> borrower.doWithout(none);
          case CommandRelease release -> lender.acknowledge(release);
          case ReleaseAck ack -> borrower.sendHome(ack);
          case ReleaseCompleted completed -> {} // That they went is seen in the own farm.
          case LendingNews news -> {}
          case HomeTold told -> {} // For doors only.
          case ForeignMaster foreign -> {} // It is among the peers from then on.
        }
      }
    }
    return step.over();
  }
}
