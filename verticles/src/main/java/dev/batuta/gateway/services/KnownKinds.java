package dev.batuta.gateway.services;

import dev.batuta.codec.Refused;
import dev.batuta.task.Kinds;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Kinds that a submission may have: Batuta's, those that handlers of this node add, and those that
 * live workers take. Any thread may ask.
 */
public final class KnownKinds {
  private final Set<String> here;
  private volatile Set<String> taken = Set.of();

  /**
   * @param here those of this node's handlers
   */
  public KnownKinds(Collection<String> here) {
    this.here = Set.copyOf(here);
  }

  /** Notes what live workers take now. */
  public void taken(Collection<String> kinds) {
    taken = Set.copyOf(kinds);
  }

  public boolean knows(String kind) {
    return Kinds.BUILT_IN.contains(kind) || here.contains(kind) || taken.contains(kind);
  }

  /**
   * The refusal of a kind that is not known.
   *
   * @param at where the task is, such as {@code tasks[3].}; empty for the only one
   */
  Refused unknown(String at, String kind) {
    return Refused.invalid(
        "unknown-kind",
        at + "kind \"" + Refused.shown(kind) + "\" is unknown; use " + enumerated() + ".");
  }

  /** For a sentence: {@code QUERY, UPDATE or TRANSFER}. */
  public String enumerated() {
    Set<String> own = new TreeSet<>(here);
    own.addAll(taken);
    Kinds.BUILT_IN.forEach(own::remove);
    List<String> all = Stream.concat(Kinds.BUILT_IN.stream(), own.stream()).toList();
    return String.join(", ", all.subList(0, all.size() - 1)) + " or " + all.getLast();
  }
}
