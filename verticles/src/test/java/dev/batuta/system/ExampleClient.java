package dev.batuta.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/** A program of {@code test-plans/clients} that runs; it reads lines and prints lines. */
final class ExampleClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Process process;
  private final Writer input;
  private final List<String> printed = new CopyOnWriteArrayList<>();

  private ExampleClient(Process process) {
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().start(this::follow);
  }

  /** Starts a program with its arguments. */
  static ExampleClient start(ExampleLanguage language, String program, Object... arguments) {
    ProcessBuilder builder = language.program(program).redirectErrorStream(true);
    Arrays.stream(arguments).map(Object::toString).forEach(builder.command()::add);
    try {
      return new ExampleClient(builder.start());
    } catch (IOException missing) {
      throw new UncheckedIOException(missing);
    }
  }

  private void follow() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        printed.add(line);
      }
    } catch (IOException closed) {
      printed.add(Objects.toString(closed.getMessage()));
    }
  }

  /** Types a line. */
  void say(String line) {
    try {
      input.write(line + "\n");
      input.flush();
    } catch (IOException ended) {
      throw new AssertionError("it has ended, and printed " + printed, ended);
    }
  }

  /** What it printed until now, errors too. */
  List<String> printed() {
    return List.copyOf(printed);
  }

  /** Waits until it has printed a line. */
  void awaitLine(String line) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              if (!printed.contains(line)) {
                throw new AssertionError("no '" + line + "' in " + printed);
              }
            });
  }

  /** Ends its input, upon which a chat client ends. */
  int endInput() {
    try {
      input.close();
      Awaitility.await("it ends").atMost(PATIENCE).until(() -> !process.isAlive());
      return process.exitValue();
    } catch (IOException ended) {
      throw new UncheckedIOException(ended);
    }
  }

  /** Kills it. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
