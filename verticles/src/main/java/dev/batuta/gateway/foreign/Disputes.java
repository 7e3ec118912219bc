package dev.batuta.gateway.foreign;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.WorkerMessage.Disputed;
import dev.batuta.gateway.MessageBudget;
import java.math.BigDecimal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers of workers that are not what the ledger says. Each is counted; of those in a second at
 * most ten are logged and told to who looks on, so that one that lies all the time drowns nothing.
 * Belongs to the event loop of the door.
 */
final class Disputes {
  private static final Logger LOG = LoggerFactory.getLogger(Disputes.class);
  private static final int TOLD_PER_SECOND = 10;

  private final Bus bus;
  private final MessageBudget budget = new MessageBudget(TOLD_PER_SECOND);
  private long untold;

  Disputes(Bus bus) {
    this.bus = bus;
  }

  void take(ForeignMember member, WorkerEffect.Differs differs) {
    boolean isOther = Claims.namesOtherwise(differs.task(), differs.claimed());
    member.count(isOther ? "task-differs" : "balance-differs");
    Result result = differs.outcome().result();
    if (result == null || !budget.take(System.nanoTime())) {
      untold++;
      return;
    }
    Disputed disputed =
        new Disputed(
            member.name,
            member.master,
            differs.task().id(),
            claimed(differs.claimed()),
            result,
            untold);
    LOG.atWarn()
        .addKeyValue("worker", disputed.worker())
        .addKeyValue("task", disputed.task())
        .addKeyValue("claimed", disputed.claimed())
        .addKeyValue("claimedUser", String.valueOf(differs.claimed().user()))
        .addKeyValue("claimedTask", String.valueOf(differs.claimed().task()))
        .addKeyValue("ledger", disputed.result())
        .addKeyValue("untold", untold)
        .log("a worker's answer is not the ledger's, which stands");
    untold = 0;
    bus.publish(Addresses.DISPUTES, disputed);
  }

  private static Result claimed(Said.Result said) {
    BigDecimal balance = said.balance();
    // Not as a plain text, which may be a million digits.
    return new Result(
        said.ok() ? Status.OK : Status.NOK,
        balance == null ? null : balance.toString(),
        said.error());
  }
}
