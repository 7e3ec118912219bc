package dev.batuta.cli;

import dev.batuta.cli.client.FakeServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** Commands as a user types them, and what they print. */
final class CommandRun {
  final StringWriter out = new StringWriter();
  final StringWriter err = new StringWriter();

  /** Runs one against a server; the exit code. */
  int run(FakeServer server, String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--url", server.url(), "--token", "t"));
    return run(all.toArray(String[]::new));
  }

  int run(String... arguments) {
    return Main.commandLine(new PrintWriter(out), new PrintWriter(err)).execute(arguments);
  }
}
