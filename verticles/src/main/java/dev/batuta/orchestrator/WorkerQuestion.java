package dev.batuta.orchestrator;

import dev.batuta.codec.Done;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.orchestrator.dispatch.DispatchEffect.TurnAway;
import dev.batuta.orchestrator.dispatch.DispatchInput.OfWorker;
import io.vertx.core.Promise;
import java.util.List;

/**
 * What a worker said, until the step that takes it.
 *
 * @param answer fails where its registration is not in force
 */
record WorkerQuestion(OfWorker input, Promise<Done> answer) {

  /** The step has taken it. */
  void answer(List<TurnAway> turnedAway) {
    turnedAway.stream()
        .filter(turned -> turned.worker().equals(input.worker()))
        .filter(turned -> turned.registration() == input.registration())
        .findFirst()
        .ifPresentOrElse(turned -> answer.fail(refusal(turned)), () -> answer.complete(new Done()));
  }

  private static Refused refusal(TurnAway turned) {
    return new Refused(
        Failure.Kind.FENCED,
        "registration-refused",
        "Worker " + turned.worker() + ": " + turned.why() + ".");
  }
}
