package dev.batuta.gateway.services;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.codec.ClusterMessage.AskDoors;
import dev.batuta.codec.ClusterMessage.Doors;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What went through the doors of all nodes. Any thread may ask; who may is the door's to say. */
public final class DoorService {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Bus bus;
  private final Supplier<List<Member>> members;

  /**
   * @param members all known nodes
   */
  public DoorService(Bus bus, Supplier<List<Member>> members) {
    this.bus = bus;
    this.members = members;
  }

  /**
   * A node with a gateway.
   *
   * @param told empty where it did not answer within a second
   */
  public record NodeDoors(String node, Optional<Doors> told) {}

  /** Asks all that live, by name. */
  public Future<List<NodeDoors>> all() {
    List<Future<NodeDoors>> asked =
        members.get().stream()
            .filter(member -> member.alive() && member.last().roles().contains("gateway"))
            .map(Member::name)
            .sorted()
            .map(this::ask)
            .toList();
    return Future.all(asked).map(done -> asked.stream().map(Future::result).toList());
  }

  private Future<NodeDoors> ask(String node) {
    return bus.request(Addresses.doors(node), new AskDoors(), Doors.class, PATIENCE)
        .map(doors -> new NodeDoors(node, Optional.of(doors)))
        .otherwise(silent -> new NodeDoors(node, Optional.empty()));
  }
}
