package dev.batuta.simulation.control;

import dev.batuta.lending.Thresholds;

/**
 * A rule of lending that is broken on purpose, to show that the invariant which watches over it can
 * fail. Each is what a careless change to the product would do.
 */
enum LendingMutation {
  NONE(""),
  /** A worker registers under one number with everybody. */
  ONE_NUMBER_FOR_ALL("are both its farm"),
  /** A master welcomes what comes under a number that it has replaced. */
  MASTERS_TAKE_OLD_NUMBERS("though it knew"),
  /** A worker obeys whatever number an order is about. */
  WORKERS_OBEY_OLD_ORDERS("obeyed an order"),
  /** A worker takes tasks under any number. */
  WORKERS_TAKE_ANY_TASKS("took tasks"),
  /** A lender keeps nobody for itself. */
  LENDERS_KEEP_NOBODY("of its own left"),
  /** Workers may be sent on as soon as they have come. */
  NO_REST("times within a minute"),
  /** A borrower never says that it gives a worker back. */
  NOTHING_IS_GIVEN_BACK("is not at home"),
  /** A worker that was lent does not go when it is given back. */
  WORKERS_STAY_AWAY("is not at home"),
  /** A worker asks one master, and nobody else when that does not answer. */
  WORKERS_ASK_ONCE("is in no farm");

  private final String sign;

  LendingMutation(String sign) {
    this.sign = sign;
  }

  /** What the invariant says that watches over the rule. */
  String sign() {
    return sign;
  }

  Thresholds thresholds() {
    Thresholds usual = LendingWorld.THRESHOLDS;
    return this == LENDERS_KEEP_NOBODY
        ? new Thresholds(usual.maxQueue(), usual.minQueue(), 0, usual.interval())
        : usual;
  }
}
