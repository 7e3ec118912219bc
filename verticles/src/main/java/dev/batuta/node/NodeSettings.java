package dev.batuta.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.batuta.codec.Refused;
import dev.batuta.database.DatabaseAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of one node: the packed {@code conf/} files, a folder laid over them, the
 * environment, and flags, each stronger than the one before. Immutable. A list of a file is one
 * text with commas, as the environment has it.
 */
public final class NodeSettings {
  /** Of the command line and of Kubernetes' service links, not keys of a node. */
  private static final String FOREIGN_VARIABLES =
      "BATUTA_((URL|TOKEN|USER|PASSWORD)(_FILE)?|CA|DATA|HOME|JAVA_OPTS|TEST_.*|.*SERVICE_(HOST|PORT.*)|PORT(_.*)?)";

  private final Map<Setting<?>, Object> values;
  private final Set<String> given;

  private NodeSettings(Map<Setting<?>, Object> values, Set<String> given) {
    this.values = values;
    this.given = given;
  }

  /**
   * Reads a configuration.
   *
   * @param profile the packed profile to lay over the defaults, empty for what the flags, the
   *     environment or the folder say, else {@code production}
   * @param folder with {@code application.yaml} or {@code <profile>.yaml} of one's own, or null
   * @param flags by key
   * @throws SettingsException for an unknown key or a bad value
   */
  public static NodeSettings load(
      String profile,
      @Nullable Path folder,
      Map<String, String> environment,
      Map<String, String> flags) {
    Map<String, Setting<?>> known =
        Setting.all().stream().collect(Collectors.toMap(Setting::key, s -> s));
    Map<String, String> own = folder == null ? Map.of() : file(folder, "application");
    Map<String, String> variables = variables(known, environment);
    Map<String, String> texts = new TreeMap<>();
    lay(texts, known, packed("application"), "conf/application.yaml");
    String chosen =
        Optional.ofNullable(flags.get("profile"))
            .or(() -> Optional.ofNullable(variables.get("profile")))
            .orElse(
                profile.isEmpty()
                    ? own.getOrDefault("profile", texts.getOrDefault("profile", "production"))
                    : profile);
    lay(texts, known, packed(chosen), "conf/" + chosen + ".yaml");
    Set<String> given = new HashSet<>(variables.keySet());
    given.addAll(flags.keySet());
    if (folder != null) {
      lay(texts, known, own, folder + "/application.yaml");
      Map<String, String> ownProfile = file(folder, chosen);
      lay(texts, known, ownProfile, folder + "/" + chosen + ".yaml");
      given.addAll(own.keySet());
      given.addAll(ownProfile.keySet());
    }
    texts.put("profile", chosen);
    texts.putAll(variables);
    lay(texts, known, flags, "--set");
    Map<Setting<?>, Object> values = new HashMap<>();
    for (Setting<?> setting : Setting.all()) {
      String text = texts.get(setting.key());
      if (text == null) {
        throw new SettingsException(setting.key() + " has no value in conf/application.yaml");
      }
      values.put(setting, setting.read(text));
    }
    return new NodeSettings(values, Set.copyOf(given));
  }

  /** The value of a key. */
  @SuppressWarnings("unchecked") // put there by the same setting
  public <T> T get(Setting<T> setting) {
    Object value = values.get(setting);
    if (value == null) {
      throw new IllegalArgumentException("not a setting: " + setting.key());
    }
    return (T) value;
  }

  /** Whether a folder, the environment or a flag gives a key a value. */
  public boolean isGiven(Setting<?> setting) {
    return given.contains(setting.key());
  }

  /** The folder of jars with kinds of tasks. */
  Path lib() {
    String lib = get(Setting.TASKS_LIB);
    return lib.isEmpty() ? Path.of(get(Setting.DATA)).resolve("lib") : Path.of(lib);
  }

  /**
   * The database, with the password that is given apart from its URL, if one is.
   *
   * @throws SettingsException for a URL that is none; it does not tell the password
   */
  DatabaseAddress databaseAddress() {
    try {
      DatabaseAddress address = DatabaseAddress.parse(get(Setting.DATABASE_URL));
      String password = get(Setting.DATABASE_PASSWORD);
      return password.isEmpty() ? address : address.withPassword(password);
    } catch (Refused noUrl) {
      throw new SettingsException(noUrl.failure().message());
    }
  }

  private static Map<String, String> variables(
      Map<String, Setting<?>> known, Map<String, String> environment) {
    Map<String, String> keys =
        known.values().stream().collect(Collectors.toMap(Setting::variable, Setting::key));
    Map<String, String> variables = new TreeMap<>();
    for (String given : environment.keySet()) {
      String variable = keys.containsKey(given) ? given : EnvironmentVariables.heldBy(given);
      String key = keys.get(variable);
      if (key != null) {
        EnvironmentVariables.value(environment, variable)
            .ifPresent(value -> variables.put(key, value));
      } else if (given.startsWith("BATUTA_") && !given.matches(FOREIGN_VARIABLES)) {
        throw new SettingsException(
            "The environment variable " + given + " is not a setting of Batuta.");
      }
    }
    return variables;
  }

  private static void lay(
      Map<String, String> texts,
      Map<String, Setting<?>> known,
      Map<String, String> layer,
      String from) {
    layer.forEach(
        (name, value) -> {
          if (!known.containsKey(name)) {
            throw new SettingsException(
                "Unknown key " + name + " in " + from + "; conf/application.yaml lists all keys.");
          }
          texts.put(name, value);
        });
  }

  private static Map<String, String> packed(String name) {
    try (InputStream in = NodeSettings.class.getResourceAsStream("/conf/" + name + ".yaml")) {
      if (in == null) {
        if (name.equals("production")) {
          return Map.of();
        }
        throw new SettingsException(
            "profile is \"" + name + "\": there is no conf/" + name + ".yaml");
      }
      return flat(in.readAllBytes(), "conf/" + name + ".yaml");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> file(Path folder, String name) {
    Path file = folder.resolve(name + ".yaml");
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      Map<String, String> texts = flat(Files.readAllBytes(file), file.toString());
      Setting.PATHS.forEach(
          setting ->
              texts.computeIfPresent(setting.key(), (key, path) -> from(folder, path.strip())));
      return texts;
    } catch (IOException e) {
      throw new SettingsException("Cannot read " + file + ": " + e.getMessage());
    }
  }

  /** A path in a file of one's own is meant from its folder, wherever the node runs. */
  private static String from(Path folder, String path) {
    return path.isEmpty() ? path : folder.toAbsolutePath().resolve(path).normalize().toString();
  }

  private static Map<String, String> flat(byte[] yaml, String from) {
    try {
      Map<String, String> result = new TreeMap<>();
      flatten("", new YAMLMapper().readTree(yaml), result);
      return result;
    } catch (IOException e) {
      throw new SettingsException(from + " is not YAML: " + e);
    }
  }

  private static void flatten(String prefix, JsonNode node, Map<String, String> into) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              e ->
                  flatten(
                      prefix.isEmpty() ? e.getKey() : prefix + "." + e.getKey(),
                      e.getValue(),
                      into));
    } else if (node.isArray() && !prefix.isEmpty()) {
      into.put(prefix, list(node));
    } else if (!prefix.isEmpty()) {
      into.put(prefix, node.isNull() ? "" : node.asText());
    }
  }

  /** As one line: texts with commas between, or YAML where there are maps among them. */
  private static String list(JsonNode items) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : items) {
      if (item.isContainerNode()) {
        return items.toString();
      }
      texts.add(item.asText());
    }
    return String.join(",", texts);
  }
}
