package dev.batuta.election;

/** Which of two servers is the better one. A server without the database is behind all others. */
public enum Policy {
  HIGHEST_RANK,
  LOWEST_RANK;

  /** Whether one server is to lead rather than another. */
  public boolean better(Peer one, Peer other) {
    if (one.database() != other.database()) {
      return one.database();
    }
    return switch (this) {
      case HIGHEST_RANK -> one.rank() > other.rank();
      case LOWEST_RANK -> one.rank() < other.rank();
    };
  }
}
