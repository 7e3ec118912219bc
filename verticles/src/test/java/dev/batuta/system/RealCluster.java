package dev.batuta.system;

import dev.batuta.database.DatabaseAddress;
import dev.batuta.node.ClusterFile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A cluster that {@code ./batuta up} runs on data of its own and free ports. */
final class RealCluster implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(4);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  static final Path HOME = home();
  private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(ANSWER).build();

  private final Path data;
  private final Process up;
  private final List<String> printed;
  private final String url;

  /** What a command printed, and how it ended. */
  record Result(int exit, String out, String err) {
    JsonObject json() {
      return new JsonObject(out);
    }
  }

  private RealCluster(Path data, Process up, List<String> printed, String url) {
    this.data = data;
    this.printed = printed;
    this.up = up;
    this.url = url;
  }

  /** Starts one, and waits for its last line, {@code ready URL}. */
  static RealCluster up(Path data, String... options) {
    List<String> command = new ArrayList<>(List.of("up", "--http-port", "0"));
    command.addAll(List.of(options));
    try {
      Process process = launcher(data, command).redirectErrorStream(true).start();
      CompletableFuture<String> ready = new CompletableFuture<>();
      List<String> printed = new CopyOnWriteArrayList<>();
      Thread.ofVirtual().start(() -> follow(process, printed, ready));
      String url = ready.get(START.toSeconds(), TimeUnit.SECONDS);
      return new RealCluster(data, process, printed, url);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new AssertionError("up did not get ready", e);
    }
  }

  private static void follow(
      Process process, List<String> printed, CompletableFuture<String> ready) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        printed.add(line);
        if (line.startsWith("ready ")) {
          ready.complete(line.substring("ready ".length()).strip());
        }
      }
    } catch (IOException e) {
      printed.add(e.toString());
    }
    ready.completeExceptionally(new AssertionError("up ended:\n" + String.join("\n", printed)));
  }

  String url() {
    return url;
  }

  /** Runs a command of the command line against this cluster. */
  Result batuta(String... arguments) {
    try {
      Process process = launcher(data, List.of(arguments)).start();
      CompletableFuture<String> err =
          CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
      String out = text(process.getInputStream());
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", arguments) + " did not end");
      }
      return new Result(process.exitValue(), out, err.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Starts a command that runs until it is stopped. */
  Process start(String... arguments) {
    try {
      return launcher(data, List.of(arguments))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code status --json}. */
  JsonObject status() {
    Result result = batuta("status", "--json");
    if (result.exit() != 0) {
      throw new AssertionError("status: " + result.err());
    }
    return result.json();
  }

  /** What {@code status --json} prints, of the first server that answers; without a process. */
  JsonObject seen() throws IOException {
    @Nullable IOException away = null;
    for (ClusterFile.Server server : ClusterFile.read(data).orElseThrow().servers()) {
      try {
        HttpResponse<String> answer =
            HTTP.send(
                HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/cluster"))
                    .timeout(ANSWER)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200) {
          return new JsonObject(answer.body());
        }
      } catch (IOException e) {
        away = e;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    throw new IOException("no server says who is there", away);
  }

  /** Waits until somebody answers and shows what is wanted. */
  JsonObject awaitStatus(String wanted, Predicate<JsonObject> condition) {
    JsonObject[] last = new JsonObject[1];
    Awaitility.await(wanted)
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(
            () -> {
              last[0] = seen();
              return condition.test(last[0]);
            });
    return Objects.requireNonNull(last[0]);
  }

  /** The process of a node, as it is seen now. */
  ProcessHandle process(String node) {
    try {
      return process(seen(), node);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessHandle process(JsonObject seen, String node) {
    return nodes(seen).stream()
        .filter(each -> each.getString("name").equals(node))
        .flatMap(each -> ProcessHandle.of(each.getLong("pid")).stream())
        .findFirst()
        .orElseThrow(() -> new AssertionError(node + " does not run: " + seen));
  }

  /** Kills a node as {@code kill -9} does, and waits until it is back under another pid. */
  void killAndAwaitReturn(String node) {
    long before = process(node).pid();
    process(node).destroyForcibly();
    awaitStatus(
        node + " is back",
        status ->
            nodes(status).stream()
                .anyMatch(
                    n ->
                        n.getString("name").equals(node)
                            && n.getLong("pid") != before
                            && n.getString("state").equals("ready")));
  }

  /** The nodes of a status. */
  static List<JsonObject> nodes(JsonObject status) {
    JsonArray nodes = status.getJsonArray("nodes");
    return nodes.stream().map(JsonObject.class::cast).toList();
  }

  /** Those nodes of a status that are ready. */
  static List<JsonObject> ready(JsonObject status) {
    return nodes(status).stream().filter(node -> node.getString("state").equals("ready")).toList();
  }

  /** The process of a node, once that is ready. */
  ProcessHandle awaitReady(String node) {
    return process(
        awaitStatus(
            node + " is ready",
            now -> ready(now).stream().anyMatch(each -> each.getString("name").equals(node))),
        node);
  }

  /** The URLs of all servers, by name. */
  Map<String, String> urls() {
    return nodes(status()).stream()
        .filter(n -> n.getJsonArray("roles").contains("server"))
        .collect(Collectors.toMap(n -> n.getString("name"), n -> n.getString("url")));
  }

  /** The process of the database, as {@code up} recorded it; empty while there is none. */
  Optional<ProcessHandle> database() {
    return recorded(data.resolve("run/database.json"));
  }

  /**
   * Kills everything of this cluster at one moment, as a power cut does: {@code up}, all nodes and
   * the database. Another one may then be started on the same data.
   */
  void killEverything() {
    up.destroyForcibly();
    List<ProcessHandle> all;
    try (Stream<Path> records = Files.list(data.resolve("run"))) {
      all =
          records
              .filter(file -> file.toString().endsWith(".json"))
              .flatMap(file -> recorded(file).stream())
              .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    all.forEach(ProcessHandle::destroyForcibly);
    Awaitility.await("nothing runs any more")
        .atMost(Duration.ofSeconds(30))
        .until(() -> !up.isAlive() && all.stream().noneMatch(ProcessHandle::isAlive));
  }

  private static Optional<ProcessHandle> recorded(Path file) {
    try {
      return ProcessHandle.of(new JsonObject(Files.readString(file)).getLong("pid"));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the database is. */
  DatabaseAddress databaseAddress() {
    try {
      return DatabaseAddress.parse(ClusterFile.read(data).orElseThrow().database());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the servers logged under a message since an instant. */
  List<JsonObject> logged(String message, Instant since) {
    return logged(List.of("server-1", "server-2", "server-3"), message, since);
  }

  /** What these nodes logged under a message since an instant. */
  List<JsonObject> logged(Collection<String> nodes, String message, Instant since) {
    List<JsonObject> found = new ArrayList<>();
    for (String node : nodes) {
      try (Stream<String> lines = Files.lines(data.resolve("logs/" + node + ".log"))) {
        lines
            .filter(line -> line.contains(message))
            .map(JsonObject::new)
            .filter(line -> line.getString("message").equals(message))
            .filter(line -> Instant.parse(line.getString("at")).isAfter(since))
            .forEach(found::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  /** The URLs of all servers. */
  List<String> serverUrls() {
    return nodes(status()).stream()
        .filter(n -> n.getJsonArray("roles").contains("server"))
        .map(n -> n.getString("url"))
        .toList();
  }

  /** Stops it as Ctrl-C does. */
  @Override
  public void close() {
    up.destroy();
    try {
      if (!up.waitFor(60, TimeUnit.SECONDS)) {
        up.destroyForcibly();
        throw new AssertionError("up did not stop:\n" + String.join("\n", printed));
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A command of the command line on a data folder, by the build under test. */
  static ProcessBuilder launcher(Path data, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(HOME.resolve("batuta").toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("BATUTA_DATA", data.toString());
    builder.environment().put("BATUTA_APP", app());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("BATUTA_URL");
    builder.environment().remove("BATUTA_TOKEN");
    return builder;
  }

  /** The build that {@code ./batuta test} made before Maven started. */
  private static String app() {
    Path stamp = HOME.resolve("target/app/stamp");
    try {
      return HOME.resolve("target/app").resolve(Files.readString(stamp).strip()).toString();
    } catch (IOException e) {
      throw new AssertionError("Nothing is built: run the tests by ./batuta test", e);
    }
  }

  private static Path home() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("batuta"))
        ? here
        : Objects.requireNonNull(here.getParent(), "the project's root");
  }

  private static String text(java.io.InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
