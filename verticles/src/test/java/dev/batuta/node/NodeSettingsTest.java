package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSettingsTest {
  @TempDir Path folder = Path.of(".");

  @Test
  void theEnvironmentGivesEveryKeyAndSoDoFiles() throws IOException {
    NodeSettings usual = load(Map.of());
    Map<String, String> files = new HashMap<>();
    Map<String, String> variables = new HashMap<>();
    for (Setting<?> setting : Setting.all()) {
      String value = valueFor(setting, usual);
      variables.put(setting.variable(), value);
      files.put(setting.variable() + "_FILE", file(setting.key(), value + "\n"));
    }

    NodeSettings byVariables = load(variables);
    NodeSettings byFiles = load(files);

    assertThat(values(byVariables)).isNotEqualTo(values(usual)).isEqualTo(values(byFiles));
    assertThat(Setting.all()).allMatch(byVariables::isGiven).allMatch(byFiles::isGiven);
  }

  @Test
  void onlyTheLastLineEndOfAFileIsNoPartOfItsValue() throws IOException {
    String secret = " p w#1:/é\t";
    for (String end : new String[] {"", "\n", "\r\n"}) {
      String file = file("secret", secret + end);
      NodeSettings settings =
          load(Map.of("BATUTA_DATABASE_PASSWORD_FILE", file, "BATUTA_ADMIN_PASSWORD_FILE", file));
      assertThat(settings.get(Setting.DATABASE_PASSWORD)).isEqualTo(secret);
      assertThat(settings.get(Setting.ADMIN_PASSWORD)).isEqualTo(secret);
    }
  }

  @Test
  void aPasswordApartFromTheUrlIsTheDatabases() throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("BATUTA_DATABASE_URL", "mysql://batuta:old@db:3307/batuta");
    assertThat(load(environment).databaseAddress().password()).isEqualTo("old");

    environment.put("BATUTA_DATABASE_PASSWORD_FILE", file("secret", "p:@/%\n"));
    assertThat(load(environment).databaseAddress())
        .hasToString("mysql://batuta@db:3307/batuta")
        .extracting(address -> address.password())
        .isEqualTo("p:@/%");
  }

  @Test
  void aVariableAndItsFileTogetherAreRefused() throws IOException {
    Map<String, String> both =
        Map.of(
            "BATUTA_DATABASE_PASSWORD",
            "hidden",
            "BATUTA_DATABASE_PASSWORD_FILE",
            file("secret", "hidden"));

    refused(
        both, "BATUTA_DATABASE_PASSWORD and BATUTA_DATABASE_PASSWORD_FILE are both given: unset");
  }

  @Test
  void aFileThatCannotBeReadIsNamedWithItsVariable() throws IOException {
    String absent = folder.resolve("absent").toString();
    refused(Map.of("BATUTA_HTTP_PORT_FILE", absent), "BATUTA_HTTP_PORT_FILE is \"" + absent + '"');
    refused(Map.of("BATUTA_HTTP_PORT_FILE", ""), "BATUTA_HTTP_PORT_FILE is \"\"");
    String empty = file("empty", "\n");
    refused(
        Map.of("BATUTA_ADMIN_PASSWORD_FILE", empty),
        "BATUTA_ADMIN_PASSWORD_FILE is \"" + empty + "\": that file is empty");
    String huge = file("huge", "1".repeat(65 * 1024));
    refused(Map.of("BATUTA_HTTP_PORT_FILE", huge), "BATUTA_HTTP_PORT_FILE is \"" + huge + '"');
  }

  @Test
  void aBadValueStopsTheStartWithItsKeyWhereverItComesFrom() throws IOException {
    String expected = "http.port is \"many\": it takes a whole number";
    refused(Map.of("BATUTA_HTTP_PORT", "many"), expected);
    refused(Map.of("BATUTA_HTTP_PORT_FILE", file("port", "many\n")), expected);
  }

  @Test
  void whomToJoinIsHostsWithTheirPorts() {
    List<String> wrong =
        List.of("server-1", "server-1:", "server-1:x", "server-1:0", "server-1:65536", "fd00::1:1");
    for (String member : wrong) {
      refused(
          Map.of("BATUTA_CLUSTER_MEMBERS", "server-2:5701," + member),
          member + " is not of the form host:port");
    }
    assertThat(
            load(Map.of("BATUTA_CLUSTER_MEMBERS", "server-1:5701, 10.0.0.1:1,[fd00::1]:65535"))
                .get(Setting.CLUSTER_MEMBERS))
        .containsExactly("server-1:5701", "10.0.0.1:1", "[fd00::1]:65535");
  }

  @Test
  void anUnknownVariableStopsTheStartAndOthersProgramsVariablesDoNot() {
    refused(Map.of("BATUTA_HTTP_PROT", "1"), "BATUTA_HTTP_PROT is not a setting");
    refused(Map.of("BATUTA_HTTP_PROT_FILE", "/f"), "BATUTA_HTTP_PROT_FILE is not a setting");
    refused(Map.of("BATUTA_DATABASE_PASSWORT_FILE", "/f"), "BATUTA_DATABASE_PASSWORT_FILE");

    Map<String, String> others = new HashMap<>();
    others.put("BATUTA_URL", "http://server-1:8080");
    others.put("BATUTA_TOKEN_FILE", "/run/secrets/token");
    others.put("BATUTA_SERVICE_HOST", "10.0.0.1");
    others.put("KEY_FILE", "/etc/key");
    assertThat(values(load(others))).isEqualTo(values(load(Map.of())));
  }

  @Test
  void aNodeThatHasNoUrlOfADatabaseSaysSoBeforeItJoins() {
    NodeSettings settings =
        load(
            Map.of(
                "BATUTA_NODE_NAME",
                "server-1",
                "BATUTA_DATABASE_URL",
                "jdbc:mysql://batuta:hidden@db/batuta"));

    Future<Node> started = Node.start(settings);

    assertThat(started.isComplete()).isTrue();
    assertThat(started.cause())
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("database.url is not of the form mysql://")
        .message()
        .doesNotContain("hidden");
  }

  private static NodeSettings load(Map<String, String> environment) {
    return NodeSettings.load("", null, environment, Map.of());
  }

  private static void refused(Map<String, String> environment, String message) {
    assertThatThrownBy(() -> load(environment))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("hidden");
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static Map<String, Object> values(NodeSettings settings) {
    return Setting.all().stream().collect(Collectors.toMap(Setting::key, settings::get));
  }

  /** Another one than the usual, of the kind that the key takes. */
  private static String valueFor(Setting<?> setting, NodeSettings usual) {
    return switch (usual.get(setting)) {
      case Boolean on -> Boolean.toString(!on);
      case Integer number -> setting.key().endsWith("max-message") ? "2KiB" : next(setting, number);
      case java.time.Duration time -> time.plusSeconds(1).toMillis() + "ms";
      default -> textFor(setting);
    };
  }

  private static String next(Setting<?> setting, int number) {
    return setting.equals(Setting.HTTP_MAX_BODY) ? "2KiB" : Integer.toString(number + 1);
  }

  private static String textFor(Setting<?> setting) {
    return switch (setting.key()) {
      case "profile" -> "demo";
      case "node.roles" -> "server";
      case "election.policy" -> "lowest-rank";
      case "publish.acks" -> "local";
      case "tracing.otlp" -> "http://127.0.0.1:4318";
      case "tracing.sample" -> "0.25";
      case "cluster.members" -> "another:5701";
      case "peers" -> "[{name: m2, host: h, port: 1}]";
      default -> "another";
    };
  }
}
