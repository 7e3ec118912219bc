package dev.batuta.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TargetTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String FIRST = "http://127.0.0.1:8080";
  private static final String SECOND = "http://127.0.0.1:8180";

  @TempDir Path home = Path.of(".");

  @Test
  void theUrlIsTheGivenOneElseTheEnvironmentsElseThoseOfTheFileElseTheUsualOne() {
    var environment = Map.of("BATUTA_URL", "http://b:2/");
    assertThat(Target.urls("http://a:1/", environment, file())).containsExactly("http://a:1");
    assertThat(Target.urls(null, environment, file())).containsExactly("http://b:2");
    assertThat(Target.urls("http://a:1/, http://b:2", environment, file()))
        .containsExactly("http://a:1", "http://b:2");
    assertThat(Target.urls(null, Map.of(), file())).containsExactly(FIRST, SECOND);
    assertThat(Target.urls(null, Map.of(), Optional.empty())).containsExactly(Target.DEFAULT_URL);
    assertThatThrownBy(() -> Target.urls("ftp://a", Map.of(), file()))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("'ftp://a'");
  }

  @Test
  void theDataFolderIsTheGivenOneElseTheEnvironmentsElseBesideTheLauncher() {
    var target = new Target();
    assertThat(target.data(Map.of(), "/home/b")).isEqualTo(Path.of("/home/b/data"));
    assertThat(target.data(Map.of("BATUTA_DATA", "/d"), "/home/b")).isEqualTo(Path.of("/d"));
    target.data = Path.of("/given/../e");
    assertThat(target.data(Map.of("BATUTA_DATA", "/d"), "/home/b")).isEqualTo(Path.of("/e"));
  }

  @Test
  void theTokenIsTheGivenOneElseTheEnvironmentsElseTheStoredOneElseTheFiles() throws IOException {
    var store = new TokenStore(home.resolve("config/tokens.json"));
    store.put(List.of(FIRST), "alice", "stored", "2026-01-01T01:00:00Z");
    assertThat(new TokenChoice("given", "env", store, file()).of(FIRST, NOW)).contains("given");
    assertThat(new TokenChoice(null, "env", store, file()).of(FIRST, NOW)).contains("env");
    assertThat(new TokenChoice(null, null, store, file()).of(FIRST, NOW)).contains("stored");
    assertThat(new TokenChoice(null, null, store, file()).of(SECOND, NOW)).contains("admin-token");
    assertThat(new TokenChoice(null, null, store, file()).of("http://c:3", NOW)).isEmpty();
    assertThat(new TokenChoice(null, null, store, file()).of(FIRST, NOW.plusSeconds(3_600)))
        .contains("admin-token");
  }

  @Test
  void aStoredTokenThatIsRefusedGivesWayToTheFiles() throws IOException {
    var store = new TokenStore(home.resolve("tokens.json"));
    store.put(List.of(FIRST), "alice", "stored", "2026-01-01T01:00:00Z");
    var tokens = new TokenChoice(null, null, store, file());
    tokens.refused("stored");
    assertThat(tokens.of(FIRST, NOW)).contains("admin-token");
  }

  @Test
  void storedTokensAreReadableByTheirOwnerOnly() throws IOException {
    var store = TokenStore.ofUser(Map.of(), home.toString(), "Linux");
    store.put(List.of(FIRST), "alice", "secret", "2026-01-01T01:00:00Z");
    assertThat(store.file()).isEqualTo(home.resolve(".config/batuta/tokens.json"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store.file())))
        .isEqualTo("rw-------");
  }

  private static Optional<ClusterFile> file() {
    return Optional.of(
        new ClusterFile(
            "c",
            "demo",
            "mysql://u:p@127.0.0.1:1/d",
            "admin-token",
            List.of(
                new ClusterFile.Server("server-1", FIRST, Map.of("http", 8080), 1, 2, 0),
                new ClusterFile.Server("server-2", SECOND, Map.of("http", 8180), 3, 4, 0)),
            List.of(new ClusterFile.Worker("W1", "server-2", 0)),
            1,
            NOW.toString()));
  }
}
