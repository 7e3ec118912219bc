package dev.batuta.cli.bench;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Target;
import java.util.List;
import java.util.function.Consumer;

/** One thing that {@code bench} measures on a running cluster. */
public interface BenchRow {
  /** By which it is asked for. */
  String name();

  /**
   * Measures.
   *
   * @param done is told each figure as soon as it is known, those of a measurement that is cut
   *     short too
   */
  void measure(Target target, Output output, Consumer<List<Figure>> done) throws Exception;
}
