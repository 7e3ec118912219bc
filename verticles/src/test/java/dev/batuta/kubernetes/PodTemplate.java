package dev.batuta.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a StatefulSet or a Deployment makes pods of; here each has one container. */
record PodTemplate(JsonObject owner) {
  static List<JsonObject> objects(JsonObject of, String key) {
    JsonArray array = of.getJsonArray(key, new JsonArray());
    return IntStream.range(0, array.size()).mapToObj(array::getJsonObject).toList();
  }

  static boolean selects(JsonObject selector, JsonObject labels) {
    JsonObject wanted = selector.getJsonObject("matchLabels", new JsonObject());
    return wanted.stream()
        .allMatch(label -> label.getValue().equals(labels.getValue(label.getKey())));
  }

  String name() {
    return Manifests.name(owner);
  }

  JsonObject spec() {
    return template().getJsonObject("spec");
  }

  JsonObject labels() {
    return template().getJsonObject("metadata").getJsonObject("labels");
  }

  private JsonObject template() {
    return owner.getJsonObject("spec").getJsonObject("template");
  }

  JsonObject container() {
    return objects(spec(), "containers").getFirst();
  }

  boolean isNode() {
    return container().getString("image").startsWith("batuta:");
  }

  /** Its words after the program. */
  List<String> arguments() {
    return container().getJsonArray("args").stream().map(Object::toString).toList();
  }

  Map<String, Integer> ports() {
    return objects(container(), "ports").stream()
        .collect(
            Collectors.toMap(
                port -> port.getString("name"),
                port -> port.getInteger("containerPort"),
                (one, other) -> other,
                TreeMap::new));
  }

  /** Where volumes are mounted, by their names. */
  Map<String, String> mounts() {
    return objects(container(), "volumeMounts").stream()
        .collect(Collectors.toMap(m -> m.getString("name"), m -> m.getString("mountPath")));
  }

  Optional<JsonObject> volume(String name) {
    return objects(spec(), "volumes").stream()
        .filter(volume -> volume.getString("name").equals(name))
        .findFirst();
  }

  /** Names of the config maps that it cannot start without. */
  List<String> configMaps() {
    return Stream.concat(
            objects(container(), "envFrom").stream()
                .map(each -> each.getJsonObject("configMapRef")),
            objects(spec(), "volumes").stream()
                .filter(each -> each.containsKey("configMap"))
                .map(each -> each.getJsonObject("configMap")))
        .map(each -> each.getString("name"))
        .toList();
  }

  /** Names of the secrets that it cannot start without. */
  List<String> secrets() {
    return objects(spec(), "volumes").stream()
        .filter(each -> each.containsKey("secret"))
        .map(each -> each.getJsonObject("secret").getString("secretName"))
        .toList();
  }

  /** Its environment over that of its image, with samples of what only a running pod knows. */
  Map<String, String> environment(
      Manifests manifests, Map<String, String> image, String podName, String podAddress) {
    Map<String, String> environment = new TreeMap<>(image);
    for (JsonObject from : objects(container(), "envFrom")) {
      String map = from.getJsonObject("configMapRef").getString("name");
      manifests
          .find("ConfigMap", map)
          .orElseThrow()
          .getJsonObject("data")
          .forEach(entry -> environment.put(entry.getKey(), entry.getValue().toString()));
    }
    for (JsonObject variable : objects(container(), "env")) {
      environment.put(variable.getString("name"), value(variable, podName, podAddress));
    }
    return environment;
  }

  private static String value(JsonObject variable, String podName, String podAddress) {
    JsonObject from = variable.getJsonObject("valueFrom");
    if (from == null) {
      return variable.getString("value");
    }
    String field = from.getJsonObject("fieldRef").getString("fieldPath");
    return switch (field) {
      case "metadata.name" -> podName;
      case "status.podIP" -> podAddress;
      default -> throw new AssertionError("no sample of the field " + field);
    };
  }
}
