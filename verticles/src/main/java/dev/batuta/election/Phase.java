package dev.batuta.election;

/** What this server does about the baton. Instants are monotonic, in milliseconds. */
public sealed interface Phase {
  /** Nobody is known to hold it; at {@code until} this server starts an election. */
  record Idle(long until) implements Phase {}

  /** Asked the better-ranked; without an OK by then it leads. */
  record Asking(long until) implements Phase {}

  /** A better-ranked server lives; it has until then to announce itself. */
  record Deferring(long until) implements Phase {}

  /**
   * A claim is on its way to the database; without an answer by {@code until} it counts as unknown.
   *
   * @param pause before the next claim, should this one be refused
   */
  record Claiming(long until, long pause) implements Phase {}

  /**
   * It was elected, but the database says that another may still act; at {@code until} it claims
   * again.
   *
   * @param pause before the claim after that
   */
  record Refused(long until, long pause) implements Phase {}

  /**
   * It holds the baton.
   *
   * @param renewed when the renewal was sent that succeeded last
   */
  record Leading(long epoch, long renewed, long announced) implements Phase {}

  /** It leads clock rounds and sync, without the database and so without powers. */
  record Acting(long announced) implements Phase {}

  /**
   * Another holds it.
   *
   * @param acting whether that one is without the database
   * @param heard when it announced itself last
   */
  record Following(String coordinator, long epoch, boolean acting, long heard) implements Phase {
    boolean sameAs(Following other) {
      return coordinator.equals(other.coordinator)
          && epoch == other.epoch
          && acting == other.acting;
    }
  }

  /** It is about to leave. */
  record Stopped() implements Phase {}
}
