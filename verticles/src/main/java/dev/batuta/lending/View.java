package dev.batuta.lending;

import dev.batuta.codec.WorkerMessage.Via;
import dev.batuta.orchestrator.dispatch.FarmView;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a master sees at the time of a step.
 *
 * @param farm its own
 * @param peers the other masters that are believed to live and to stay, the preferred first
 * @param spoken over what workers come to each master, whether it is among the peers or not; to one
 *     that is not listed all can come
 */
public record View(FarmView farm, List<Peer> peers, Map<String, Set<Via>> spoken) {
  /** Where every worker can serve every master. */
  public View(FarmView farm, List<Peer> peers) {
    this(farm, peers, Map.of());
  }
}
