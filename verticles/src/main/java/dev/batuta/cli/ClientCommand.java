package dev.batuta.cli;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Target;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that asks a running cluster. */
abstract class ClientCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  /** Does it and prints; the exit code. */
  abstract int run(Api api, Output output) throws Exception;

  @Override
  public final Integer call() throws Exception {
    var target = target();
    var line = spec.commandLine();
    return run(target.api(), new Output(line.getOut(), line.getErr(), target.json));
  }

  Target target() {
    return ((Main) spec.root().userObject()).target;
  }
}
