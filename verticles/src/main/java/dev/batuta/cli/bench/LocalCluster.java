package dev.batuta.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.Target;
import dev.batuta.cli.up.RunFolder;
import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The servers of a cluster that an {@code up} runs on this machine, as processes too. */
final class LocalCluster {
  private static final Duration POLL = Duration.ofMillis(250);

  private final ClusterFile file;
  private final RunFolder run;
  private final Api api;
  private final Target target;
  private @Nullable String usual;

  private LocalCluster(ClusterFile file, RunFolder run, Api api, Target target) {
    this.file = file;
    this.run = run;
    this.api = api;
    this.target = target;
  }

  /** Who coordinates when nothing is wrong, in which epoch, and as which process. */
  record Calm(String coordinator, long epoch, ProcessHandle process) {}

  /**
   * The cluster of the data folder.
   *
   * @param why what needs it, for the refusal: "bench failover kills servers"
   * @param consent whether it may be another than a demonstration cluster
   */
  static LocalCluster of(Target target, String why, boolean consent) throws IOException {
    Path data = target.data();
    var file =
        target
            .clusterFile()
            .orElseThrow(
                () ->
                    Problem.failed(
                        "not-here",
                        "%s, so the cluster must run on this machine, and %s is not there: name the data folder of its up by --data"
                            .formatted(why, ClusterFile.in(data))));
    var known = file.servers().stream().map(ClusterFile.Server::url).toList();
    var api = target.api();
    for (var url : api.servers()) {
      if (!known.contains(url)) {
        throw Problem.failed(
            "not-here",
            "%s, and %s is no server of the cluster of %s: leave --url and BATUTA_URL out, or name its data folder by --data"
                .formatted(why, url, data));
      }
    }
    var run = new RunFolder(data);
    if (run.living(RunFolder.UP).filter(up -> up.mark().pid() == file.pid()).isEmpty()) {
      throw Problem.failed(
          "not-running",
          "%s, and no up runs the cluster of %s, which would start them again: run ./batuta up"
              .formatted(why, data));
    }
    if (!consent && !file.profile().equals("demo")) {
      throw Problem.failed(
          "not-demo",
          "%s, and this cluster runs the profile %s: say --force if you mean it"
              .formatted(why, file.profile()));
    }
    if (known.size() < 2) {
      throw Problem.failed(
          "one-server",
          why + ", and one server alone has nobody to take over: run ./batuta up --servers 3");
    }
    return new LocalCluster(file, run, api, target);
  }

  /** Servers, by name. */
  List<ClusterFile.Server> servers() {
    return file.servers();
  }

  /** A cluster's interface by one of its servers only. */
  Api api(ClusterFile.Server server) {
    return target.api(List.of(server.url()));
  }

  /**
   * Waits until all servers are ready, the usual one coordinates, and nothing has changed for some
   * time.
   *
   * @param quiet for how long nothing must have changed
   * @param report is told what is waited for, each thing once
   */
  Calm awaitCalm(Duration quiet, Duration patience, Consumer<String> report) {
    long end = System.nanoTime() + patience.toNanos();
    long since = System.nanoTime();
    String state = "";
    String missing = "";
    while (System.nanoTime() < end) {
      var status = status();
      var found = status.map(this::missing).orElse("no server answers");
      if (!found.equals(missing) && !found.isEmpty()) {
        report.accept("waiting: " + found);
      }
      missing = found;
      var now =
          status.map(s -> s.path("coordinator").asText() + s.path("epoch").asText()).orElse("");
      if (!missing.isEmpty() || !now.equals(state)) {
        state = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > quiet.toNanos()) {
        return calm(status.orElseThrow());
      }
      Api.pause(POLL);
    }
    throw Problem.failed(
        "not-calm",
        "the cluster did not become calm within %d s: %s; see ./batuta status and the logs"
            .formatted(
                patience.toSeconds(),
                missing.isEmpty() ? "it keeps changing its coordinator" : missing));
  }

  private Optional<JsonNode> status() {
    try {
      return Optional.of(api.get("/cluster"));
    } catch (Problem away) {
      if (away.status() == 0 || away.status() >= 500) {
        return Optional.empty();
      }
      throw away;
    }
  }

  /** What a calm cluster lacks, empty if nothing. */
  private String missing(JsonNode status) {
    if (!status.path("cluster").asText().equals(file.cluster())) {
      throw Problem.failed(
          "not-here",
          "the servers answer as cluster %s, not as %s of this data folder"
              .formatted(status.path("cluster").asText(), file.cluster()));
    }
    for (var server : file.servers()) {
      var state = node(status, server.name()).map(n -> n.path("state").asText()).orElse("away");
      if (!state.equals("ready")) {
        return server.name() + " is " + state;
      }
    }
    if (!status.hasNonNull("coordinator")) {
      return "there is no coordinator";
    }
    var holder = status.path("coordinator").asText();
    if (status.path("acting").asBoolean()) {
      return holder + " is acting without the database";
    }
    if (usual != null && !usual.equals(holder)) {
      return usual + " is to take the baton back from " + holder;
    }
    return "";
  }

  private Calm calm(JsonNode status) {
    var holder = status.path("coordinator").asText();
    usual = holder;
    long pid = node(status, holder).map(n -> n.path("pid").asLong()).orElse(0L);
    return new Calm(holder, status.path("epoch").asLong(), process(holder, pid));
  }

  /** The process of a server, by what up recorded of it and by its own heartbeat. */
  private ProcessHandle process(String server, long pid) {
    try {
      var recorded = run.living(server);
      return recorded
          .filter(entry -> entry.supervised() && entry.mark().pid() == pid)
          .flatMap(entry -> entry.mark().living())
          .orElseThrow(
              () ->
                  Problem.failed(
                      "not-ours",
                      "%s says that it is process %d, but up has recorded %s: nothing was done to it"
                          .formatted(
                              server,
                              pid,
                              recorded.map(e -> "process " + e.mark().pid()).orElse("none"))));
    } catch (IOException e) {
      throw Problem.failed("io", "the record of " + server + " cannot be read: " + e.getMessage());
    }
  }

  private static Optional<JsonNode> node(JsonNode status, String name) {
    return StreamSupport.stream(status.path("nodes").spliterator(), false)
        .filter(node -> node.path("name").asText().equals(name))
        .findFirst();
  }
}
