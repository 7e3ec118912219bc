package dev.batuta.succession;

import io.vertx.core.Future;
import java.util.Set;

/** Whose queues there are, and who carries on that of a dead server. */
public interface SuccessionStore {

  /** What became of a taking. */
  enum Answer {
    /** The term of the dead server is over, and its tasks are the heir's. */
    TAKEN,
    /** There is no queue to take: it was taken before, or there never was one. */
    NOTHING,
    /** The database has evidence that the server lives. */
    ALIVE,
    /** The heir is dead itself, or has no open queue. */
    NO_HEIR
  }

  /**
   * What became of it.
   *
   * @param why the evidence of death, or what is wrong with the heir
   * @param terms of the server that are the heir's now
   */
  record Taking(Answer answer, String why, long terms) {}

  /** Servers whose queue nobody has taken since they opened it. */
  Future<Set<String>> owners();

  /**
   * Takes the queue of a dead server away, in one short transaction: whatever that server still
   * writes under its term is refused from then on, and its terms are the heir's to adopt. May be
   * repeated. Fails with FENCED ({@code old-epoch}) when this epoch of this incarnation is over.
   */
  Future<Taking> take(long epoch, long incarnation, String server, String heir);
}
