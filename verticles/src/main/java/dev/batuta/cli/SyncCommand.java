package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Has the copies of the messages compared now. */
@Command(
    name = "sync",
    description =
        "Has each server compare its copy of the messages with the coordinator's now, and move what"
            + " either lacks. Exits 2 when one did not.")
final class SyncCommand extends ClientCommand {
  @Override
  int run(Api api, Output output) {
    var synced = api.postAgain("/cluster/sync");
    var rows = new ArrayList<List<String>>();
    int exit = 0;
    for (var each : synced.path("servers")) {
      if (each.hasNonNull("code")) {
        exit = Problem.UNSURE;
        rows.add(List.of(text(each, "server"), "-", text(each, "detail")));
      } else {
        rows.add(List.of(text(each, "server"), text(each, "with"), text(each, "moved")));
      }
    }
    output.print(synced, Output.table(List.of("SERVER", "WITH", "OPS MOVED"), rows));
    return exit;
  }
}
