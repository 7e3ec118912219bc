package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.TestCertificate;
import dev.batuta.gateway.foreign.ForeignPeer;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.gateway.zeromq.CurveKey;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoorKeysTest {
  @Test
  void demoOpensAllToThisMachineAtTheirUsualPortsAndProductionNone() {
    assertThat(plan("production", Map.of()).doors()).isEmpty();

    Map<String, Integer> ports =
        plan("demo", Map.of()).doors().values().stream()
            .collect(Collectors.toMap(DoorSettings::name, door -> door.place().port()));
    assertThat(ports)
        .isEqualTo(
            Map.of(
                "workers-ws", 8765,
                "workers-tcp", 9001,
                "zeromq-services", 5555,
                "zeromq-publish", 5557,
                "zeromq-subscribe", 5558,
                "zeromq-reference", 5559,
                "platform", 50_000,
                "bridge", 7000));
    assertThat(plan("demo", Map.of()).doors().values())
        .allMatch(door -> door.place().host().equals("127.0.0.1") && door.tls().isEmpty());
  }

  @Test
  void whatClientsSendInPartLeavesHalfOfTheHeapOfANodeToOthers() {
    DoorPlan all = plan("demo", Map.of());
    long doors = all.doors().values().stream().mapToLong(DoorSettings::maxHeldBytes).sum();

    assertThat(doors + all.http().maxHeldBytes()).isLessThanOrEqualTo((512 << 20) / 2);
    assertThat(plan("demo", Map.of("http.max-body", "100MiB")).http().maxHeldBytes())
        .as("two of the largest have room")
        .isEqualTo(200 << 20);
    assertThat(
            door(
                    DoorKeys.WORKERS_TCP,
                    Map.of(
                        "doors.workers-tcp.enabled", "true",
                        "doors.workers-tcp.max-message", "9MiB"))
                .maxHeldBytes())
        .isEqualTo(18 << 20);
  }

  @Test
  void aDoorHasWhatItsKeysSay() {
    DoorSettings door =
        door(
            DoorKeys.WORKERS_TCP,
            Map.of(
                "doors.workers-tcp.enabled", "true",
                "doors.workers-tcp.host", "0.0.0.0",
                "doors.workers-tcp.port", "9101",
                "doors.workers-tcp.allow", "10.1.0.0/16, 10.2.3.4",
                "doors.workers-tcp.max-connections", "7",
                "doors.workers-tcp.max-message", "64KiB",
                "doors.workers-tcp.rate", "11",
                "doors.workers-tcp.idle", "3m",
                "doors.workers-tcp.opening", "2s"));

    assertThat(door.name()).isEqualTo("workers-tcp");
    assertThat(door.place().host()).isEqualTo("0.0.0.0");
    assertThat(door.place().port()).isEqualTo(9101);
    assertThat(door.place().hostSetting()).isEqualTo("doors.workers-tcp.host");
    assertThat(door.allowed().allows(InetAddress.ofLiteral("10.1.9.9"))).isTrue();
    assertThat(door.allowed().allows(InetAddress.ofLiteral("10.2.3.5"))).isFalse();
    assertThat(door.maxConnections()).isEqualTo(7);
    assertThat(door.maxMessageBytes()).isEqualTo(64 * 1024);
    assertThat(door.messagesPerSecond()).isEqualTo(11);
    assertThat(door.idle()).isEqualTo(Duration.ofMinutes(3));
    assertThat(door.opening()).isEqualTo(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"production", "demo"})
  void whoWouldListenForOthersAndLetNobodyInDoesNotStart(String profile) {
    for (DoorKeys door : DoorKeys.all()) {
      Map<String, String> open = Map.of(door.enabled().key(), "true", door.host().key(), "0.0.0.0");

      assertThatThrownBy(() -> plan(profile, open))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(door.allow().key() + " is empty")
          .hasMessageContaining(door.host().key() + " is 0.0.0.0")
          .hasMessageContaining("list the addresses or networks");
    }
  }

  @Test
  void theLeaseOfForeignWorkersIsLongerThanTheyWaitForAnAnswer() {
    assertThat(NodeSettings.load("", null, Map.of(), Map.of()).get(Setting.FOREIGN_LEASE))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(
            NodeSettings.load("", null, Map.of("BATUTA_FOREIGN_LEASE", "5m"), Map.of())
                .get(Setting.FOREIGN_LEASE))
        .isEqualTo(Duration.ofMinutes(5));
    assertThatThrownBy(() -> NodeSettings.load("", null, Map.of(), Map.of("foreign.lease", "2s")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("foreign.lease is \"2s\"");
  }

  @Test
  void aHostThatIsEmptyIsNone() {
    assertThatThrownBy(
            () ->
                plan("production", Map.of("doors.bridge.enabled", "true", "doors.bridge.host", "")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("doors.bridge.host is empty");
  }

  @Test
  void aDoorThatIsOffNeedsNothing() {
    assertThat(plan("production", Map.of("doors.bridge.host", "0.0.0.0")).doors()).isEmpty();
  }

  @Test
  void tlsNeedsACertificateAndAKeyThatCanBeRead(@TempDir Path folder) {
    Map<String, String> wanted = Map.of("doors.bridge.enabled", "true", "doors.bridge.tls", "true");
    assertThatThrownBy(() -> plan("production", wanted))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("doors.bridge.tls is true")
        .hasMessageContaining("tls.certificate and tls.key");
    assertThatThrownBy(() -> plan("production", Map.of("http.tls", "true")))
        .hasMessageContaining("http.tls is true");

    Map<String, String> missing =
        Map.of("http.tls", "true", "tls.certificate", folder + "/none.pem", "tls.key", "none");
    assertThatThrownBy(() -> plan("production", missing))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("none.pem");

    TestCertificate own = TestCertificate.in(folder);
    DoorSettings door =
        door(
            DoorKeys.BRIDGE,
            Map.of(
                "doors.bridge.enabled",
                "true",
                "doors.bridge.tls",
                "true",
                "tls.certificate",
                own.certificate().toString(),
                "tls.key",
                own.key().toString()));
    assertThat(door.tls().orElseThrow().key()).isEqualTo(own.key());
  }

  @Test
  void zeroMqIsOneDoorOfFourPorts() {
    assertThatThrownBy(() -> plan("demo", Map.of("doors.zeromq-publish.enabled", "false")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("doors.zeromq-publish.enabled is false")
        .hasMessageContaining("enable all or none");
  }

  @Test
  void zeroMqIsForNodesThatAreServers() {
    assertThat(plan("demo", Map.of("node.roles", "gateway")).doors().keySet())
        .as("what only the profile opens stays closed")
        .doesNotContainAnyElementsOf(DoorKeys.ZEROMQ)
        .contains(DoorKeys.PLATFORM);
    Map<String, String> asked = new HashMap<>(Map.of("node.roles", "gateway"));
    DoorKeys.ZEROMQ.forEach(port -> asked.put(port.enabled().key(), "true"));
    assertThatThrownBy(() -> plan("production", asked))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("doors.zeromq-services.enabled is true")
        .hasMessageContaining("add server to node.roles");
    asked.put("node.roles", "server,gateway");
    assertThat(plan("production", asked).doors()).containsOnlyKeys(DoorKeys.ZEROMQ);
  }

  @Test
  void aTokenForMetricsIsLongAndIsNotSaidWhereItIsWrong() {
    String key = "http.metrics-token";
    assertThat(plan("demo", Map.of()).http().metricsToken()).isEmpty();
    assertThat(plan("demo", Map.of(key, "0123456789abcdef")).http().metricsToken())
        .contains("0123456789abcdef");
    for (String wrong : new String[] {"too-short-a-one", "one with some blanks"}) {
      assertThatThrownBy(() -> plan("demo", Map.of(key, wrong)))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("%s has %d characters", key, wrong.length())
          .hasMessageNotContaining(wrong);
    }
  }

  @Test
  void zeroMqHasNoTls() {
    assertThatThrownBy(() -> plan("demo", Map.of("doors.zeromq-services.tls", "true")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("Unknown key doors.zeromq-services.tls");
  }

  @Test
  void curveIsForZeroMqAloneAndNeedsAFileWithAKey(@TempDir Path folder) throws IOException {
    assertThat(plan("demo", Map.of()).curve()).isEmpty();

    String none = folder.resolve("none.key").toString();
    assertThatThrownBy(() -> plan("demo", Map.of("tls.curve-key", none)))
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            "tls.curve-key is %s: there is no such file that can be read; batuta keys curve FILE makes one"
                .formatted(none));
    Path file = Files.writeString(folder.resolve("curve.key"), "no key at all");
    Map<String, String> given = Map.of("tls.curve-key", file.toString());
    assertThatThrownBy(() -> plan("demo", given))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("tls.curve-key is " + file)
        .hasMessageNotContaining("no key at all");
    assertThat(plan("production", given).curve()).as("of doors that are off").isEmpty();

    CurveKey key = CurveKey.random();
    Files.writeString(file, key.secret());
    assertThat(plan("demo", given).curve().orElseThrow().publicKey()).isEqualTo(key.publicKey());
  }

  @Test
  void aFolderOfOnesOwnIsStrongerThanThePackedProfileAndTakesListsAsYamlHasThem(
      @TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("application.yaml"),
        """
        doors:
          bridge: { enabled: false }
          platform: { host: 0.0.0.0, allow: [10.1.0.0/16, "fd00::/8"] }
        peers:
          - { name: m2, host: 10.0.0.5, port: 9001 }
          - { name: m3, host: m3.example, port: 8765, transport: ws }
        tls: { certificate: node.pem, key: /etc/batuta/node.key }
        """);
    NodeSettings settings = NodeSettings.load("demo", folder, Map.of(), Map.of());
    DoorPlan plan = DoorPlan.of(settings);

    assertThat(plan.doors()).hasSize(7).doesNotContainKey(DoorKeys.BRIDGE);
    assertThat(allowed(plan.doors().get(DoorKeys.PLATFORM), "fd00::9")).isTrue();
    assertThat(settings.get(Setting.PEERS))
        .containsExactly(
            new ForeignPeer("m2", "10.0.0.5", 9001, Transport.TCP),
            new ForeignPeer("m3", "m3.example", 8765, Transport.WS));
    assertThat(settings.get(Setting.TLS_CERTIFICATE)).isEqualTo(folder + "/node.pem");
    assertThat(settings.get(Setting.TLS_KEY)).isEqualTo("/etc/batuta/node.key");
    assertThat(settings.get(Setting.HTTP_WEBROOT)).isEmpty();
    assertThat(settings.isGiven(DoorKeys.PLATFORM.host())).isTrue();
    assertThat(settings.isGiven(DoorKeys.PLATFORM.port())).isFalse();
  }

  @Test
  void peersNeedADoorAServerAndANameOfTheirOwn() {
    String peers = "[{name: m2, host: 10.0.0.5, port: 9001}]";
    assertThat(plan("demo", Map.of("peers", peers)).doors()).isNotEmpty();

    assertThatThrownBy(() -> plan("production", Map.of("peers", peers)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("set doors.workers-tcp.enabled or doors.workers-ws.enabled to true");
    assertThatThrownBy(() -> plan("demo", Map.of("peers", peers, "node.roles", "gateway")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("add server to node.roles");
    for (String servers : new String[] {"cluster.servers", "node.name"}) {
      assertThatThrownBy(() -> plan("demo", Map.of("peers", peers, servers, "m2")))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("peers names m2, a server of this cluster");
    }
  }

  @Test
  void aPortThatListensEverywhereIsReachedByTheHostOfItsNode() {
    DoorPlan plan =
        plan(
            "demo",
            Map.of(
                "http.host", "10.0.0.1",
                "doors.workers-tcp.host", "0.0.0.0",
                "doors.workers-tcp.allow", "10.1.0.0/16"));

    assertThat(plan.hostOf("workers-tcp", "10.0.0.7")).isEqualTo("10.0.0.7");
    assertThat(plan.hostOf("workers-ws", "10.0.0.7")).isEqualTo("127.0.0.1");
    assertThat(plan.hostOf("http", "10.0.0.7")).isEqualTo("10.0.0.1");
  }

  @Test
  void theEnvironmentNamesDoorsAndPeersInOneLine() {
    NodeSettings settings =
        NodeSettings.load(
            "production",
            null,
            Map.of(
                "BATUTA_DOORS_WORKERS_WS_ENABLED", "true",
                "BATUTA_DOORS_WORKERS_WS_PORT", "8865",
                "BATUTA_PEERS", "[{name: m2, host: 10.0.0.5, port: 9001, transport: tcp}]"),
            Map.of());

    DoorSettings door =
        Objects.requireNonNull(DoorPlan.of(settings).doors().get(DoorKeys.WORKERS_WS));
    assertThat(door.place().port()).isEqualTo(8865);
    assertThat(settings.isGiven(DoorKeys.WORKERS_WS.port())).isTrue();
    assertThat(settings.get(Setting.PEERS)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m2",
        "{name: m2}",
        "[{name: m2, host: h, port: 0}]",
        "[{name: m2, host: h, port: 1, transport: udp}]",
        "[{name: m2, host: h, port: 1, prot: tcp}]",
        "[{name: m2, host: h, port: 1}, {name: m2, host: i, port: 1}]",
        "["
      })
  void whatIsNoListOfPeersStopsTheStart(String peers) {
    assertThatThrownBy(() -> NodeSettings.load("", null, Map.of(), Map.of("peers", peers)))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("peers is ");
  }

  private static boolean allowed(
      @org.jspecify.annotations.Nullable DoorSettings door, String host) {
    return Objects.requireNonNull(door).allowed().allows(InetAddress.ofLiteral(host));
  }

  private static DoorPlan plan(String profile, Map<String, String> flags) {
    return DoorPlan.of(NodeSettings.load(profile, null, Map.of(), flags));
  }

  private static DoorSettings door(DoorKeys keys, Map<String, String> flags) {
    return Objects.requireNonNull(plan("production", flags).doors().get(keys));
  }

  @Test
  void doorsShareTheFilesThatTheirProcessMayHaveOpen() {
    DoorPlan plan = DoorPlan.of(NodeSettings.load("demo", null, Map.of(), Map.of()));
    assertThat(connections(plan)).isEqualTo(24_000);

    assertThat(plan.within(27_000)).as("all fit").isEqualTo(plan);
    DoorPlan fewer = plan.within(20_000);
    assertThat(connections(fewer)).isBetween(16_500L, 17_000L);
    assertThat(fewer.http().maxConnections()).isEqualTo(7_083);
    assertThat(fewer.doors().get(DoorKeys.WORKERS_TCP))
        .isEqualTo(
            Objects.requireNonNull(plan.doors().get(DoorKeys.WORKERS_TCP))
                .withMaxConnections(2_833));
    assertThat(connections(plan.within(1_024)))
        .as("half is the node's own where there are few")
        .isBetween(480L, 512L);
    assertThat(plan.within(16).doors().values())
        .allSatisfy(door -> assertThat(door.maxConnections()).isPositive());
  }

  private static long connections(DoorPlan plan) {
    return plan.http().maxConnections()
        + plan.doors().values().stream().mapToLong(DoorSettings::maxConnections).sum();
  }
}
