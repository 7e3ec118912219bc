package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.DatabaseAddress;
import dev.batuta.database.TestDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server as it runs in a container: the first process of its own space of process ids, to which
 * the kernel hands no signal that it does not handle itself, and told all by the environment.
 */
class FirstProcessTest {
  /** Docker kills after ten seconds. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final DatabaseAddress database = TestDatabase.schema();
  private final List<Process> started = new ArrayList<>();

  @TempDir Path folder = Path.of(".");

  @BeforeEach
  void checkNamespaces() throws IOException, InterruptedException {
    Process trial = new ProcessBuilder("unshare", "--pid", "--fork", "true").start();
    Assumptions.assumeTrue(trial.waitFor() == 0, "no namespaces of process ids here");
  }

  @AfterEach
  void endAll() {
    started.forEach(
        process -> {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        });
  }

  @Test
  void itDrainsWhenItIsToldToEndAndComesBackUnderItsName() throws Exception {
    Map<String, String> environment = environment();

    for (int run = 1; run <= 2; run++) {
      Process server = start(environment);
      awaitHealthy(environment, server);
      assertThat(first(server).info().command().orElse("")).endsWith("/java");

      first(server).destroy();

      assertThat(server.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS)).as("it ended").isTrue();
      assertThat(server.exitValue()).isZero();
      assertThat(Files.readString(printed()))
          .contains("ready server-1")
          .doesNotContain("did not stop gracefully");
    }
  }

  @Test
  void whatItsEnvironmentGetsWrongIsNamedAndEndsIt() throws Exception {
    Map<String, String> environment = new java.util.HashMap<>(environment());
    environment.put("BATUTA_DATABASE_PASSWORD_FILE", "/nowhere/password");

    Process server = start(environment);

    assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).isEqualTo(2);
    assertThat(Files.readString(printed()))
        .contains("BATUTA_DATABASE_PASSWORD_FILE is \"/nowhere/password\"");
  }

  private Map<String, String> environment() throws IOException {
    return Map.of(
        "BATUTA_NODE_NAME", "server-1",
        "BATUTA_NODE_ROLES", "server,gateway",
        "BATUTA_CLUSTER_NAME", "first-" + UUID.randomUUID(),
        "BATUTA_CLUSTER_SERVERS", "server-1",
        "BATUTA_DATABASE_URL", database.url(),
        "BATUTA_HTTP_HOST", "0.0.0.0",
        "BATUTA_HTTP_PORT", Integer.toString(freePort()));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private Process start(Map<String, String> environment) throws IOException {
    ProcessBuilder node = RealCluster.launcher(folder, List.of("node"));
    List<String> command =
        new ArrayList<>(List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child"));
    command.addAll(node.command());
    node.command(command).redirectErrorStream(true).redirectOutput(printed().toFile());
    node.environment().putAll(environment);
    Process process = node.start();
    started.add(process);
    return process;
  }

  private Path printed() {
    return folder.resolve("printed");
  }

  /** By the command that a container's own health check runs. */
  private void awaitHealthy(Map<String, String> environment, Process server) {
    Awaitility.await("it is ready")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .failFast(() -> !server.isAlive())
        .until(
            () -> {
              ProcessBuilder health = RealCluster.launcher(folder, List.of("health"));
              health.environment().putAll(environment);
              return health
                      .redirectErrorStream(true)
                      .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                      .start()
                      .waitFor()
                  == 0;
            });
  }

  /** The process that is number 1 in its space. */
  private static ProcessHandle first(Process unshare) {
    return unshare.children().findFirst().orElseThrow();
  }
}
