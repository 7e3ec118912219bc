package dev.batuta.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.task.TaskContext;
import dev.batuta.task.TaskHandler;
import dev.batuta.task.TaskHandlers;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code test-plans/kind}, built as its README says, in a copy of what it needs. */
class KindExampleTest {
  private static final Path KIND = Path.of("test-plans/kind");
  private static final String KINDS = "/batuta/kinds";

  private static Path built(Path home) throws IOException, InterruptedException {
    copy(Manifests.HOME.resolve("k8s"), home.resolve("k8s"));
    copy(Manifests.HOME.resolve(KIND), home.resolve(KIND));
    ProcessBuilder build = new ProcessBuilder(home.resolve(KIND).resolve("build").toString());
    build.environment().put("JAVA_HOME", System.getProperty("java.home"));
    build.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = build.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return home.resolve(KIND);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      all.forEach(
          source -> {
            try {
              Path target = to.resolve(from.relativize(source));
              Files.createDirectories(target.getParent());
              Files.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES);
            } catch (IOException broken) {
              throw new UncheckedIOException(broken);
            }
          });
    }
  }

  @Test
  void itsJarHasAKindThatRunsAsItsReadmeSays(@TempDir Path home) throws Exception {
    TaskHandlers handlers = TaskHandlers.load(built(home).resolve("volume"));
    assertThat(handlers.kinds()).containsExactly("PRIMES");

    TaskHandler primes = handlers.of("PRIMES").orElseThrow();
    TaskContext task = new TaskContext("1", 1, Optional.empty(), Optional.empty());
    assertThat(primes.run(new JsonObject("{\"below\": 100000}"), task))
        .isEqualTo(new JsonObject("{\"primes\": 9592}"));
  }

  @Test
  void onAVolumeItsJarIsWhereWorkersLookForKinds(@TempDir Path home) throws Exception {
    Path kind = built(home);
    Manifests manifests = Manifests.of(kind.resolve("volume"));
    PodTemplate worker = manifests.pod("worker");

    assertThat(worker.mounts()).containsEntry("kinds", KINDS);
    String map = worker.volume("kinds").orElseThrow().getJsonObject("configMap").getString("name");
    String jar =
        manifests
            .find("ConfigMap", map)
            .orElseThrow()
            .getJsonObject("binaryData")
            .getString("primes.jar");
    assertThat(Base64.getMimeDecoder().decode(jar))
        .isEqualTo(Files.readAllBytes(kind.resolve("volume/primes.jar")));
    assertThat(manifests.pod("server").mounts()).doesNotContainKey("kinds");
  }

  @Test
  void asALayerItsJarIsInTheImageOfAllNodes(@TempDir Path home) throws Exception {
    Path image = built(home).resolve("image");
    assertThat(Files.readString(image.resolve("Dockerfile"))).contains("COPY primes.jar " + KINDS);
    assertThat(image.resolve("primes.jar")).exists();
    assertThat(Manifests.of(image).pods())
        .extracting(pod -> pod.container().getString("image"))
        .containsExactlyInAnyOrder("mariadb:11.4", "batuta-primes:0.1.0", "batuta-primes:0.1.0");
  }
}
