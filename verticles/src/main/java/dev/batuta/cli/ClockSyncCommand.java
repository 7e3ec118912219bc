package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Has the coordinator hold a Berkeley round now. */
@Command(
    name = "clock-sync",
    description = "Holds a Berkeley round now, and says what it found of each server's clock.")
final class ClockSyncCommand extends ClientCommand {
  @Override
  int run(Api api, Output output) {
    var round = api.post("/cluster/clock-sync", Output.JSON.createObjectNode()).body();
    output.print(round, lines(round));
    return 0;
  }

  static List<String> lines(JsonNode round) {
    var lines = new ArrayList<String>();
    lines.add(
        "round %s, held by %s at %s"
            .formatted(text(round, "round"), text(round, "coordinator"), text(round, "at")));
    lines.add("");
    var servers = new ArrayList<List<String>>();
    for (var server : round.path("servers")) {
      servers.add(
          List.of(
              text(server, "name"),
              millis("%+.3f ms", server.path("offsetMillis")),
              millis("%.3f ms", server.path("roundTripMillis")),
              server.path("counted").asBoolean() ? "yes" : "no",
              text(server, "clock")));
    }
    lines.addAll(
        Output.table(List.of("SERVER", "OFFSET", "ROUND TRIP", "COUNTED", "CLOCK"), servers));
    return lines;
  }

  private static String millis(String format, JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, format, value.asDouble()) : "-";
  }
}
