package dev.batuta.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.batuta.cli.client.Problem;
import dev.batuta.node.ClusterFile;
import dev.batuta.node.NodeSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class ClusterPlanTest {
  private static final Path DATA = Path.of("/data");

  @Test
  void onFreePortsEveryDoorOfEveryServerHasOneOfItsOwnAndKeepsIt() {
    ClusterPlan first = plan("demo", Map.of(), Optional.empty());

    List<Integer> ports =
        first.servers().stream().flatMap(server -> server.ports().values().stream()).toList();
    assertThat(ports).hasSize(3 * 9).doesNotHaveDuplicates().doesNotContain(0, 9001, 5555, 50_000);
    assertThat(first.servers().getFirst().ports().keySet())
        .startsWith("http", "workers-ws", "workers-tcp", "zeromq-services")
        .endsWith("platform", "bridge");

    ClusterFile file =
        new ClusterFile("c", "demo", "", "", first.servers(), first.workers(), 0, "");
    assertThat(plan("demo", Map.of(), Optional.of(file)).servers()).isEqualTo(first.servers());
  }

  @Test
  void atTheUsualPortOfHttpEveryDoorHasItsUsualOneAndTheOtherServersAre100Apart() {
    List<ClusterFile.Server> servers = plan(8080, Map.of(), port -> true).servers();

    assertThat(servers.getFirst().ports())
        .containsExactly(
            entry("http", 8080),
            entry("workers-ws", 8765),
            entry("workers-tcp", 9001),
            entry("zeromq-services", 5555),
            entry("zeromq-publish", 5557),
            entry("zeromq-subscribe", 5558),
            entry("zeromq-reference", 5559),
            entry("platform", 50_000),
            entry("bridge", 7000));
    servers
        .getFirst()
        .ports()
        .forEach(
            (door, port) ->
                assertThat(servers.stream().map(server -> server.port(door)))
                    .containsExactly(port, port + 100, port + 200));
    assertThat(servers)
        .allSatisfy(server -> assertThat(server.url()).endsWith(":" + server.port("http")));
  }

  @Test
  void anotherPortOfHttpMovesHttpOnly() {
    List<ClusterFile.Server> servers = plan(9090, Map.of(), port -> true).servers();

    assertThat(servers.stream().map(server -> server.port("http")))
        .containsExactly(9090, 9190, 9290);
    assertThat(servers)
        .allSatisfy(
            server ->
                assertThat(server.ports().values()).doesNotContain(5555, 5655, 50_000, 50_100));
  }

  @Test
  void aUsualPortThatIsTakenIsNamedWithTheDoor() {
    assertThatThrownBy(() -> plan(8080, Map.of(), port -> port != 5655))
        .hasMessageContaining("port 5655 is taken")
        .hasMessageContaining("zeromq-services");
  }

  @Test
  void aPortThatALaterServerIsToHaveIsNotKeptByAnEarlierOne() {
    ClusterPlan before = plan(0, Map.of(), port -> true);
    int kept = before.servers().getFirst().port("platform");
    ClusterFile file =
        new ClusterFile("c", "demo", "", "", before.servers(), before.workers(), 0, "");
    NodeSettings settings =
        NodeSettings.load(
            "demo", null, Map.of(), Map.of("doors.bridge.port", Integer.toString(kept - 100)));

    List<ClusterFile.Server> servers =
        ClusterPlan.of(DATA, 3, 1, 0, settings, new Ports(port -> true), Optional.of(file))
            .servers();

    assertThat(servers.get(1).port("bridge")).isEqualTo(kept);
    assertThat(servers.stream().flatMap(server -> server.ports().values().stream()))
        .doesNotHaveDuplicates();
  }

  @Test
  void aPortThatTwoDoorsWantIsRefused() {
    Map<String, String> given = Map.of("doors.bridge.port", "7000", "doors.platform.port", "7100");

    assertThatThrownBy(() -> plan(0, given, port -> true))
        .hasMessageContaining("port 7100 is wanted twice");
  }

  @Test
  void aDoorThatIsOffHasNone() {
    assertThat(plan("production", Map.of(), Optional.empty()).servers())
        .allSatisfy(server -> assertThat(server.ports()).containsOnlyKeys("http"));
  }

  @Test
  void aPortThatIsGivenIsThatOfTheFirstServerAndTheOthersAre100Apart() {
    int given = freeThrice();
    ClusterPlan plan =
        plan("demo", Map.of("doors.bridge.port", Integer.toString(given)), Optional.empty());

    assertThat(plan.servers().stream().map(server -> server.port("bridge")))
        .containsExactly(given, given + 100, given + 200);
    assertThat(plan.servers().getFirst().port("platform")).isNotEqualTo(50_000);
  }

  @Test
  void aGivenPortThatIsTakenIsNamedWithWhatMovesIt() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Map<String, String> given =
          Map.of("doors.bridge.port", Integer.toString(taken.getLocalPort()));

      assertThatThrownBy(() -> plan("demo", given, Optional.empty()))
          .isInstanceOf(Problem.class)
          .hasMessageContaining("port " + taken.getLocalPort() + " is taken")
          .hasMessageContaining("BATUTA_DOORS_BRIDGE_PORT")
          .hasMessageContaining("BATUTA_DOORS_BRIDGE_ENABLED=false");
    }
  }

  @Test
  void aPortThatTheLastServerCannotHaveIsRefused() {
    Map<String, String> given = Map.of("doors.bridge.port", "65500");

    assertThatThrownBy(() -> plan("demo", given, Optional.empty()))
        .hasMessageContaining("doors.bridge.port is 65500")
        .hasMessageContaining("65535 is the highest");
  }

  @Test
  void withTlsTheAddressesSaySo() {
    assertThat(plan("demo", Map.of("http.tls", "true"), Optional.empty()).servers())
        .allSatisfy(server -> assertThat(server.url()).startsWith("https://127.0.0.1:"));
  }

  private static ClusterPlan plan(
      String profile, Map<String, String> flags, Optional<ClusterFile> before) {
    NodeSettings settings = NodeSettings.load(profile, null, Map.of(), flags);
    return ClusterPlan.of(DATA, 3, 1, 0, settings, new Ports(), before);
  }

  /** Of the demo profile, on a machine with these ports free. */
  private static ClusterPlan plan(int httpPort, Map<String, String> flags, IntPredicate free) {
    NodeSettings settings = NodeSettings.load("demo", null, Map.of(), flags);
    return ClusterPlan.of(DATA, 3, 1, httpPort, settings, new Ports(free), Optional.empty());
  }

  /** A port that is free, as are those 100 and 200 above it. */
  private static int freeThrice() {
    for (int port = 20_000; port < 32_000; port += 7) {
      if (isFree(port) && isFree(port + 100) && isFree(port + 200)) {
        return port;
      }
    }
    throw new AssertionError("no free ports");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}
