package dev.batuta.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds among the objects of an overlay; that each is one of Kubernetes' the build tells. */
class ManifestsTest {
  /** How long a node takes for a stop at most, in seconds. */
  private static final int GRACEFUL_SECONDS = 10;

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void whatAPodMountsIsThereOrIsSaidToBeGiven(String overlay) {
    Manifests manifests = Manifests.ofOverlay(overlay);
    for (PodTemplate pod : manifests.pods()) {
      assertThat(pod.configMaps())
          .allSatisfy(name -> assertThat(manifests.find("ConfigMap", name)).isPresent());
      assertThat(pod.secrets())
          .allSatisfy(
              name ->
                  assertThat(
                          manifests.find("Secret", name).isPresent()
                              || PodFiles.GIVEN_SECRETS.containsKey(name))
                      .as(name)
                      .isTrue());
      Set<String> volumes = new HashSet<>();
      PodTemplate.objects(pod.spec(), "volumes").forEach(v -> volumes.add(v.getString("name")));
      PodTemplate.objects(pod.owner().getJsonObject("spec"), "volumeClaimTemplates")
          .forEach(claim -> volumes.add(Manifests.name(claim)));
      assertThat(pod.mounts().keySet()).as("of " + pod.name()).isEqualTo(volumes);
    }
  }

  /** What production keeps secret is in no file of the project. */
  @Test
  void productionHasNoSecretOfItsOwn() {
    assertThat(Manifests.ofOverlay("production").of("Secret")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void selectorsSelectThePodsThatTheyMean(String overlay) {
    Manifests manifests = Manifests.ofOverlay(overlay);
    for (PodTemplate pod : manifests.pods()) {
      JsonObject selector = pod.owner().getJsonObject("spec").getJsonObject("selector");
      assertThat(selected(manifests, selector)).containsExactly(pod);
    }
    for (JsonObject budget : manifests.of("PodDisruptionBudget")) {
      JsonObject selector = budget.getJsonObject("spec").getJsonObject("selector");
      assertThat(selected(manifests, selector))
          .extracting(PodTemplate::name)
          .containsExactly(Manifests.name(budget));
    }
    for (JsonObject scaler : manifests.of("HorizontalPodAutoscaler")) {
      JsonObject target = scaler.getJsonObject("spec").getJsonObject("scaleTargetRef");
      PodTemplate scaled = manifests.pod(target.getString("name"));
      assertThat(scaled.owner().getString("kind")).isEqualTo(target.getString("kind"));
      assertThat(scaled.owner().getJsonObject("spec").getInteger("replicas"))
          .as("an apply would undo what the autoscaler has done")
          .isNull();
    }
  }

  @Test
  void workersScaleByWhatTheRulesOfTheAdapterAreAbout(@TempDir Path overlay) throws IOException {
    Manifests manifests = Manifests.ofDemoWith(overlay, List.of("queue-depth"), List.of());
    JsonObject scaler = manifests.find("HorizontalPodAutoscaler", "worker").orElseThrow();
    List<JsonObject> metrics = PodTemplate.objects(scaler.getJsonObject("spec"), "metrics");
    assertThat(metrics)
        .extracting(metric -> metric.getString("type"))
        .as("processor time stays")
        .containsExactly("Resource", "External", "External");

    String rules = Files.readString(Manifests.HOME.resolve("k8s/monitoring/adapter.yaml"));
    for (JsonObject metric : metrics.subList(1, metrics.size())) {
      JsonObject external = metric.getJsonObject("external");
      String name = external.getJsonObject("metric").getString("name");
      assertThat(rules).containsPattern("(seriesQuery: %s\\{|as: %s )".formatted(name, name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void aServiceLeadsToPortsOfThePodsThatItSelects(String overlay) {
    Manifests manifests = Manifests.ofOverlay(overlay);
    for (JsonObject service : manifests.of("Service")) {
      JsonObject spec = service.getJsonObject("spec");
      JsonObject selector = new JsonObject().put("matchLabels", spec.getJsonObject("selector"));
      List<PodTemplate> pods = selected(manifests, selector);
      assertThat(pods).as(Manifests.name(service)).hasSize(1);
      for (JsonObject port : PodTemplate.objects(spec, "ports")) {
        assertThat(pods.getFirst().ports())
            .containsEntry(port.getString("targetPort"), port.getInteger("port"));
      }
    }
    for (PodTemplate pod : manifests.pods()) {
      String service = pod.owner().getJsonObject("spec").getString("serviceName");
      if (service != null) {
        assertThat(manifests.find("Service", service)).isPresent();
      }
    }
  }

  /** Without one whoever reaches the pod comes in. */
  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void everyPortOfAPodHasAPolicyThatSaysWhoMayComeIn(String overlay) {
    Manifests manifests = Manifests.ofOverlay(overlay);
    for (PodTemplate pod : manifests.pods()) {
      Set<String> named = new TreeSet<>();
      boolean denied = false;
      for (JsonObject policy : manifests.of("NetworkPolicy")) {
        JsonObject spec = policy.getJsonObject("spec");
        if (PodTemplate.selects(spec.getJsonObject("podSelector"), pod.labels())) {
          List<JsonObject> rules = PodTemplate.objects(spec, "ingress");
          denied |= rules.isEmpty() && spec.getJsonArray("policyTypes").contains("Ingress");
          for (JsonObject rule : rules) {
            PodTemplate.objects(rule, "ports").forEach(p -> named.add(p.getString("port")));
          }
        }
      }
      assertThat(denied).as("nothing else comes in to " + pod.name()).isTrue();
      assertThat(named).as("ports of " + pod.name()).isEqualTo(pod.ports().keySet());
    }
  }

  @Test
  void onlyHttpIsOpenToAnybody() {
    Set<String> open = new TreeSet<>();
    for (JsonObject policy : Manifests.ofOverlay("demo").of("NetworkPolicy")) {
      for (JsonObject rule : PodTemplate.objects(policy.getJsonObject("spec"), "ingress")) {
        if (!rule.containsKey("from")) {
          PodTemplate.objects(rule, "ports").forEach(port -> open.add(port.getString("port")));
        }
      }
    }
    assertThat(open).containsExactly("http");
  }

  /** What a namespace demands that enforces the standard "restricted" of Pod Security. */
  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void aPodHasNoRightThatItDoesNotNeed(String overlay) {
    for (PodTemplate pod : Manifests.ofOverlay(overlay).pods()) {
      JsonObject security = pod.spec().getJsonObject("securityContext");
      assertThat(security.getBoolean("runAsNonRoot")).isTrue();
      assertThat(security.getInteger("runAsUser")).isPositive();
      assertThat(security.getJsonObject("seccompProfile").getString("type"))
          .isEqualTo("RuntimeDefault");
      JsonObject container = pod.container().getJsonObject("securityContext");
      assertThat(container.getBoolean("allowPrivilegeEscalation")).isFalse();
      assertThat(container.getBoolean("readOnlyRootFilesystem")).isTrue();
      assertThat(container.getJsonObject("capabilities"))
          .isEqualTo(new JsonObject().put("drop", JsonArray.of("ALL")));
      assertThat(pod.spec().getBoolean("automountServiceAccountToken")).isFalse();
      assertThat(pod.spec().getBoolean("enableServiceLinks")).isFalse();
      JsonObject resources = pod.container().getJsonObject("resources");
      assertThat(resources.getJsonObject("limits").getString("memory"))
          .as("what a pod may use is kept for it")
          .isEqualTo(resources.getJsonObject("requests").getString("memory"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "production"})
  void aPodIsKilledOnlyAfterItHadTimeToDrain(String overlay) {
    for (PodTemplate pod : Manifests.ofOverlay(overlay).nodes()) {
      assertThat(pod.spec().getInteger("terminationGracePeriodSeconds"))
          .isGreaterThan(GRACEFUL_SECONDS);
    }
  }

  @Test
  void theImageIsThisVersion() throws IOException {
    String pom = Files.readString(Manifests.HOME.resolve("pom.xml"));
    String version =
        Pattern.compile("<artifactId>batuta</artifactId>\\s*<version>([^<]+)</version>")
            .matcher(pom)
            .results()
            .findFirst()
            .orElseThrow()
            .group(1);
    Set<String> images =
        Stream.of("demo", "production")
            .flatMap(overlay -> Manifests.ofOverlay(overlay).nodes().stream())
            .map(pod -> pod.container().getString("image"))
            .collect(Collectors.toSet());
    assertThat(images).containsExactly("batuta:" + version);
  }

  private static List<PodTemplate> selected(Manifests manifests, JsonObject selector) {
    return manifests.pods().stream()
        .filter(pod -> PodTemplate.selects(selector, pod.labels()))
        .toList();
  }
}
