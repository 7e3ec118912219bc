package dev.batuta.gateway.foreign;

import dev.batuta.bus.Member;
import dev.batuta.codec.ClusterMessage.Port;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where masters are reached: those of this cluster by what their heartbeats say of their doors, the
 * others as they are configured. Belongs to the event loop of the door.
 */
final class DoorPlaces implements Places {
  private final Supplier<List<Member>> servers;
  private final Map<Transport, String> names;
  private final OwnEndpoints own;
  private final ForeignPeers peers;

  /**
   * @param servers of this cluster that live
   * @param names of the ports of such a door
   */
  DoorPlaces(
      Supplier<List<Member>> servers,
      Map<Transport, String> names,
      OwnEndpoints own,
      ForeignPeers peers) {
    this.servers = servers;
    this.names = names;
    this.own = own;
    this.peers = peers;
  }

  @Override
  public Optional<Endpoint> of(String master, Talk talk) {
    Transport transport = talk.transport();
    return peers.endpoint(master, transport).or(() -> ofServer(master, transport));
  }

  private Optional<Endpoint> ofServer(String server, Transport transport) {
    String name = names.getOrDefault(transport, "");
    return servers.get().stream()
        .filter(member -> member.name().equals(server))
        .flatMap(
            member ->
                member.last().ports().stream()
                    .filter(port -> port.name().equals(name))
                    .flatMap(port -> endpoint(member, port).stream()))
        .findFirst();
  }

  private static Optional<Endpoint> endpoint(Member member, Port port) {
    String url = member.last().url();
    String host =
        !port.host().isEmpty() ? port.host() : url.isEmpty() ? null : URI.create(url).getHost();
    return host == null
        ? Optional.empty()
        : Optional.of(new Endpoint(host.replaceAll("[\\[\\]]", ""), port.number()));
  }

  @Override
  public String nameOf(String master) {
    return peers.nameOf(master);
  }

  @Override
  public Endpoint here(Talk talk) {
    return own.of(talk.transport(), talk.localHost());
  }
}
