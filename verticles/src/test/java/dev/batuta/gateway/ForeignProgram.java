package dev.batuta.gateway;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;

/**
 * A program in another language, as a process, which reads and prints an object of JSON a line. A
 * library that it needs is installed once below {@code target/}; a test is skipped, and says why,
 * where language or library cannot be had.
 */
public final class ForeignProgram implements AutoCloseable {
  private static final long PATIENCE_MILLIS = 20_000;

  private final Process process;
  private final Writer input;
  private final List<JsonObject> printed = new ArrayList<>();
  private volatile boolean killed;

  private ForeignProgram(Map<String, String> environment, List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    process = started(builder);
    input = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().start(this::read);
  }

  /** Until it ends; when it is killed, what is read here is closed. */
  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        add(new JsonObject(line));
      }
    } catch (IOException closed) {
      if (!killed) {
        throw new UncheckedIOException(closed);
      }
    }
  }

  private synchronized void add(JsonObject line) {
    printed.add(line);
    notifyAll();
  }

  /** In Python, by its standard library. */
  public static ForeignProgram python(Path program, String... arguments) {
    run(Path.of("target"), "python3", "--version");
    return new ForeignProgram(Map.of(), command("python3", program, arguments));
  }

  /** In Python, with a package of PyPI, such as {@code name==1.0.0}. */
  public static ForeignProgram pythonWith(String library, Path program, String... arguments) {
    Path folder = folder(library);
    install(
        folder, "python3", "-m", "pip", "install", "-q", "--target", folder.toString(), library);
    return new ForeignProgram(
        Map.of("PYTHONPATH", folder.toString()), command("python3", program, arguments));
  }

  /** In JavaScript, with a package of npm, such as {@code name@1.0.0}. */
  public static ForeignProgram nodeWith(String library, Path program, String... arguments) {
    Path folder = folder(library);
    install(folder, "npm", "install", "--silent", "--prefix", folder.toString(), library);
    return new ForeignProgram(
        Map.of("NODE_PATH", folder.resolve("node_modules").toString()),
        command("node", program, arguments));
  }

  private static Path folder(String library) {
    return Path.of("target", "libraries", library.replaceAll("[^a-z0-9.-]", "_")).toAbsolutePath();
  }

  private static List<String> command(String language, Path program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(language, program.toString()));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  private static synchronized void install(Path folder, String... command) {
    Path done = folder.resolve("installed");
    if (Files.notExists(done)) {
      run(folder, command);
      try {
        Files.createFile(done);
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }

  private static void run(Path folder, String... command) {
    Path log = folder.resolve("install.log");
    try {
      Files.createDirectories(folder);
      Process runs =
          started(
              new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()));
      boolean succeeded = runs.waitFor(3, TimeUnit.MINUTES) && runs.exitValue() == 0;
      Assumptions.assumeTrue(succeeded, String.join(" ", command) + " failed; see " + log);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }

  private static Process started(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException missing) {
      return Assumptions.abort(
          builder.command().getFirst() + " is missing: install it (" + missing.getMessage() + ")");
    }
  }

  /** Writes a line for the program. */
  public void tell(JsonObject line) {
    try {
      input.write(line.encode() + "\n");
      input.flush();
    } catch (IOException ended) {
      throw new UncheckedIOException(ended);
    }
  }

  /** Writes a line, and waits for the next one that is printed. */
  public synchronized JsonObject ask(JsonObject line) {
    int before = printed.size();
    tell(line);
    await(() -> printed.size() > before, "no answer to " + line);
    return printed.get(before);
  }

  /** What it has printed by now that has a field, in order. */
  public synchronized List<JsonObject> printed(String field) {
    return printed.stream().filter(each -> each.containsKey(field)).toList();
  }

  /**
   * Like {@link #printed(String)}, once there is so much of it: what a server has heard from the
   * program may be here before what the program printed about it.
   */
  public synchronized List<JsonObject> awaitPrinted(String field, int atLeast) {
    await(() -> printed(field).size() >= atLeast, "fewer than " + atLeast + " of " + field);
    return printed(field);
  }

  private synchronized void await(BooleanSupplier printedIt, String otherwise) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    try {
      while (!printedIt.getAsBoolean()) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError(otherwise + "; printed: " + printed);
        }
        wait(left);
      }
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }

  /** Kills it. */
  @Override
  public void close() {
    killed = true;
    process.destroyForcibly();
  }
}
