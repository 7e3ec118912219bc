package dev.batuta.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Stops what an `up` started. */
@Command(name = "down", description = "Stops the cluster that an `up` on this data folder runs.")
final class DownCommand implements Callable<Integer> {
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
    int left = endLeftovers(folder, output::remark);
    boolean any = up.isPresent() || left > 0;
    output.print(
        Output.JSON.createObjectNode().put("stopped", any).put("data", data.toString()),
        List.of(any ? "stopped " + data : "nothing runs on " + data));
    return 0;
  }

  /**
   * Ends what a killed `up` left: by pid and start time, the database last; how many there were.
   */
  static int endLeftovers(RunFolder folder, Consumer<String> report) throws IOException {
    var nodes = new ArrayList<ProcessHandle>();
    var database = new ArrayList<ProcessHandle>();
    var entries = folder.leftovers();
    for (var entry : entries) {
      report.accept(
          "ending %s (pid %d), which a killed up left".formatted(entry.name(), entry.mark().pid()));
      var group = entry.name().equals(UpDatabase.NAME) ? database : nodes;
      entry.mark().living().ifPresent(group::add);
    }
    Supervisor.end(nodes, Duration.ofSeconds(10));
    Supervisor.end(database, Duration.ofSeconds(30));
    for (var entry : entries) {
      folder.forget(entry.name());
    }
    return entries.size();
  }
}
