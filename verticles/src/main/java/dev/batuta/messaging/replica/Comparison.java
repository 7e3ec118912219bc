package dev.batuta.messaging.replica;

/**
 * A comparison with another server's copy, as far as it has come: it waits for one answer at a
 * time.
 *
 * @param repair whether it is to mend a loss
 * @param moved how many ops went one way or the other
 */
record Comparison(String peer, boolean repair, int moved, Phase phase) {

  /** What it waits for. */
  sealed interface Phase {}

  /** For what the other has. */
  record Asking() implements Phase {}

  /**
   * For ops of the other, and then until they are kept here.
   *
   * @param theirs what the other said that it has
   * @param mine what was here when they were asked for
   */
  record Pulling(VersionVector theirs, VersionVector mine) implements Phase {}

  /** For the ops that the other lacks, from the log here. */
  record Reading(VersionVector theirs) implements Phase {}

  /** For that the other keeps so many ops. */
  record Pushing(VersionVector theirs, int sent) implements Phase {}

  Comparison(String peer) {
    this(peer, false, 0, new Asking());
  }

  Comparison asRepair() {
    return new Comparison(peer, true, moved, phase);
  }

  Comparison in(Phase next) {
    return new Comparison(peer, repair, moved, next);
  }

  Comparison moving(int more) {
    return new Comparison(peer, repair, moved + more, phase);
  }
}
