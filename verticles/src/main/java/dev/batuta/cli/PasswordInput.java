package dev.batuta.cli;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a command asks of who types: from a terminal a password is not shown, from a pipe each
 * answer is a line. No argument takes one, as other users of the computer see those.
 */
final class PasswordInput {
  private final BufferedReader lines =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  private final Output output;

  PasswordInput(Output output) {
    this.output = output;
  }

  /** Whether somebody types. */
  static Optional<Console> terminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal);
  }

  String ask(String question) throws IOException {
    output.question(question);
    var line = lines.readLine();
    if (line == null) {
      throw Problem.unsure(
          "no-input", question.strip().replace(":", "") + " is missing: type it, or pipe it in");
    }
    return line;
  }

  String password() throws IOException {
    var terminal = terminal();
    return terminal.isPresent() ? typed(terminal.get(), "Password: ") : ask("Password: ");
  }

  /** A new one; a terminal is asked twice, as nobody sees what is typed. */
  String newPassword() throws IOException {
    var password = password();
    var terminal = terminal();
    if (terminal.isPresent() && !typed(terminal.get(), "Again: ").equals(password)) {
      throw Problem.failed("invalid-request", "the two passwords differ; nothing was set");
    }
    return password;
  }

  private static String typed(Console terminal, String question) {
    var typed = terminal.readPassword(question);
    return typed == null ? "" : new String(typed);
  }
}
