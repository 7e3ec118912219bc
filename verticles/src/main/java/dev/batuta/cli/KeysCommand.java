package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.gateway.zeromq.CurveKey;
import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The keys that sign tokens. */
@Command(
    name = "keys",
    description = "The keys that sign tokens: when each was made and retired. Secrets stay secret.",
    subcommands = {KeysCommand.Rotate.class, KeysCommand.Curve.class})
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

  @Command(
      name = "curve",
      description =
          "Makes a key by which the doors of ZeroMQ encrypt: its secret half in a file that only its owner may read, for tls.curve-key; prints the public half, which clients need.")
  static final class Curve implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "A new file; the other servers need a copy")
    Path file = Path.of("");

    @Override
    public Integer call() throws IOException {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw Problem.failed(
            "io", file + " is there already: give another name, or delete it if nobody needs it");
      }
      var key = CurveKey.random();
      ClusterFile.writeOwnerOnly(file, key.secret());
      var line = spec.commandLine();
      var json = ((Main) spec.root().userObject()).target.json;
      new Output(line.getOut(), line.getErr(), json)
          .print(
              Output.JSON
                  .createObjectNode()
                  .put("file", file.toString())
                  .put("publicKey", key.publicKey()),
              List.of(key.publicKey()));
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
