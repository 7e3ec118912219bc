package dev.batuta.cli;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.up.Leftovers;
import dev.batuta.cli.up.RunFolder;
import dev.batuta.cli.up.Supervisor;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Stops what an `up` started. */
@Command(name = "down", description = "Stops the cluster that an `up` on this data folder runs.")
public final class DownCommand implements Callable<Integer> {
  private static final Duration GRACEFUL = Duration.ofSeconds(75);

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    var target = ((Main) spec.root().userObject()).target;
    PrintWriter err = spec.commandLine().getErr();
    var output = new Output(spec.commandLine().getOut(), err, target.json);
    var data = target.data();
    var folder = new RunFolder(data);
    var up = folder.living(RunFolder.UP);
    up.flatMap(entry -> entry.mark().living())
        .ifPresent(process -> Supervisor.end(List.of(process), GRACEFUL));
    int left = Leftovers.end(folder, output::remark);
    boolean any = up.isPresent() || left > 0;
    output.print(
        Output.JSON.createObjectNode().put("stopped", any).put("data", data.toString()),
        List.of(any ? "stopped " + data : "nothing runs on " + data));
    return 0;
  }
}
