package dev.batuta.cli.bench;

import dev.batuta.cli.client.Problem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Option;

/** How much all rows but failover measure. */
public final class BenchScale {
  private static final int MOST_TASKS = 10_000_000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "all but failover: rounds, each of them raw writes and then Batuta;"
              + " medians count (default ${DEFAULT-VALUE})")
  int rounds;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      defaultValue = "200000",
      description =
          "tasks, submit, ledger: tasks of a round; latency: a thousandth of them; publish: as"
              + " many messages"
              + " (default ${DEFAULT-VALUE})")
  int tasks;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "2",
      description = "Rounds before those that count (default ${DEFAULT-VALUE})")
  int warmUp;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Tasks, or messages, of one request (default ${DEFAULT-VALUE})")
  int batch;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "6",
      description = "Requests under way at once (default ${DEFAULT-VALUE})")
  int connections;

  /** Fails unless all of it can be measured. */
  void check() {
    between("--rounds", rounds, 1, 1_000);
    between("--tasks", tasks, 1_000, MOST_TASKS);
    between("--warm-up", warmUp, 0, 100);
    between("--batch", batch, 1, 10_000);
    between("--connections", connections, 1, 100);
  }

  private static void between(String option, int given, int least, int most) {
    if (given < least || given > most) {
      throw Problem.unsure(
          "bad-count", "%s %d: give a number from %d to %d".formatted(option, given, least, most));
    }
  }

  /** Sizes of the submissions of a round. */
  List<Integer> batches() {
    int full = tasks / batch;
    var sizes = new ArrayList<>(Collections.nCopies(full, batch));
    if (tasks % batch > 0) {
      sizes.add(tasks % batch);
    }
    return sizes;
  }
}
