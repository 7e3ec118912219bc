package dev.batuta.simulation.control;

import dev.batuta.election.Times;
import java.time.Duration;

/**
 * A rule that is broken on purpose, to show that the invariant which watches over it can fail. Each
 * is what a careless change to the product would do.
 */
enum Mutation {
  NONE(""),
  /** The compare-and-set grants a claim without evidence, and forgets to advance the epoch. */
  CLAIM_WITHOUT_COMPARISON("two coordinators in epoch"),
  /** The database counts epochs down after the holder changed. */
  EPOCH_RUNS_BACK("the epoch ran back"),
  /** Writes are not checked against the epoch row. */
  WRITES_ARE_NOT_FENCED("wrote under epoch"),
  /** A coordinator acts on as long as nobody tells it not to, as one that wakes from a pause. */
  LEASE_IS_NOT_CHECKED("after its last renewal"),
  /** One without the database acts like any other coordinator. */
  ACTING_HAS_POWERS("acts under epoch"),
  /** One server holds the worst rank for the best. */
  ONE_SERVER_RANKS_THE_OTHER_WAY_ROUND("does not coordinate|does not follow|had settled"),
  /** No pause between elections. */
  NO_BACK_OFF("within a minute"),
  /** A server that has just started claims without a thought for those that come after it. */
  COLD_STARTS_DO_NOT_SETTLE("epochs for a calm start"),
  /** Followers expect announcements more often than they come. */
  FOLLOWERS_ARE_IMPATIENT("elections"),
  /** {@code time} follows a correction backwards. */
  TIME_FOLLOWS_CORRECTIONS_BACK("ran back by"),
  /** Each server adds the difference to the average the wrong way. */
  ADJUSTMENTS_HAVE_THE_WRONG_SIGN("apart"),
  /** A receive counts on from the receiver's own clock only. */
  RECEIVES_DO_NOT_LOOK_AT_THE_SENDER("was received by"),
  /** A new server gets the rank of one that is not there. */
  RANKS_ARE_REUSED("was given twice"),
  /** A server that returns gets another rank. */
  RANKS_CHANGE_AT_A_RESTART("and now has");

  private final String sign;

  Mutation(String sign) {
    this.sign = sign;
  }

  /** A pattern of what the invariant says that watches over the rule. */
  String sign() {
    return sign;
  }

  /** The bounds of elections under this mutation. */
  Times times() {
    Times t = Times.DEFAULT;
    return switch (this) {
      case NO_BACK_OFF ->
          new Times(
              t.answer(),
              t.announcement(),
              t.claim(),
              t.retry(),
              t.lease(),
              t.repeat(),
              t.hush(),
              t.doubt(),
              t.notice(),
              t.calm(),
              0,
              t.settle(),
              t.still(),
              t.young());
      case FOLLOWERS_ARE_IMPATIENT ->
          new Times(
              t.answer(),
              t.announcement(),
              t.claim(),
              t.retry(),
              t.lease(),
              t.repeat(),
              600,
              t.doubt(),
              t.notice(),
              t.calm(),
              t.longest(),
              t.settle(),
              t.still(),
              t.young());
      case COLD_STARTS_DO_NOT_SETTLE -> t.settlingFor(Duration.ZERO);
      default -> t;
    };
  }
}
