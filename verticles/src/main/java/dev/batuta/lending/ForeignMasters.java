package dev.batuta.lending;

import dev.batuta.codec.LendingMessage.ForeignMaster;
import dev.batuta.codec.WorkerMessage.Via;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Masters of other implementations, of which a door of this node tells. Time is monotonic. Belongs
 * to one event loop.
 */
final class ForeignMasters {
  /** Without a word for so long, one is not asked for workers. */
  static final long FRESH_MILLIS = 20_000;

  /** The one that was heard longest ago makes room. */
  static final int MAX = 1_000;

  private record Heard(boolean lends, Via via, long atMillis) {}

  private final Map<String, Heard> masters = new LinkedHashMap<>();

  void heard(ForeignMaster master, long nowMillis) {
    Heard before = masters.remove(master.name());
    boolean lends = master.lends() || (before != null && before.lends());
    masters.put(master.name(), new Heard(lends, master.via(), nowMillis));
    if (masters.size() > MAX) {
      masters.remove(masters.keySet().iterator().next());
    }
  }

  /** Over what workers come to each, also to those that only asked. */
  Map<String, Set<Via>> spoken() {
    Map<String, Set<Via>> spoken = new HashMap<>();
    masters.forEach((name, heard) -> spoken.put(name, Set.of(heard.via())));
    return spoken;
  }

  /** Whether a name is that of such a master, and not of a server of this cluster. */
  boolean knows(String master) {
    return masters.containsKey(master);
  }

  /** Those that may be asked for workers; they do not tell what they have to do. */
  Stream<Peer> lenders(long nowMillis) {
    return masters.entrySet().stream()
        .filter(each -> each.getValue().lends())
        .filter(each -> nowMillis - each.getValue().atMillis() < FRESH_MILLIS)
        .map(each -> new Peer(each.getKey(), null));
  }
}
