package dev.batuta.cli;

import dev.batuta.cli.bench.BenchRow;
import dev.batuta.cli.bench.BenchScale;
import dev.batuta.cli.bench.BusRow;
import dev.batuta.cli.bench.CodecRow;
import dev.batuta.cli.bench.FailoverRow;
import dev.batuta.cli.bench.Figure;
import dev.batuta.cli.bench.PublishRow;
import dev.batuta.cli.bench.TaskRow;
import dev.batuta.cli.client.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures a running cluster. */
@Command(
    name = "bench",
    description =
        "Measures a running cluster of this machine; each row against what it must reach, or against"
            + " raw writes in the same database, or on the same disk, at the same time. Rows: tasks"
            + " (no-op tasks, submitted, run, completed), submit (acknowledged submissions), ledger"
            + " (deposits on 10,000 accounts named bench-..), latency (one task, idle), publish"
            + " (messages of the user bench to the channel benchmark, in batches and one by one),"
            + " bus (requests between two nodes of this process), codec (messages written and"
            + " read), failover (kills, hangs and stops the coordinator of a demonstration cluster)."
            + " Their tasks, accounts and messages stay.")
final class BenchCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "ROW", arity = "0..*", description = "Only these; else all")
  @Nullable List<String> rows;

  @Mixin final BenchScale scale = new BenchScale();

  @Mixin final FailoverRow failover = new FailoverRow();

  @Override
  public Integer call() throws Exception {
    var line = spec.commandLine();
    var target = ((Main) spec.root().userObject()).target;
    var output = new Output(line.getOut(), line.getErr(), target.json);
    var all = new ArrayList<Figure>();
    try {
      for (var row : chosen()) {
        row.measure(target, output, all::addAll);
      }
    } finally {
      print(output, all);
    }
    return 0;
  }

  private static void print(Output output, List<Figure> figures) {
    if (output.json()) {
      figures.forEach(figure -> output.print(figure.json(), List.of()));
    } else if (!figures.isEmpty()) {
      output.print(Output.JSON.nullNode(), Figure.table(figures));
    }
  }

  private List<BenchRow> chosen() {
    var known = new ArrayList<BenchRow>();
    for (var row : TaskRow.values()) {
      known.add(row.with(scale));
    }
    known.add(new PublishRow(scale));
    known.add(new BusRow(scale));
    known.add(new CodecRow(scale));
    known.add(failover);
    if (rows == null || rows.isEmpty()) {
      return known;
    }
    var chosen = new ArrayList<BenchRow>();
    for (var name : rows) {
      chosen.add(
          known.stream()
              .filter(row -> row.name().equals(name))
              .findFirst()
              .orElseThrow(() -> unknown(name, known)));
    }
    return chosen;
  }

  private ParameterException unknown(String name, List<BenchRow> known) {
    return new ParameterException(
        spec.commandLine(),
        "There is no row '%s' to measure; known are: %s"
            .formatted(name, String.join(", ", known.stream().map(BenchRow::name).toList())));
  }
}
