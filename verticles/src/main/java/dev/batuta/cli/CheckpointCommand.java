package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The state of orchestrators. With {@code --json} one object a line for each server, with all its
 * unfinished tasks, which are written as they are read: one page of 1,000 is in memory at a time.
 */
@Command(
    name = "checkpoint",
    description =
        "Prints the state of each server's orchestrator; with --json all of it, one object a line.")
final class CheckpointCommand extends ClientCommand {
  private static final int SHOWN = 20;

  @Option(names = "--server", paramLabel = "S", description = "Only of this one")
  @Nullable String server;

  @Override
  int run(Api api, Output output) {
    var first = api.postAgain(path(server, null));
    int exit = 0;
    for (var each : first.path("servers")) {
      if (each.hasNonNull("code")) {
        exit = Problem.UNSURE;
      }
      if (output.json()) {
        stream(api, output, (ObjectNode) each);
      } else {
        output.lines(lines(each));
      }
    }
    return exit;
  }

  private static String path(@Nullable String server, @Nullable String after) {
    var query = new ArrayList<String>();
    if (server != null) {
      query.add("server=" + Api.encoded(server));
    }
    if (after != null) {
      query.add("after=" + Api.encoded(after));
    }
    return "/cluster/checkpoint" + (query.isEmpty() ? "" : "?" + String.join("&", query));
  }

  private static void stream(Api api, Output output, ObjectNode page) {
    var tasks = page.remove("unfinished");
    var next = page.remove("next");
    var head = Output.compact(page);
    if (tasks == null) {
      output.lastPart(head);
      return;
    }
    output.part(head.substring(0, head.length() - 1) + ",\"unfinished\":[");
    var separator = "";
    while (true) {
      for (var task : tasks) {
        output.part(separator + Output.compact(task));
        separator = ",";
      }
      if (next == null || next.isNull()) {
        output.lastPart("]}");
        return;
      }
      var more = api.postAgain(path(text(page, "server"), next.asText())).path("servers").path(0);
      tasks = more.path("unfinished");
      next = more.path("next");
    }
  }

  static List<String> lines(JsonNode each) {
    var lines = new ArrayList<String>();
    if (each.hasNonNull("code")) {
      lines.add("%s  does not say: %s".formatted(text(each, "server"), text(each, "detail")));
      return lines;
    }
    lines.add(
        "%s  term %s  %s"
            .formatted(
                text(each, "server"), text(each, "term"), Output.compact(each.path("tasks"))));
    for (var worker : each.path("workers")) {
      lines.add(
          "  worker %s of %s, registration %s, has %s of %s"
              .formatted(
                  text(worker, "id"),
                  text(worker, "home"),
                  text(worker, "registration"),
                  text(worker, "outstanding"),
                  text(worker, "credits")));
    }
    var rows = new ArrayList<List<String>>();
    for (var task : each.path("unfinished")) {
      if (rows.size() < SHOWN) {
        rows.add(
            List.of(
                text(task, "id"),
                text(task, "kind"),
                text(task, "place"),
                text(task, "attempt") + "/" + text(task, "maxAttempts"),
                text(task, "priority"),
                text(task, "due"),
                text(task, "worker")));
      }
    }
    if (!rows.isEmpty()) {
      var head = List.of("TASK", "KIND", "PLACE", "ATTEMPT", "PRIORITY", "DUE", "WORKER");
      Output.table(head, rows).forEach(line -> lines.add("  " + line));
    }
    if (each.path("unfinished").size() > SHOWN || each.hasNonNull("next")) {
      lines.add("  .. --json writes them all");
    }
    return lines;
  }
}
