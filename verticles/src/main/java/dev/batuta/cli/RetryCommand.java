package dev.batuta.cli;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Gives a dead task as many attempts again. The request names the last attempt that was seen, so
 * that it gives no second round when it is repeated after its answer was lost.
 */
@Command(
    name = "retry",
    description = "Has a DEAD task run again, with as many attempts as at first.")
final class RetryCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "ID", description = "As submit printed it")
  String id = "";

  @Override
  int run(Api api, Output output) {
    var path = "/tasks/" + Api.id(id);
    var seen = api.get(path);
    var dead = Output.text(seen, "state").equals("DEAD");
    var after = dead ? "?attempt=" + seen.path("attempt").asInt() : "";
    var task = api.postAgain(path + "/retry" + after);
    output.print(task, List.of(TaskText.line(task)));
    return 0;
  }
}
