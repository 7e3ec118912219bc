package dev.batuta.cli;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Reads one task. */
@Command(name = "task", description = "Prints one task.")
final class TaskCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "ID", description = "As submit printed it")
  String id = "";

  @Override
  int run(Api api, Output output) {
    var task = api.get("/tasks/" + Api.id(id));
    output.print(task, TaskText.details(task));
    return 0;
  }
}
