package dev.batuta.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Here for the list of commands: tests run before anything is built, so the launcher runs them
 * itself.
 */
@Command(name = "test", description = "Runs all tests; must be the first word after ./batuta.")
final class TestCommand implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(names = "--schedules", paramLabel = "N", description = "Of each simulation")
  @Nullable Integer schedules;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Tests are run by the launcher: ./batuta test [--schedules N]");
  }
}
