package dev.batuta.cli;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.up.ClusterPlan;
import dev.batuta.cli.up.RunFolder;
import dev.batuta.cli.up.Up;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A whole cluster on this machine. */
@Command(
    name = "up",
    description =
        "Starts a whole cluster on this machine, each node a process of its own, and keeps it alive until"
            + " Ctrl-C. The next one on the same data goes on where it stopped.")
public final class UpCommand implements Callable<Integer> {
  private static final int MOST_SERVERS = 20;
  private static final int MOST_WORKERS = 50;
  private static final int MOST_PORT = 65_535;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--servers",
      paramLabel = "N",
      defaultValue = "3",
      description = "Server processes (default: ${DEFAULT-VALUE})")
  int servers = 3;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "1",
      description = "Worker processes for each server (default: ${DEFAULT-VALUE})")
  int workers = 1;

  @Option(
      names = "--http-port",
      paramLabel = "P",
      defaultValue = "8080",
      description =
          "Of server-1, the others 100 apart; 0 takes free ones (default: ${DEFAULT-VALUE})")
  int httpPort = ClusterPlan.USUAL_HTTP_PORT;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = "mysql://user:password@host:port/database, instead of an embedded MariaDB")
  @Nullable String database;

  @Option(
      names = "--profile",
      paramLabel = "P",
      defaultValue = "demo",
      description = "Of the configuration (default: ${DEFAULT-VALUE})")
  String profile = "demo";

  @Option(names = "--no-restart", description = "Leave dead what dies")
  boolean noRestart;

  @Override
  public Integer call() throws Exception {
    within("--servers", servers, 1, MOST_SERVERS);
    within("--workers", workers, 0, MOST_WORKERS);
    int step = httpPort == 0 ? 0 : 100 * (servers - 1);
    within("--http-port", httpPort, 0, MOST_PORT - step);
    var target = ((Main) spec.root().userObject()).target;
    var line = spec.commandLine();
    var output = new Output(line.getOut(), line.getErr(), target.json);
    var data = target.data();
    Files.createDirectories(data);
    var folder = new RunFolder(data);
    var up =
        new Up(
            new Up.Wishes(servers, workers, httpPort, database, profile, !noRestart),
            data,
            folder,
            output);
    var held = folder.take(RunFolder.UP, false);
    if (held.isEmpty()) {
      throw inUse(folder, data);
    }
    var told = new CountDownLatch(1);
    var returned = new AtomicBoolean();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stop(up, folder, told, returned, output), "stop"));
    try {
      up.start();
      told.await();
    } finally {
      if (told.getCount() > 0) { // it failed, and nobody told it to stop
        returned.set(true);
        up.stop();
        folder.forget(RunFolder.UP);
      }
    }
    Thread.currentThread().join(); // the hook ends the process
    return 0;
  }

  /** Stopping is what the user wanted: exit code 0, whatever signal said so. */
  private static void stop(
      Up up, RunFolder folder, CountDownLatch told, AtomicBoolean returned, Output output) {
    if (returned.get()) {
      return;
    }
    told.countDown();
    try {
      up.stop();
      folder.forget(RunFolder.UP);
    } catch (java.io.IOException e) {
      output.remark(String.valueOf(e.getMessage()));
    } finally {
      Runtime.getRuntime().halt(0);
    }
  }

  private void within(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(),
          "%s %d is out of range: give %d to %d".formatted(option, value, least, most));
    }
  }

  private static Problem inUse(RunFolder folder, Path data) throws java.io.IOException {
    var holder = folder.living(RunFolder.UP);
    return Problem.failed(
        "data-in-use",
        "%s is in use by another ./batuta up%s: stop it by ./batuta down --data %s, or choose another folder by --data"
            .formatted(data, holder.map(e -> " (pid " + e.mark().pid() + ")").orElse(""), data));
  }
}
