package dev.batuta.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.Trust;
import dev.batuta.cli.up.SupervisedProcess.Tier;
import dev.batuta.database.DatabaseAddress;
import dev.batuta.gateway.http.HttpSettings;
import dev.batuta.node.ClusterFile;
import dev.batuta.node.NodeSettings;
import dev.batuta.node.Preparation;
import dev.batuta.node.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The steps by which a cluster on this machine starts, and the file that says where it is. */
public final class Up {
  /** From the latest start of a process to all being ready. */
  private static final Duration READY = Duration.ofMinutes(3);

  private static final Duration POLL = Duration.ofMillis(100);

  /** What the user asked for. */
  public record Wishes(
      int servers,
      int workersEach,
      int httpPort,
      @Nullable String database,
      String profile,
      boolean restart) {}

  private final Wishes wishes;
  private final Path data;
  private final RunFolder folder;
  private final Output output;
  private final Supervisor supervisor;
  private final NodeSettings settings;
  private final HttpClient http;
  private @Nullable ClusterFile file;

  public Up(Wishes wishes, Path data, RunFolder folder, Output output) {
    this.wishes = wishes;
    this.data = data;
    this.folder = folder;
    this.output = output;
    this.settings = ProcessSettings.load(wishes.profile(), null, Map.of());
    this.http = client(ProcessSettings.doors(settings).http());
    this.supervisor = new Supervisor(folder, wishes.restart(), output::remark, this::started);
  }

  private static HttpClient client(HttpSettings served) {
    var client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2));
    served.tls().ifPresent(tls -> client.sslContext(Trust.also(tls.certificate())));
    return client.build();
  }

  /** Starts all, and returns when all are ready. */
  public void start() throws IOException, InterruptedException {
    var before = ClusterFile.read(data);
    Leftovers.end(folder, output::remark);
    var ports = new Ports();
    var plan =
        ClusterPlan.of(
            data,
            wishes.servers(),
            wishes.workersEach(),
            wishes.httpPort(),
            settings,
            ports,
            before);
    step("data", data.toString());
    step("logs", data.resolve("logs").toString());
    var database = database(ports, before);
    var names = plan.servers().stream().map(ClusterFile.Server::name).toList();
    var token =
        UpDatabase.prepare(
            database,
            new Preparation(
                names, wishes.profile().equals("demo"), settings.get(Setting.ADMIN_PASSWORD)));
    var cluster =
        new ClusterFile(
            plan.cluster(),
            wishes.profile(),
            database.url(),
            token,
            plan.servers(),
            plan.workers(),
            ProcessHandle.current().pid(),
            Instant.now().toString());
    cluster.write(data);
    synchronized (this) {
      file = cluster;
    }
    for (var server : plan.servers()) {
      node(server.name(), Tier.SERVER, server.url(), NodeService.command(server.name()));
    }
    for (var worker : plan.workers()) {
      node(
          worker.name(),
          Tier.WORKER,
          "worker of " + worker.home(),
          List.of("worker", "--name", worker.name(), "--home", worker.home()));
    }
    awaitReady(plan, token);
    supervisor.allReady();
    var url = plan.servers().getFirst().url();
    get(url + "/api/v1/cluster", token).ifPresent(this::doors);
    output.print(
        Output.JSON.createObjectNode().put("step", "ready").put("url", url),
        List.of("ready " + url));
  }

  public void stop() {
    supervisor.startNothing();
    if (supervisor.wereReady()) {
      pidOfAServer()
          .ifPresent(pid -> ClassArchive.write(pid, NodeService.folder(data), output::remark));
    }
    supervisor.stop();
  }

  private synchronized Optional<Long> pidOfAServer() {
    return file == null
        ? Optional.empty()
        : file.servers().stream().map(ClusterFile.Server::pid).filter(pid -> pid > 0).findFirst();
  }

  private DatabaseAddress database(Ports ports, Optional<ClusterFile> before) throws IOException {
    if (wishes.database() != null) {
      var parsed = DatabaseAddress.parse(wishes.database());
      var password = settings.get(Setting.DATABASE_PASSWORD);
      var address = password.isEmpty() ? parsed : parsed.withPassword(password);
      step(UpDatabase.NAME, address.toString());
      return address;
    }
    var embedded = new UpDatabase(data, ports.any(before.map(Up::databasePort).orElse(0)));
    started(embedded.name(), supervisor.start(embedded), embedded.described());
    return embedded.address();
  }

  /** The port of the last time, if the database was on this machine. */
  private static int databasePort(ClusterFile before) {
    var address = DatabaseAddress.parse(before.database());
    return address.host().equals("127.0.0.1") ? address.port() : 0;
  }

  private void node(String name, Tier tier, String described, List<String> command)
      throws IOException {
    var service = new NodeService(name, tier, described, command, data);
    started(name, supervisor.start(service), described);
  }

  private void step(String name, String what) {
    output.print(
        Output.JSON.createObjectNode().put("step", name).put("value", what),
        List.of("%-10s %s".formatted(name, what)));
  }

  /** Says which ports each node has opened. */
  private void doors(JsonNode cluster) {
    for (var node : cluster.path("nodes")) {
      var ports = new ArrayList<String>();
      node.path("ports")
          .properties()
          .forEach(port -> ports.add(port.getKey() + " " + port.getValue().asText()));
      if (!ports.isEmpty()) {
        var name = node.path("name").asText();
        output.print(
            Output.JSON
                .createObjectNode()
                .put("step", "doors")
                .put("name", name)
                .set("ports", node.path("ports")),
            List.of("%-10s %s: %s".formatted("doors", name, String.join(", ", ports))));
      }
    }
  }

  private void started(String name, long pid, String described) {
    output.print(
        Output.JSON.createObjectNode().put("step", name).put("pid", pid).put("address", described),
        List.of("%-10s pid %-7d %s".formatted(name, pid, described)));
  }

  /** Writes the new pid of a process, 0 for none, into the cluster's file. */
  private synchronized void started(SupervisedProcess service, long pid) {
    var old = file;
    if (old == null) {
      return;
    }
    var name = service.name();
    file =
        new ClusterFile(
            old.cluster(),
            old.profile(),
            old.database(),
            old.adminToken(),
            old.servers().stream().map(s -> s.name().equals(name) ? withPid(s, pid) : s).toList(),
            old.workers().stream()
                .map(w -> w.name().equals(name) ? new ClusterFile.Worker(name, w.home(), pid) : w)
                .toList(),
            old.pid(),
            old.startedAt());
    try {
      file.write(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ClusterFile.Server withPid(ClusterFile.Server s, long pid) {
    return new ClusterFile.Server(s.name(), s.url(), s.ports(), s.clusterPort(), s.busPort(), pid);
  }

  private void awaitReady(ClusterPlan plan, String token) {
    long end = System.nanoTime() + READY.toNanos();
    int tries = supervisor.tries();
    var missing = new ArrayList<String>();
    do {
      if (supervisor.tries() > tries) {
        tries = supervisor.tries();
        end = System.nanoTime() + READY.toNanos();
      }
      var fallen = supervisor.fallen();
      if (fallen.isPresent()) {
        throw fell(fallen.get());
      }
      Api.pause(POLL);
      missing.clear();
      for (var server : plan.servers()) {
        if (get(server.url() + "/health/ready", token).isEmpty()) {
          missing.add(server.name());
        }
      }
      if (missing.isEmpty()) {
        var registered = registered(plan.servers().getFirst().url(), token);
        plan.workers().stream()
            .map(ClusterFile.Worker::name)
            .filter(name -> !registered.contains(name))
            .forEach(missing::add);
      }
      if (System.nanoTime() > end) {
        throw Problem.failed(
            "not-ready",
            "not ready after %d s: %s; see %s"
                .formatted(READY.toSeconds(), String.join(", ", missing), data.resolve("logs")));
      }
    } while (!missing.isEmpty());
  }

  private Set<String> registered(String url, String token) {
    var names = new HashSet<String>();
    get(url + "/api/v1/cluster", token)
        .ifPresent(
            cluster ->
                cluster.path("workers").forEach(worker -> names.add(worker.path("id").asText())));
    return names;
  }

  /** What a server answers with status 200, empty for anything else. */
  private Optional<JsonNode> get(String url, String token) {
    var request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(3))
            .header("Authorization", "Bearer " + token)
            .build();
    try {
      var response = http.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200 ? Output.parsed(response.body()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unsure("interrupted", "interrupted while the cluster was starting");
    }
  }

  private static Problem fell(SupervisedProcess service) {
    return Problem.failed("did-not-start", service.name() + " ended while it was starting")
        .saying(LastWords.of(service));
  }
}
