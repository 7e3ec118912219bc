package dev.batuta.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The files that a pod finds below its mounts, laid below a folder of the test. */
record PodFiles(Manifests manifests, PodTemplate pod, Path root) {
  /** What whoever deploys to production has to have made, by secret and key, as the README says. */
  static final Map<String, List<String>> GIVEN_SECRETS =
      Map.of(
          "batuta", List.of("database-password", "admin-password"),
          "batuta-tls", List.of("tls.crt", "tls.key"));

  /** Writes what config maps and secrets hold. */
  PodFiles lay() {
    pod.mounts()
        .forEach(
            (volume, path) -> pod.volume(volume).ifPresent(source -> lay(source, below(path))));
    return this;
  }

  /** The pod's environment, with paths of its files as they are here. */
  Map<String, String> environment(String podName, String podAddress) {
    Map<String, String> environment =
        pod.environment(manifests, Dockerfile.environment(), podName, podAddress);
    environment.replaceAll((name, value) -> isMounted(value) ? below(value).toString() : value);
    return environment;
  }

  private boolean isMounted(String value) {
    return pod.mounts().values().stream()
        .anyMatch(path -> value.equals(path) || value.startsWith(path + "/"));
  }

  private Path below(String path) {
    return root.resolve(path.substring(1));
  }

  private void lay(JsonObject source, Path folder) {
    if (source.containsKey("configMap")) {
      String name = source.getJsonObject("configMap").getString("name");
      JsonObject map = manifests.find("ConfigMap", name).orElseThrow();
      map.getJsonObject("data").forEach(file -> write(folder, file.getKey(), file.getValue()));
    } else if (source.containsKey("secret")) {
      JsonObject secret = source.getJsonObject("secret");
      Map<String, String> values = values(secret.getString("secretName"));
      List<JsonObject> items = PodTemplate.objects(secret, "items");
      if (items.isEmpty()) {
        values.forEach((key, value) -> write(folder, key, value));
      }
      for (JsonObject item : items) {
        String key = item.getString("key");
        write(folder, item.getString("path"), Objects.requireNonNull(values.get(key), key));
      }
    }
  }

  private Map<String, String> values(String secret) {
    return manifests
        .find("Secret", secret)
        .map(PodFiles::decoded)
        .orElseGet(
            () ->
                GIVEN_SECRETS.getOrDefault(secret, List.of()).stream()
                    .collect(Collectors.toMap(key -> key, key -> "given")));
  }

  private static Map<String, String> decoded(JsonObject secret) {
    return secret.getJsonObject("data").stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry ->
                    new String(Base64.getDecoder().decode(entry.getValue().toString()), UTF_8)));
  }

  private static void write(Path folder, String name, Object text) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(name), text.toString());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
