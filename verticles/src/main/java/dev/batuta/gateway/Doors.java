package dev.batuta.gateway;

import dev.batuta.codec.ClusterMessage;
import dev.batuta.codec.ClusterMessage.OpenDoor;
import dev.batuta.codec.ClusterMessage.Refusals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** What a node shows of its doors. Safe on any thread. */
public final class Doors {
  private record Shown(
      Door door, String name, String protocol, Map<String, String> hosts, DoorCounts counts) {
    Optional<OpenDoor> open() {
      String address = address();
      return address.isEmpty() ? Optional.empty() : Optional.of(figures(address));
    }

    private OpenDoor figures(String address) {
      DoorCounts.Figures figures = counts.figures();
      List<Refusals> refused =
          figures.refused().entrySet().stream()
              .map(each -> new Refusals(each.getKey(), each.getValue()))
              .toList();
      return new OpenDoor(
          name,
          protocol,
          address,
          figures.connections(),
          figures.received(),
          figures.sent(),
          refused);
    }

    /** Such as {@code 127.0.0.1:5555,5557}; of two hosts with a blank between them. */
    private String address() {
      Map<String, Integer> numbers = door.ports();
      Map<String, List<String>> byHost = new LinkedHashMap<>();
      hosts.forEach(
          (port, host) -> {
            Integer number = numbers.get(port);
            if (number != null) {
              byHost.computeIfAbsent(host, first -> new ArrayList<>()).add(number.toString());
            }
          });
      return byHost.entrySet().stream()
          .map(each -> bracketed(each.getKey()) + ":" + String.join(",", each.getValue()))
          .collect(Collectors.joining(" "));
    }

    private static String bracketed(String host) {
      return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }
  }

  private final List<Shown> all = new CopyOnWriteArrayList<>();

  /**
   * Shows one more door, behind those that are shown already, once it has a port.
   *
   * @param name for people and programs, such as {@code zeromq}
   * @param protocol in a few words
   * @param hosts where it listens, by the names of its ports in {@link Door#ports}, in the order in
   *     which they are shown
   */
  public void show(
      Door door, String name, String protocol, Map<String, String> hosts, DoorCounts counts) {
    all.add(new Shown(door, name, protocol, new LinkedHashMap<>(hosts), counts));
  }

  /** Those that have been opened, as of now. */
  ClusterMessage.Doors of(String node) {
    return new ClusterMessage.Doors(
        node, all.stream().map(Shown::open).flatMap(Optional::stream).toList());
  }
}
