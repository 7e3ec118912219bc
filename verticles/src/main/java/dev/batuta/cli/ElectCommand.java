package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import java.util.List;
import picocli.CommandLine.Command;

/** Has the servers elect now. */
@Command(
    name = "elect",
    description = "Holds an election now, and says who won it, under which epoch and why.")
final class ElectCommand extends ClientCommand {
  @Override
  int run(Api api, Output output) {
    var now = api.post("/cluster/election", Output.JSON.createObjectNode()).body();
    output.print(now, List.of(line(now)));
    return 0;
  }

  static String line(JsonNode now) {
    return "%s%s holds the baton in epoch %s%s: %s"
        .formatted(
            text(now, "coordinator"),
            now.path("acting").asBoolean() ? ", acting without the database," : "",
            text(now, "epoch"),
            now.hasNonNull("previous") ? " (before: " + text(now, "previous") + ")" : "",
            text(now, "reason"));
  }
}
