package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands of {@code chat} that look at whole copies of it. */
final class ChatCopyCommands {
  private static final int PAGE = 1_000;

  private ChatCopyCommands() {}

  /** Says whether the copies are the same. */
  @Command(
      name = "digest",
      description =
          "Prints a digest of all that each server holds, equal where that is the same. Exits 1 when"
              + " two differ, as they may while messages come, and 2 when one does not answer.")
  static final class Digest extends ClientCommand {
    @Override
    int run(Api api, Output output) {
      var given = api.get("/messages/digest");
      var rows = new ArrayList<List<String>>();
      var different = new HashSet<String>();
      boolean silent = false;
      for (var each : given.path("servers")) {
        if (each.hasNonNull("code")) {
          silent = true;
          rows.add(List.of(text(each, "server"), "-", "-", "-", "-", text(each, "detail")));
        } else {
          different.add(text(each, "digest"));
          rows.add(
              List.of(
                  text(each, "server"),
                  text(each, "users"),
                  text(each, "channels"),
                  text(each, "channelMessages"),
                  text(each, "directMessages"),
                  text(each, "digest")));
        }
      }
      var head = List.of("SERVER", "USERS", "CHANNELS", "PUBLISHED", "DIRECT", "DIGEST");
      output.print(given, Output.table(head, rows));
      if (different.size() > 1) {
        return Problem.REFUSED;
      }
      return silent ? Problem.UNSURE : 0;
    }
  }

  /** Writes a whole copy. */
  @Command(
      name = "export",
      description =
          "Writes all ops that a server holds, direct messages too, as one object of JSON a line, in"
              + " the order in which they came there.")
  static final class Export extends ClientCommand {
    @Option(
        names = "--server",
        paramLabel = "S",
        description = "Whose, else that of the first that is ready")
    @Nullable String server;

    @Override
    int run(Api api, Output output) {
      var path = "/messages/export?limit=" + PAGE + "&server=" + Api.encoded(server(api));
      @Nullable String after = null;
      do {
        var page = api.get(path + (after == null ? "" : "&after=" + Api.encoded(after)));
        page.path("items").forEach(op -> output.lines(List.of(Output.compact(op))));
        after = page.hasNonNull("next") ? page.get("next").asText() : null;
      } while (after != null);
      return 0;
    }

    private String server(Api api) {
      if (server != null) {
        return server;
      }
      for (var node : api.get("/cluster").path("nodes")) {
        var roles = new ArrayList<String>();
        node.path("roles").forEach(role -> roles.add(role.asText()));
        if (roles.contains("server") && text(node, "state").equals("ready")) {
          return text(node, "name");
        }
      }
      throw Problem.unsure("no-server", "no server is ready: see ./batuta status");
    }
  }
}
