package dev.batuta.gateway.foreign;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Origins;
import java.util.List;
import java.util.Optional;

/**
 * What the door of foreign workers and masters is told. At least one of its ports is there.
 *
 * @param tcp its port for TCP
 * @param webSocket its port for WebSocket
 * @param origins of pages that may open a WebSocket
 * @param peers masters of other implementations
 */
public record ForeignSettings(
    Optional<Side> tcp, Optional<Side> webSocket, Origins origins, List<ForeignPeer> peers) {

  /** One port, and what goes through it. */
  public record Side(DoorSettings settings, DoorCounts counts) {}
}
