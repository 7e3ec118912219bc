package dev.batuta.messaging.replica;

/**
 * A comparison with another server's copy, as far as it has come: it waits for one answer at a
 * time.
 *
 * @param source the other, as it said of itself
 * @param mine what was here when it began: what came later goes its own way, and a comparison that
 *     waited for that would not end
 * @param repair whether it is to mend a loss
 * @param moved how many ops went one way or the other
 */
record Comparison(
    Completion.Source source, VersionVector mine, boolean repair, int moved, Phase phase) {

  /** What it waits for. */
  sealed interface Phase {}

  /** For what the other has. */
  record Asking() implements Phase {}

  /**
   * That what came before the answer is kept here.
   *
   * @param theirs what the other said that it has
   */
  record Settling(VersionVector theirs) implements Phase {}

  /**
   * For ops of the other, and then until they are kept here.
   *
   * @param before what was here when they were asked for
   */
  record Pulling(VersionVector theirs, VersionVector before) implements Phase {}

  /** For the ops that the other lacks, from the log here. */
  record Reading(VersionVector theirs) implements Phase {}

  /** For that the other keeps so many ops. */
  record Pushing(VersionVector theirs, int sent) implements Phase {}

  String peer() {
    return source.server();
  }

  Comparison asRepair() {
    return new Comparison(source, mine, true, moved, phase);
  }

  Comparison with(Completion.Source said) {
    return new Comparison(said, mine, repair, moved, phase);
  }

  Comparison in(Phase next) {
    return new Comparison(source, mine, repair, moved, next);
  }

  Comparison moving(int more) {
    return new Comparison(source, mine, repair, moved + more, phase);
  }

  /**
   * What the other lacks of what was here when this began, as a vector beyond which to read.
   *
   * @param held what is here now: of an origin that came later nothing is read, or it would take
   *     the room of what is missing
   */
  VersionVector lackedBy(VersionVector theirs, VersionVector held) {
    VersionVector beyond = theirs.copy();
    held.beyond(theirs).keySet().stream()
        .filter(origin -> theirs.covers(origin, mine.of(origin)))
        .forEach(origin -> beyond.put(origin, Long.MAX_VALUE));
    return beyond;
  }
}
