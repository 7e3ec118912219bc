package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Where clients come in, and what went through. */
@Command(
    name = "doors",
    description =
        "Each port of each node's doors: address, protocol, connections, messages and refusals by reason.")
final class DoorsCommand extends ClientCommand {
  @Override
  int run(Api api, Output output) {
    var doors = api.get("/doors");
    output.print(doors, lines(doors));
    return 0;
  }

  static List<String> lines(JsonNode doors) {
    var rows = new ArrayList<List<String>>();
    for (var door : doors.path("items")) {
      rows.add(
          List.of(
              text(door, "node"),
              text(door, "name"),
              text(door, "address"),
              text(door, "protocol"),
              text(door, "connections"),
              text(door, "received"),
              text(door, "sent"),
              refused(door.path("refused"))));
    }
    var lines =
        new ArrayList<>(
            Output.table(
                List.of("NODE", "DOOR", "ADDRESS", "PROTOCOL", "OPEN", "IN", "OUT", "REFUSED"),
                rows));
    for (var node : doors.path("silent")) {
      lines.add(node.asText() + " did not answer");
    }
    return lines;
  }

  private static String refused(JsonNode reasons) {
    var parts = new ArrayList<String>();
    reasons
        .properties()
        .forEach(reason -> parts.add(reason.getKey() + " " + reason.getValue().asText()));
    return parts.isEmpty() ? "-" : String.join(", ", parts);
  }
}
