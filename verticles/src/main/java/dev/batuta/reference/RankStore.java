package dev.batuta.reference;

import io.vertx.core.Future;
import java.util.Map;

/** Ranks: 1, 2, 3, .. in the order of first asking; never changed, never reused. */
public interface RankStore {

  /** The rank of a server, given now if it has none. */
  Future<Integer> rank(String server);

  /** All that were ever given. */
  Future<Map<String, Integer>> all();
}
