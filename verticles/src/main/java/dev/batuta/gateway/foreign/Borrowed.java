package dev.batuta.gateway.foreign;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Workers that serve another master than their own: to whom those belong that do not say it
 * themselves, which is what was agreed with their owners, and where they know their homes. Belongs
 * to the event loop of the door.
 */
final class Borrowed {
  /** What was heard longest ago makes room. */
  static final int MAX = 10_000;

  private record Home(String server, Endpoint at) {}

  private final Map<String, String> owners = new LinkedHashMap<>();
  private final Map<String, Home> homes = new LinkedHashMap<>();

  /** A worker comes, and belongs to another master. */
  void expect(String worker, String owner) {
    putLast(owners, worker, owner);
  }

  /** A worker that left a server was told there that this is its home. */
  void knowsHome(String worker, String server, Endpoint at) {
    putLast(homes, worker, new Home(server, at));
  }

  private static <V> void putLast(Map<String, V> map, String worker, V value) {
    map.remove(worker);
    map.put(worker, value);
    if (map.size() > MAX) {
      map.remove(map.keySet().iterator().next());
    }
  }

  /** It is back with its owner. */
  void forget(String worker) {
    owners.remove(worker);
    homes.remove(worker);
  }

  /** Empty of one that belongs to whom it serves. */
  String ownerOf(String worker) {
    return owners.getOrDefault(worker, "");
  }

  /** What it was told by its owner, as text. */
  Optional<Endpoint> home(String worker, String owner) {
    return Optional.ofNullable(homes.get(worker))
        .filter(home -> home.server().equals(owner))
        .map(Home::at);
  }
}
