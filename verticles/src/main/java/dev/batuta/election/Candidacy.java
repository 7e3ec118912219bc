package dev.batuta.election;

import java.util.List;
import java.util.Map;

/**
 * How a server takes part in elections.
 *
 * @param configured the names of all servers that there are to be; empty where that is not known:
 *     then it waits for none that it does not see
 * @param ranks all that were given when this server got its own
 */
public record Candidacy(
    Peer self, Policy policy, Times times, List<String> configured, Map<String, Integer> ranks) {}
