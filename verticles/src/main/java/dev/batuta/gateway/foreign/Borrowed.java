package dev.batuta.gateway.foreign;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * To whom workers belong that do not say it themselves: what was agreed with their owners. Belongs
 * to the event loop of the door.
 */
final class Borrowed {
  /** The one that was agreed on longest ago makes room. */
  static final int MAX = 10_000;

  private final Map<String, String> owners = new LinkedHashMap<>();

  /** A worker comes, and belongs to another master. */
  void expect(String worker, String owner) {
    owners.remove(worker);
    owners.put(worker, owner);
    if (owners.size() > MAX) {
      owners.remove(owners.keySet().iterator().next());
    }
  }

  /** It is back with its owner. */
  void forget(String worker) {
    owners.remove(worker);
  }

  /** Empty of one that belongs to whom it serves. */
  String ownerOf(String worker) {
    return owners.getOrDefault(worker, "");
  }
}
