package dev.batuta.codec;

import java.util.List;

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
   * @param reasonCode the same for programs; empty from a server that knows no codes
   * @param reasonArguments what the code leaves open, such as the name of a server
   */
  @Type(22)
  record Coordinator(
      String server,
      long epoch,
      boolean acting,
      String previous,
      String reason,
      String reasonCode,
      List<String> reasonArguments)
      implements ElectionMessage {}

  /** A better-ranked server asks the holder to release the baton to it. */
  @Type(23)
  record HandOver(String server, int rank) implements ElectionMessage {}

  /**
   * The holder acts no more: whoever is best may claim.
   *
   * @param reason for people
   * @param reasonCode the same for programs; empty from a server that knows no codes
   * @param reasonArguments what the code leaves open
   */
  @Type(24)
  record Released(
      String server, long epoch, String reason, String reasonCode, List<String> reasonArguments)
      implements ElectionMessage {}

  /** An operator asks a server to hold an election now; answered by {@link Done}. */
  @Type(25)
  record AskElection() implements ElectionMessage {}
}
