package dev.batuta.kubernetes;

import static org.junit.jupiter.api.Assumptions.abort;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The objects of a kustomization, as they would be applied. */
record Manifests(List<JsonObject> objects) {
  /** The project's folder. */
  static final Path HOME =
      Stream.of(Path.of("").toAbsolutePath(), Path.of("..").toAbsolutePath().normalize())
          .filter(folder -> Files.exists(folder.resolve("k8s")))
          .findFirst()
          .orElseThrow();

  private static final Path BUILT = Path.of("target", "k8s").toAbsolutePath();
  private static final int FETCHED_WITHIN_MINUTES = 3;
  private static final int BUILT_WITHIN_MINUTES = 8;
  private static final int RUN_WITHIN_MINUTES = 1;
  private static final Map<Path, Manifests> KNOWN = new HashMap<>();
  private static @Nullable Path checker;

  /** Of {@code k8s/overlays}. */
  static Manifests ofOverlay(String name) {
    return of(HOME.resolve("k8s/overlays").resolve(name));
  }

  /**
   * Of {@code k8s/overlays/demo} with more components and secrets, as an overlay of a user's own.
   */
  static Manifests ofDemoWith(Path folder, List<String> components, List<String> secrets) {
    try {
      Path k8s = folder.toRealPath().relativize(HOME.toRealPath().resolve("k8s"));
      StringBuilder overlay = new StringBuilder("resources: [%s/overlays/demo]\n".formatted(k8s));
      overlay.append("components:\n");
      components.forEach(name -> overlay.append("- %s/components/%s\n".formatted(k8s, name)));
      overlay.append("secretGenerator:\n- name: batuta\n  behavior: merge\n  literals: ");
      overlay.append(secrets).append('\n');
      Files.writeString(folder.resolve("kustomization.yaml"), overlay);
      return of(folder);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Built by {@code k8s/check}, which also refuses fields that Kubernetes does not know. */
  static synchronized Manifests of(Path kustomization) {
    return KNOWN.computeIfAbsent(kustomization, Manifests::build);
  }

  private static Manifests build(Path kustomization) {
    try {
      String program = checker().toString();
      String lines = run(RUN_WITHIN_MINUTES, program, kustomization.toRealPath().toString());
      return new Manifests(lines.lines().map(JsonObject::new).toList());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Of one kind, in their order. */
  List<JsonObject> of(String kind) {
    return objects.stream().filter(each -> kind.equals(each.getString("kind"))).toList();
  }

  /** By its whole name. */
  Optional<JsonObject> find(String kind, String name) {
    return of(kind).stream().filter(each -> name(each).equals(name)).findFirst();
  }

  static String name(JsonObject object) {
    return object.getJsonObject("metadata").getString("name");
  }

  /** The pods that it has, by what makes them. */
  List<PodTemplate> pods() {
    return Stream.of("StatefulSet", "Deployment")
        .flatMap(kind -> of(kind).stream())
        .map(PodTemplate::new)
        .toList();
  }

  /** Those whose container runs Batuta. */
  List<PodTemplate> nodes() {
    return pods().stream().filter(PodTemplate::isNode).toList();
  }

  PodTemplate pod(String name) {
    return pods().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  private static Path checker() throws IOException {
    Path built = checker;
    if (built == null) {
      built = buildChecker();
      checker = built;
    }
    return built;
  }

  private static Path buildChecker() throws IOException {
    Files.createDirectories(BUILT);
    try {
      run(FETCHED_WITHIN_MINUTES, "go", "mod", "download");
    } catch (IOException | AssertionError missing) {
      return abort("manifests are not built, as it takes Go: " + missing.getMessage());
    }
    Path program = BUILT.resolve("check");
    run(BUILT_WITHIN_MINUTES, "go", "build", "-o", program.toString(), ".");
    return program;
  }

  /** What a command prints; in the folder of the checker. */
  private static String run(int minutes, String... command) throws IOException {
    Path out = BUILT.resolve("out");
    Path errors = BUILT.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(HOME.resolve("k8s/check").toFile())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile());
    builder.environment().put("GOTOOLCHAIN", "local"); // no other one is fetched
    Process process = builder.start();
    try {
      if (!process.waitFor(minutes, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", command) + ": not done within its time");
      }
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(String.join(" ", command) + ": " + Files.readString(errors).strip());
    }
    return Files.readString(out);
  }
}
