package dev.batuta.cli.up;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.http.HttpDoor;
import dev.batuta.node.Logging;
import dev.batuta.node.Node;
import dev.batuta.node.NodeSettings;
import dev.batuta.node.Setting;
import dev.batuta.node.SettingsException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.Security;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** A node as this process: holds its name, runs, and stops gracefully when it is told to. */
public final class NodeProcess {
  private static final long GRACEFUL_SECONDS = 10;
  private static final long START_SECONDS = 120;

  /** Names under which an {@code up} records itself and its database. */
  private static final List<String> RESERVED = List.of("up", "database");

  private NodeProcess() {}

  /** Runs until the process is told to end; returns only by an exception, or when it is. */
  public static int run(
      CommandLine line,
      String name,
      Path data,
      @Nullable Path conf,
      String profile,
      Map<String, String> flags)
      throws IOException, InterruptedException {
    lookNamesUpAnew();
    var settings = settings(name, conf, profile, flags);
    var up = System.getenv(NodeService.UP_VARIABLE);
    if (orphaned(up)) {
      throw Problem.failed("orphan", name + " ends, as the up that started it has ended");
    }
    var folder = new RunFolder(data);
    if (folder.take(name, up != null).isEmpty()) {
      throw alive(folder, name);
    }
    var node = start(settings, name, data, up == null);
    var output = new Output(line.getOut(), line.getErr(), false);
    var code = new AtomicInteger();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stop(node, folder, name, output, code), "stop"));
    node.over()
        .onSuccess(
            why -> {
              output.error(name + " ends: " + why);
              code.set(Problem.REFUSED);
              Thread.startVirtualThread(() -> System.exit(Problem.REFUSED));
            });
    if (up == null) {
      var port = node.ports().get(HttpDoor.PORT);
      var scheme = settings.get(Setting.HTTP_TLS) ? "https" : "http";
      var where = port == null ? "" : "  " + scheme + "://127.0.0.1:" + port;
      output.lines(List.of("ready " + name + where));
    }
    Thread.currentThread().join(); // the hook ends the process
    return 0;
  }

  /** Nodes come and go under one name, and the JVM would give their old addresses for 30 s. */
  private static void lookNamesUpAnew() {
    Security.setProperty("networkaddress.cache.ttl", "2");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
  }

  /** Read before anything is written under the name: it becomes a part of files' names. */
  private static NodeSettings settings(
      String name, @Nullable Path conf, String profile, Map<String, String> flags) {
    if (RESERVED.contains(name)) {
      throw Problem.unsure(
          "bad-setting", "\"%s\" is not free as a name: choose another --name".formatted(name));
    }
    return ProcessSettings.load(profile, conf, flags);
  }

  private static Node start(NodeSettings settings, String name, Path data, boolean terminal)
      throws InterruptedException {
    try {
      Logging.start(name, data.resolve("logs"), terminal);
      return Node.start(settings)
          .toCompletionStage()
          .toCompletableFuture()
          .get(START_SECONDS, TimeUnit.SECONDS);
    } catch (SettingsException e) {
      throw refused(e);
    } catch (ExecutionException e) {
      throw refused(Objects.requireNonNullElse(e.getCause(), e));
    } catch (TimeoutException e) {
      throw Problem.failed(
          "not-started", name + " did not start within " + START_SECONDS + " s: see its log");
    }
  }

  private static Problem refused(Throwable cause) {
    return switch (cause) {
      case SettingsException e -> Problem.unsure("bad-setting", String.valueOf(e.getMessage()));
      case Refused e -> Problem.failed(e.failure().code(), e.failure().message());
      default -> Problem.failed("not-started", sentence(cause));
    };
  }

  private static String sentence(Throwable cause) {
    var bind = cause instanceof java.net.BindException ? cause.getMessage() : null;
    return bind == null
        ? "it did not start: " + cause
        : bind + ": stop who has the port, or choose another by --set http.port=P";
  }

  private static Problem alive(RunFolder folder, String name) throws IOException {
    var pid = folder.living(name).map(e -> " (pid " + e.mark().pid() + ")").orElse("");
    return Problem.failed(
        "name-alive",
        "%s is alive already%s: choose another --name, or stop that one".formatted(name, pid));
  }

  /**
   * Stopping by a signal is what the user wanted: exit code 0, whatever signal said so.
   *
   * @param code of a node that ends by itself
   */
  private static void stop(
      Node node, RunFolder folder, String name, Output output, AtomicInteger code) {
    try {
      node.stop().toCompletionStage().toCompletableFuture().get(GRACEFUL_SECONDS, TimeUnit.SECONDS);
      folder.forget(name);
    } catch (ExecutionException | TimeoutException | IOException e) {
      output.error(name + " did not stop gracefully: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Runtime.getRuntime().halt(code.get());
    }
  }

  /** Whether an `up` started this process and has ended since. */
  static boolean orphaned(@Nullable String up) {
    if (up == null) {
      return false;
    }
    int at = up.indexOf('@');
    return at < 0
        || new ProcessMark(Long.parseLong(up.substring(0, at)), up.substring(at + 1))
            .living()
            .isEmpty();
  }
}
