package dev.batuta.codec;

/** The messages of the Bully algorithm (Garcia-Molina 1982, section 3). */
public sealed interface ElectionMessage extends Message {

  /** To every better-ranked server: "I would lead unless you live". */
  @Type(20)
  record Election(String server, int rank, boolean database) implements ElectionMessage {}

  /** "I live and rank better; wait for me". */
  @Type(21)
  record Ok(String server, int rank) implements ElectionMessage {}

  /**
   * To all: who coordinates.
   *
   * @param epoch won by compare-and-set in the database
   * @param acting without the database: clock rounds and sync only
   * @param previous the coordinator before, empty if there was none
   * @param reason why there was an election, for people
   */
  @Type(22)
  record Coordinator(String server, long epoch, boolean acting, String previous, String reason)
      implements ElectionMessage {}

  /** A better-ranked server asks the holder to release the baton to it. */
  @Type(23)
  record HandOver(String server, int rank) implements ElectionMessage {}

  /** The holder acts no more, for this reason: whoever is best may claim. */
  @Type(24)
  record Released(String server, long epoch, String reason) implements ElectionMessage {}

  /** An operator asks a server to hold an election now; answered by {@link Done}. */
  @Type(25)
  record AskElection() implements ElectionMessage {}
}
