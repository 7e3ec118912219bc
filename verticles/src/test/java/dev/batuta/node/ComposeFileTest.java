package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** Dockerfile and compose.yaml say to nodes nothing that these do not know. */
class ComposeFileTest {
  private static final Path PROJECT = Path.of("..");
  private static final Pattern VARIABLE = Pattern.compile("(BATUTA_[A-Z_]+)=(\"\"|[^\\s\\\\]+)");

  /** Bots wait for answers to their last messages, and then for what they have not seen yet. */
  private static final Duration UNDER_WAY = Duration.ofSeconds(10);

  private static final Duration SETTLE = Duration.ofSeconds(60);

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{[A-Z_]+:-([^}]*)}");

  @Test
  void everyNodeStartsByWhatTheImageAndTheComposeFileTellIt() throws IOException {
    List<String> servers = new ArrayList<>();
    int nodes = 0;
    for (Map.Entry<?, ?> service : services().entrySet()) {
      Map<?, ?> described = (Map<?, ?>) service.getValue();
      String command = String.valueOf(described.get("command"));
      if (!command.matches("(node|worker)\\b.*")) {
        continue;
      }
      nodes++;
      NodeSettings settings = settings(described);
      assertThat(settings.get(Setting.HTTP_HEALTH)).as("its health check is answered").isTrue();
      assertThat(DoorPlan.of(settings).http().host()).isEqualTo("0.0.0.0");
      assertThat(settings.databaseAddress().password()).isEqualTo("batuta");
      if (command.startsWith("node")) {
        servers.add(String.valueOf(service.getKey()));
        assertThat(settings.get(Setting.NODE_NAME)).isEqualTo(service.getKey());
        assertThat(described.get("volumes")).isEqualTo(List.of(service.getKey() + ":/data"));
      }
    }
    assertThat(nodes).isEqualTo(4);
    assertThat(servers).containsExactly("server-1", "server-2", "server-3");
  }

  @Test
  void theServersAreCountedAndFoundByTheNamesOfTheirServices() throws IOException {
    NodeSettings settings = settings(map(services(), "worker"));

    assertThat(settings.get(Setting.CLUSTER_SERVERS))
        .containsExactly("server-1", "server-2", "server-3")
        .allMatch(services()::containsKey);
    assertThat(settings.get(Setting.CLUSTER_MEMBERS))
        .containsExactlyElementsOf(
            settings.get(Setting.CLUSTER_SERVERS).stream()
                .map(server -> server + ":" + settings.get(Setting.CLUSTER_PORT))
                .toList());
  }

  @Test
  void theBotsSayTheirSumsInTheTimeThatTheyHaveToStop() throws IOException {
    Map<?, ?> bots = map(services(), "bots");

    assertThat(String.valueOf(bots.get("command"))).doesNotContain("--settle");
    assertThat(Setting.parseDuration(String.valueOf(bots.get("stop_grace_period"))))
        .isGreaterThan(UNDER_WAY.plus(SETTLE));
  }

  private static NodeSettings settings(Map<?, ?> service) throws IOException {
    Map<String, String> environment = new HashMap<>();
    Matcher image = VARIABLE.matcher(Files.readString(PROJECT.resolve("Dockerfile")));
    while (image.find()) {
      environment.put(image.group(1), image.group(2).replace("\"", ""));
    }
    map(service, "environment")
        .forEach((name, value) -> environment.put(String.valueOf(name), usual(value)));
    return NodeSettings.load("", null, environment, Map.of());
  }

  /** What stands there where nobody gives another value. */
  private static String usual(Object value) {
    return REFERENCE.matcher(String.valueOf(value)).replaceAll("$1");
  }

  private static Map<?, ?> services() throws IOException {
    Map<?, ?> file = new Yaml().load(Files.readString(PROJECT.resolve("compose.yaml")));
    return map(file, "services");
  }

  private static Map<?, ?> map(Map<?, ?> parent, String key) {
    return (Map<?, ?>) Objects.requireNonNull(parent.get(key), key);
  }
}
