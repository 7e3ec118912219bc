package dev.batuta.gateway.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Programs of Python's standard library; {@code sockets.py} is moved line by line. */
final class Python implements AutoCloseable {
  private static final Path FOLDER = Path.of("src/test/resources/foreign");

  private final Process process;
  private final Writer in;
  private final BufferedReader out;

  private Python(Process process) {
    this.process = process;
    this.in = process.outputWriter(UTF_8);
    this.out = process.inputReader(UTF_8);
  }

  static Python start(String script, Object... arguments) {
    List<String> command = new ArrayList<>(List.of("python3", FOLDER.resolve(script).toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    try {
      return new Python(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Carries out a command, and gives its answer. */
  String does(String command) {
    try {
      in.write(command + "\n");
      in.flush();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return prints();
  }

  /** The next line that it prints. */
  String prints() {
    try {
      return Objects.requireNonNull(out.readLine(), "it has ended");
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** The next JSON that it prints with this value in a field. */
  JsonObject prints(String field, String value) {
    JsonObject printed;
    do {
      printed = new JsonObject(prints());
    } while (!value.equals(printed.getString(field)));
    return printed;
  }

  /** Opens a connection, to be known by a name. */
  void connect(String name, String transport, int port) {
    expectDone(does(transport + " " + name + " " + port));
  }

  void line(String name, String json) {
    expectDone(does("line " + name + " " + json));
  }

  void bare(String name, String json) {
    expectDone(does("bare " + name + " " + json));
  }

  private static void expectDone(String answer) {
    if (!answer.equals("done")) {
      throw new AssertionError(answer);
    }
  }

  /** What one read brings, as text, within 5 s, which is how long clients wait. */
  String reads(String name) {
    return does("read " + name + " 5");
  }

  /** One object, that one read brought. */
  JsonObject hears(String name) {
    String text = reads(name);
    if (!text.startsWith("{")) {
      throw new AssertionError(text);
    }
    return new JsonObject(text.replace("\\n", ""));
  }

  /** Says something and hears one object. */
  JsonObject asks(String name, String json) {
    line(name, json);
    return hears(name);
  }

  /** Says something without a newline on a connection of its own, and hears one object. */
  JsonObject once(String transport, int port, String json) {
    connect("once", transport, port);
    bare("once", json);
    JsonObject heard = hears("once");
    hangUp("once");
    return heard;
  }

  void hangUp(String name) {
    expectDone(does("close " + name));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends as with kill -9. */
  void kill() {
    process.destroyForcibly();
  }

  /** Stops as with SIGSTOP. */
  void hang() {
    try {
      new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start().waitFor();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
