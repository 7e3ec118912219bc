package dev.batuta.cli;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Cancels one task. */
@Command(name = "cancel", description = "Cancels a task that has not ended; again it is the same.")
final class CancelCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "ID", description = "As submit printed it")
  String id = "";

  @Override
  int run(Api api, Output output) {
    var task = api.postAgain("/tasks/" + Api.id(id) + "/cancel");
    output.print(task, List.of(TaskText.line(task)));
    return 0;
  }
}
