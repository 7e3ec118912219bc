package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What runs. */
@Command(name = "status", description = "Every process, the coordinator, workers and tasks.")
final class StatusCommand extends ClientCommand {
  private static final Duration EACH = Duration.ofSeconds(1);

  @Option(names = "--watch", description = "Again each second, until Ctrl-C")
  boolean watch;

  @Override
  int run(Api api, Output output) {
    while (true) {
      var cluster = api.get("/cluster");
      if (watch) {
        output.clear();
      }
      output.print(cluster, lines(cluster));
      if (!watch) {
        return 0;
      }
      Api.pause(EACH);
    }
  }

  static List<String> lines(JsonNode cluster) {
    var lines = new ArrayList<String>();
    lines.add(coordinator(cluster));
    lines.add("");
    var nodes = new ArrayList<List<String>>();
    for (var node : cluster.path("nodes")) {
      nodes.add(
          List.of(
              text(node, "name"),
              text(node, "state"),
              roles(node.path("roles")),
              text(node, "rank"),
              text(node, "clock"),
              text(node, "offsetMillis"),
              load(node.path("load")),
              text(node, "pid"),
              text(node, "url")));
    }
    lines.addAll(
        Output.table(
            List.of("NODE", "STATE", "ROLES", "RANK", "CLOCK", "OFFSET", "LOAD", "PID", "URL"),
            nodes));
    lines.add("");
    var workers = new ArrayList<List<String>>();
    for (var worker : cluster.path("workers")) {
      workers.add(
          List.of(
              text(worker, "id"),
              text(worker, "home"),
              text(worker, "master"),
              borrowed(worker),
              worker.path("foreign").asBoolean() ? "foreign" : "",
              text(worker, "outstanding")));
    }
    lines.addAll(
        Output.table(
            List.of("WORKER", "HOME", "MASTER", "BORROWED", "KIND", "OUTSTANDING"), workers));
    lines.add("");
    lines.add("tasks  " + counts(cluster.path("tasks")));
    return lines;
  }

  private static String coordinator(JsonNode cluster) {
    if (cluster.hasNonNull("coordinator")) {
      return "coordinator %s, epoch %s%s"
          .formatted(
              text(cluster, "coordinator"),
              text(cluster, "epoch"),
              cluster.path("acting").asBoolean()
                  ? ", acting without the database: clock rounds and sync only"
                  : "");
    }
    var reason = cluster.path("reason").asText();
    return "coordinator none%s, last epoch %s"
        .formatted(reason.isEmpty() ? "" : ", because " + reason, text(cluster, "epoch"));
  }

  private static String borrowed(JsonNode worker) {
    var home = worker.path("home").asText();
    return home.isEmpty() || home.equals(worker.path("master").asText()) ? "-" : "yes";
  }

  static String counts(JsonNode states) {
    var parts = new ArrayList<String>();
    states
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().asLong() > 0) {
                parts.add(entry.getKey() + " " + entry.getValue().asLong());
              }
            });
    return parts.isEmpty() ? "none" : String.join(", ", parts);
  }

  private static String roles(JsonNode roles) {
    var names = new ArrayList<String>();
    roles.forEach(role -> names.add(role.asText()));
    return names.isEmpty() ? "-" : String.join(",", names);
  }

  private static String load(JsonNode load) {
    if (!load.isObject()) {
      return load.isMissingNode() || load.isNull() ? "-" : load.asText();
    }
    var parts = new ArrayList<String>();
    load.properties().forEach(entry -> parts.add(entry.getKey() + "=" + entry.getValue().asText()));
    return parts.isEmpty() ? "-" : String.join(",", parts);
  }
}
