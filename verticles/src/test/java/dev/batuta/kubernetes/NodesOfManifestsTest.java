package dev.batuta.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.node.DoorKeys;
import dev.batuta.node.DoorPlan;
import dev.batuta.node.NodeSettings;
import dev.batuta.node.Setting;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The configuration that a pod gives its node, read by what a node reads it by. */
class NodesOfManifestsTest {
  private static final String ADDRESS = "10.244.0.17";

  private record Configured(PodTemplate pod, NodeSettings settings) {}

  /** A variable or key that a node does not know stops its start, and so it stops the test. */
  private static List<Configured> nodes(Manifests manifests, Path root) {
    return manifests.nodes().stream()
        .map(pod -> new Configured(pod, settings(manifests, pod, root.resolve(pod.name()))))
        .toList();
  }

  private static NodeSettings settings(Manifests manifests, PodTemplate pod, Path root) {
    String name = pod.name() + "-0";
    Map<String, String> environment =
        new PodFiles(manifests, pod, root).lay().environment(name, ADDRESS);
    Path conf = Path.of(Objects.requireNonNull(environment.remove("BATUTA_CONF")));
    return NodeSettings.load("", conf, environment, Map.of("node.roles", roles(pod.arguments())));
  }

  private static String roles(List<String> words) {
    return words.getFirst().equals("worker") ? "worker" : words.get(words.indexOf("--roles") + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void aNodeIsCalledAndReachedAsItsPod(String overlay, @TempDir Path root) {
    List<Configured> nodes = nodes(Manifests.ofOverlay(overlay), root);
    assertThat(nodes).hasSize(2);
    for (Configured node : nodes) {
      assertThat(node.settings().get(Setting.NODE_NAME)).isEqualTo(node.pod().name() + "-0");
      assertThat(node.settings().get(Setting.CLUSTER_HOST)).isEqualTo(ADDRESS);
      assertThat(node.settings().get(Setting.PROFILE)).isEqualTo(overlay);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void majoritiesAreCountedOverThePodsOfTheServers(String overlay, @TempDir Path root) {
    Manifests manifests = Manifests.ofOverlay(overlay);
    int replicas = manifests.pod("server").owner().getJsonObject("spec").getInteger("replicas");
    List<String> pods = IntStream.range(0, replicas).mapToObj(each -> "server-" + each).toList();

    assertThat(nodes(manifests, root))
        .extracting(node -> node.settings().get(Setting.CLUSTER_SERVERS))
        .containsOnly(pods);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void nodesFindTheServersByAServiceThatShowsThoseThatStart(String overlay, @TempDir Path root) {
    Manifests manifests = Manifests.ofOverlay(overlay);
    JsonObject service = manifests.find("Service", "servers").orElseThrow().getJsonObject("spec");
    assertThat(service.getString("clusterIP")).isEqualTo("None");
    assertThat(service.getBoolean("publishNotReadyAddresses")).isTrue();
    for (Configured node : nodes(manifests, root)) {
      assertThat(node.settings().get(Setting.CLUSTER_MEMBERS))
          .containsExactly("servers:" + node.settings().get(Setting.CLUSTER_PORT));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void aPodDeclaresThePortsThatItsNodeOpens(String overlay, @TempDir Path root) {
    for (Configured node : nodes(Manifests.ofOverlay(overlay), root)) {
      assertThat(node.pod().ports().values())
          .as("of " + node.pod().name())
          .doesNotContain(0)
          .containsExactlyInAnyOrderElementsOf(opened(node.settings()));
    }
  }

  private static List<Integer> opened(NodeSettings settings) {
    List<Integer> ports = new ArrayList<>();
    ports.add(settings.get(Setting.CLUSTER_PORT));
    ports.add(settings.get(Setting.BUS_PORT));
    ports.add(settings.get(Setting.HTTP_PORT));
    if (settings.get(Setting.NODE_ROLES).contains("gateway")) {
      DoorPlan.of(settings).doors().keySet().forEach(door -> ports.add(settings.get(door.port())));
    } else {
      assertThat(settings.get(Setting.HTTP_HEALTH)).as("probes find a health").isTrue();
    }
    return ports;
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void whatAPodOpensIsReachedFromOutsideOfIt(String overlay, @TempDir Path root) {
    for (Configured node : nodes(Manifests.ofOverlay(overlay), root)) {
      assertThat(node.settings().get(Setting.HTTP_HOST)).isEqualTo("0.0.0.0");
      if (node.settings().get(Setting.NODE_ROLES).contains("gateway")) {
        assertThat(DoorPlan.of(node.settings()).doors().values())
            .allSatisfy(door -> assertThat(door.place().host()).isEqualTo("0.0.0.0"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void aNodeKeepsWhatItWritesOnItsVolume(String overlay, @TempDir Path root) {
    for (Configured node : nodes(Manifests.ofOverlay(overlay), root)) {
      assertThat(node.settings().get(Setting.DATA)).endsWith(node.pod().mounts().get("data"));
      assertThat(node.pod().mounts()).containsEntry("tmp", "/tmp");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void probesSpeakAsTheNodeDoes(String overlay, @TempDir Path root) {
    for (Configured node : nodes(Manifests.ofOverlay(overlay), root)) {
      String scheme = node.settings().get(Setting.HTTP_TLS) ? "HTTPS" : "HTTP";
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        JsonObject get = node.pod().container().getJsonObject(probe).getJsonObject("httpGet");
        assertThat(get.getString("scheme", "HTTP"))
            .as(probe + " of " + node.pod().name())
            .isEqualTo(scheme);
      }
    }
  }

  @Test
  void everyNodeKnowsWhoScrapesByTheSecretOfTheComponent(
      @TempDir Path overlay, @TempDir Path root) {
    String token = "of-who-scrapes-only";
    Manifests manifests =
        Manifests.ofDemoWith(overlay, List.of("metrics-token"), List.of("metrics-token=" + token));

    assertThat(nodes(manifests, root))
        .hasSize(2)
        .extracting(node -> node.settings().get(Setting.HTTP_METRICS_TOKEN))
        .containsOnly(token);
    assertThat(nodes(manifests, root))
        .extracting(node -> node.settings().get(Setting.DATABASE_PASSWORD))
        .containsOnly("demonstration");
  }

  @Test
  void theDemonstrationOpensEveryDoor(@TempDir Path root) {
    Manifests manifests = Manifests.ofOverlay("demo");
    NodeSettings settings = settings(manifests, manifests.pod("server"), root);
    assertThat(DoorPlan.of(settings).doors().keySet())
        .containsExactlyInAnyOrderElementsOf(DoorKeys.all());
  }
}
