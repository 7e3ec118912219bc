package dev.batuta.gateway;

import dev.batuta.codec.ClusterMessage;
import dev.batuta.codec.ClusterMessage.OpenDoor;
import dev.batuta.codec.ClusterMessage.Refusals;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a node shows of its doors, each port for itself. Safe on any thread. */
public final class Doors {
  private record Shown(Door door, String port, String protocol, String host, DoorCounts counts) {
    Optional<OpenDoor> open() {
      return Optional.ofNullable(door.ports().get(port))
          .map(number -> figures(bracketed(host) + ":" + number));
    }

    private OpenDoor figures(String address) {
      DoorCounts.Figures figures = counts.figures();
      List<Refusals> refused =
          figures.refused().entrySet().stream()
              .map(each -> new Refusals(each.getKey(), each.getValue()))
              .toList();
      return new OpenDoor(
          port,
          protocol,
          address,
          figures.connections(),
          figures.received(),
          figures.sent(),
          refused);
    }

    private static String bracketed(String host) {
      return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }
  }

  private final List<Shown> all = new CopyOnWriteArrayList<>();

  /**
   * Shows one more port of a door, behind those that are shown already, once it is open.
   *
   * @param port its name in {@link Door#ports}
   * @param protocol in a few words
   * @param host where it listens
   * @param counts of this port alone
   */
  public void show(Door door, String port, String protocol, String host, DoorCounts counts) {
    all.add(new Shown(door, port, protocol, host, counts));
  }

  /** What went through each port, as of now. */
  public Map<String, DoorCounts.Figures> figures() {
    Map<String, DoorCounts.Figures> figures = new LinkedHashMap<>();
    all.forEach(shown -> figures.put(shown.port(), shown.counts().figures()));
    return figures;
  }

  /** Those that have been opened, as of now. */
  ClusterMessage.Doors of(String node) {
    return new ClusterMessage.Doors(
        node, all.stream().map(Shown::open).flatMap(Optional::stream).toList());
  }
}
