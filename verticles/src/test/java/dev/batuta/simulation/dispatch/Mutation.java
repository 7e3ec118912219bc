package dev.batuta.simulation.dispatch;

/**
 * A rule that is broken on purpose, to show that the invariant which watches over it can fail. Each
 * is what a careless change to the product or its procedures would do.
 */
enum Mutation {
  NONE(""),
  /** The procedure that executes does not look at attempts and outcomes. */
  ATTEMPTS_ARE_NOT_FENCED("a second time|older than"),
  /** No procedure looks at the term in force. */
  TERMS_ARE_NOT_FENCED("is over|was sent to|before the mark|is run by"),
  /** An end that comes later replaces the one before it. */
  OUTCOMES_ARE_OVERWRITTEN("after it had ended"),
  /** Numbers of attempts begin again. */
  ATTEMPTS_ARE_REUSED("ran back"),
  /** A mark is answered before it is written. */
  MARKS_ARE_NOT_WRITTEN("before the mark"),
  /** What is recorded as dispatched is void while it runs. */
  MARKS_ARE_FORGOTTEN("was sent to"),
  /** Who takes over goes on with the attempts of the one before. */
  TAKEN_ATTEMPTS_GO_ON("was sent to"),
  /** Who takes over is not told how many tasks there are. */
  ADOPTIONS_ARE_FORGOTTEN("did not end"),
  /** Who gives its tasks away gives what it has when that comes to pass, under whatever term. */
  GIVEN_UNDER_AN_OLD_TERM("was sent to|is run by"),
  /** A submitter is answered before the commit, which may then fail. */
  ACKNOWLEDGED_BEFORE_COMMIT("before it was committed|never accepted"),
  /** An unknown outcome of an acceptance is taken for a failure. */
  UNKNOWN_IS_TAKEN_FOR_NOTHING("did not end|count"),
  /** A worker claims to take more at once than it does. */
  CREDITS_ARE_EXAGGERATED("credits"),
  /** Everything accepted is kept in memory. */
  MEMORY_IS_UNBOUNDED("in memory");

  private final String sign;

  Mutation(String sign) {
    this.sign = sign;
  }

  /** A pattern of what the invariant says that watches over the rule. */
  String sign() {
    return sign;
  }
}
