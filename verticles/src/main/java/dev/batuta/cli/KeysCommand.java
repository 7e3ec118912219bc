package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** The keys that sign tokens. */
@Command(
    name = "keys",
    description = "The keys that sign tokens: when each was made and retired. Secrets stay secret.",
    subcommands = KeysCommand.Rotate.class)
final class KeysCommand extends ClientCommand {
  @Override
  int run(Api api, Output output) {
    var keys = api.get("/keys");
    output.print(keys, lines(keys));
    return 0;
  }

  @Command(
      name = "rotate",
      description =
          "Makes a new key, which every node signs by from now on. Tokens that older keys signed are good until they expire.")
  static final class Rotate extends ClientCommand {
    @Override
    int run(Api api, Output output) {
      var keys = api.post("/keys/rotate", Output.JSON.createObjectNode()).body();
      output.print(keys, lines(keys));
      return 0;
    }
  }

  static List<String> lines(JsonNode keys) {
    var rows = new ArrayList<List<String>>();
    for (var key : keys.path("items")) {
      rows.add(
          List.of(
              text(key, "id"),
              text(key, "createdAt"),
              text(key, "retiredAt"),
              text(key, "keptUntil")));
    }
    return Output.table(List.of("KEY", "MADE", "RETIRED", "KEPT UNTIL"), rows);
  }
}
