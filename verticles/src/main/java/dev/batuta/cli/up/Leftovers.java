package dev.batuta.cli.up;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.function.Consumer;

/** The processes that a killed {@code up} left. */
public final class Leftovers {
  private static final Duration NODES = Duration.ofSeconds(10);
  private static final Duration DATABASE = Duration.ofSeconds(30);

  private Leftovers() {}

  /**
   * Ends them, known by pid and start time, the database last.
   *
   * @return how many there were
   */
  public static int end(RunFolder folder, Consumer<String> report) throws IOException {
    var nodes = new ArrayList<ProcessHandle>();
    var database = new ArrayList<ProcessHandle>();
    var entries = folder.leftovers();
    for (var entry : entries) {
      report.accept(
          "ending %s (pid %d), which a killed up left".formatted(entry.name(), entry.mark().pid()));
      var group = entry.name().equals(UpDatabase.NAME) ? database : nodes;
      entry.mark().living().ifPresent(group::add);
    }
    Supervisor.end(nodes, NODES);
    Supervisor.end(database, DATABASE);
    for (var entry : entries) {
      folder.forget(entry.name());
    }
    return entries.size();
  }
}
