package dev.batuta.gateway.foreign;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.codec.ClusterMessage.Port;
import dev.batuta.codec.LendingMessage.HomeTold;
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
  private final Borrowed borrowed;
  private final Bus bus;

  /**
   * @param servers of this cluster that live
   * @param names of the ports of such a door
   * @param borrowed owners of workers, as they were agreed on
   * @param bus by which the other doors are told what workers know
   */
  DoorPlaces(
      Supplier<List<Member>> servers,
      Map<Transport, String> names,
      OwnEndpoints own,
      ForeignPeers peers,
      Borrowed borrowed,
      Bus bus) {
    this.servers = servers;
    this.names = names;
    this.own = own;
    this.peers = peers;
    this.borrowed = borrowed;
    this.bus = bus;
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

  /** What was agreed with its owner tells apart masters that call themselves alike. */
  @Override
  public String ownerOf(String worker, String id) {
    String agreed = borrowed.ownerOf(worker);
    return agreed.equals(id) || peers.isIdOf(id, agreed) ? agreed : peers.nameOf(id);
  }

  @Override
  public Endpoint tellHome(String worker, Talk talk) {
    Endpoint home = own.of(talk.transport(), talk.localHost());
    bus.publish(Addresses.LENDING, new HomeTold(bus.node(), worker, home.host(), home.port()));
    return home;
  }

  @Override
  public Optional<Endpoint> home(String worker, String owner, Talk talk) {
    return borrowed.home(worker, owner).or(() -> of(owner, talk));
  }
}
