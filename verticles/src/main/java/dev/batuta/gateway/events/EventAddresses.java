package dev.batuta.gateway.events;

/** The addresses on which the bridges give events: {@code events.} and the type. */
final class EventAddresses {
  private static final String PREFIX = "events.";

  /** What channels say, for who has a token. */
  static final String MESSAGES = PREFIX + "messages";

  static final String TRACE = PREFIX + EventHub.TRACE;

  private EventAddresses() {}

  /** Whether there are events at an address. */
  static boolean exist(String address) {
    return address.equals(MESSAGES) || address.equals(TRACE) || isOfState(address);
  }

  /**
   * Whether a client may hear an address.
   *
   * @param open whether the cluster is shown to everybody
   * @param signedIn whether it has a token
   */
  static boolean mayHear(String address, boolean open, boolean signedIn) {
    return exist(address) && (signedIn || (open && !address.equals(MESSAGES)));
  }

  private static boolean isOfState(String address) {
    return EventHub.TYPES.stream().anyMatch(type -> address.equals(PREFIX + type));
  }

  /** The type of the events at an address that {@link #exist}s. */
  static String type(String address) {
    return address.substring(PREFIX.length());
  }
}
