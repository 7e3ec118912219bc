package dev.batuta.election;

import java.util.Comparator;

/** Which of two servers is the better one. A server without the database is behind all others. */
public enum Policy {
  HIGHEST_RANK(Comparator.comparingInt(Peer::rank)),
  LOWEST_RANK(Comparator.comparingInt(Peer::rank).reversed());

  private final Comparator<Peer> order;

  Policy(Comparator<Peer> byRank) {
    this.order = Comparator.comparing(Peer::database).thenComparing(byRank);
  }

  /** Whether one server is to lead rather than another. */
  public boolean better(Peer one, Peer other) {
    return order.compare(one, other) > 0;
  }
}
