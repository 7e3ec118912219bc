package dev.batuta.lending;

import dev.batuta.orchestrator.dispatch.FarmView;
import java.util.List;
import java.util.Set;

/**
 * What a master sees at the time of a step.
 *
 * @param farm its own
 * @param peers the other masters that are believed to live and to stay, the preferred first
 * @param foreign names of masters of other implementations, whether they are among the peers or not
 */
public record View(FarmView farm, List<Peer> peers, Set<String> foreign) {
  /** Where all masters are of this implementation. */
  public View(FarmView farm, List<Peer> peers) {
    this(farm, peers, Set.of());
  }
}
