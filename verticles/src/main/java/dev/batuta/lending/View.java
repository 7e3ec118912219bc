package dev.batuta.lending;

import dev.batuta.orchestrator.dispatch.FarmView;
import java.util.List;

/**
 * What a master sees at the time of a step.
 *
 * @param farm its own
 * @param peers the other masters that are believed to live and to stay, the preferred first
 */
public record View(FarmView farm, List<Peer> peers) {}
