package dev.batuta.gateway.zeromq;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last ops that went through this door, out or in, so that what comes back from where it was
 * sent is not taken for something new. Bounded; not thread-safe.
 */
final class SeenOps {
  private static final int MOST = 65_536;

  private final Map<String, Boolean> seen = new LinkedHashMap<>();

  /**
   * Notes an op.
   *
   * @return whether it is new
   */
  boolean add(String identity) {
    if (seen.putIfAbsent(identity, true) != null) {
      return false;
    }
    if (seen.size() > MOST) {
      seen.remove(seen.keySet().iterator().next());
    }
    return true;
  }

  /** Forgets an op that came to nothing, so that it may come again. */
  void remove(String identity) {
    seen.remove(identity);
  }
}
