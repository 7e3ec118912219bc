package dev.batuta.codec;

import dev.batuta.codec.WorkerMessage.Via;
import java.util.List;

/**
 * Lending of workers between masters. Each is sent one way, and repeated until what it asks for has
 * happened; none does anything twice.
 */
public sealed interface LendingMessage extends Message {

  /**
   * WORKER_REQUEST: a master with too much to do asks for workers.
   *
   * @param number of the request; the same when it is repeated
   * @param needed how many, at least 1
   */
  @Type(110)
  record WorkerRequest(String borrower, long number, int needed) implements LendingMessage {}

  /** ACK: these workers, at least one, are told to come. */
  @Type(111)
  record WorkersLent(String lender, long number, List<String> workers) implements LendingMessage {}

  /** NACK: none to spare. */
  @Type(112)
  record NoWorkers(String lender, long number, String reason) implements LendingMessage {}

  /** COMMAND_RELEASE: the borrower gives these back to their owner. */
  @Type(113)
  record CommandRelease(String borrower, List<String> workers) implements LendingMessage {}

  /** RELEASE_ACK: the owner expects these. */
  @Type(114)
  record ReleaseAck(String owner, List<String> workers) implements LendingMessage {}

  /** RELEASE_COMPLETED: the owner has these back. */
  @Type(115)
  record ReleaseCompleted(String owner, List<String> workers) implements LendingMessage {}

  /** What there is to tell of lending. Only appended to. */
  enum What {
    /** {@code server} asked {@code peer} for {@code count} workers. */
    ASKED,
    /** {@code server} has none to spare for {@code peer}, for a reason. */
    REFUSED,
    /** {@code worker} left {@code server} for {@code peer}. */
    LENT,
    /** {@code worker} of {@code peer} serves {@code server} now. */
    BORROWED,
    /** {@code server} gives {@code worker} back to {@code peer}. */
    RELEASED,
    /** {@code worker} is back with {@code server}, its owner, from {@code peer}. */
    RETURNED,
    /** {@code worker} stays with {@code server}: it did not go to {@code peer} in time. */
    STAYED
  }

  /** To all nodes, for who looks on; fields that do not apply are empty or 0. */
  @Type(116)
  record LendingNews(String server, What what, String worker, String peer, int count, String reason)
      implements LendingMessage {}

  /**
   * A master of another implementation lives. To the lending of a server, from a door of its node;
   * what is for that master goes to that door. Said again every few seconds.
   *
   * @param lends whether it may be asked for workers
   * @param via over what workers come to it
   */
  @Type(117)
  record ForeignMaster(String name, boolean lends, Via via) implements LendingMessage {}

  /**
   * A worker of another implementation was told where its home is, when it was sent elsewhere. To
   * all doors of such workers: whoever sends it home has to name the place by this very text.
   *
   * @param server its home
   * @param port from 1 to 65,535
   */
  @Type(119)
  record HomeTold(String server, String worker, String host, int port) implements LendingMessage {}
}
