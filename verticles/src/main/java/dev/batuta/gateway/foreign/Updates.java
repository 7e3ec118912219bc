package dev.batuta.gateway.foreign;

/**
 * What a worker has shown of UPDATEs. Some know only QUERY, pass the others over and ask again:
 * they are to get no further one. But one that vanishes and comes back asks again too, on another
 * connection, and is to get it.
 */
enum Updates {
  UNTRIED,
  /** One that it did not report, when it asked on another connection. */
  MISSED,
  /** It seems to know none. */
  UNKNOWN,
  /** It has reported one, so it knows them, whatever it does now. */
  REPORTED;

  boolean areGiven() {
    return this != UNKNOWN;
  }

  /**
   * It was told one, and asked again before it reported.
   *
   * @param sameConnection whether on that connection, which is no one's who vanished
   */
  Updates missed(boolean sameConnection) {
    return switch (this) {
      case UNTRIED -> sameConnection ? UNKNOWN : MISSED;
      case MISSED, UNKNOWN -> UNKNOWN;
      case REPORTED -> REPORTED;
    };
  }
}
