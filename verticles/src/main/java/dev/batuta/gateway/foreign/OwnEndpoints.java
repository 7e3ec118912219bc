package dev.batuta.gateway.foreign;

import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import java.util.EnumMap;
import java.util.Map;

/** Where others reach this door. Belongs to its event loop. */
final class OwnEndpoints {
  private final Map<Transport, Integer> ports = new EnumMap<>(Transport.class);

  void opened(Transport transport, int port) {
    ports.put(transport, port);
  }

  /** Over a transport, or the other one where that is closed, for who sees this machine so. */
  Endpoint of(Transport transport, String local) {
    int other = ports.values().stream().findFirst().orElse(1);
    return new Endpoint(local, ports.getOrDefault(transport, other));
  }
}
