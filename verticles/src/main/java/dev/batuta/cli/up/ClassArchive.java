package dev.batuta.cli.up;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The classes of a running node, in the form in which a JVM maps them (CDS): the next nodes of the
 * same build start in little more than half of the processor time. The launcher uses the file when
 * it is there.
 */
final class ClassArchive {
  private static final long SECONDS = 30;

  private ClassArchive() {}

  /**
   * Writes the archive of this build from a node, if there is none yet; failing costs nothing but
   * the archive.
   */
  static void write(long pid, Path folder, Consumer<String> report) {
    var app = System.getProperty("batuta.app");
    if (app == null || Files.exists(Path.of(app, "node.jsa")) || !Files.isWritable(Path.of(app))) {
      return;
    }
    report.accept("writing a class archive, by which the next start is quicker ..");
    var next = Path.of(app, "node.jsa." + pid);
    try {
      var command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
              Long.toString(pid),
              "VM.cds",
              "static_dump",
              next.toString());
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      } else if (process.exitValue() == 0 && Files.exists(next)) {
        Files.move(next, Path.of(app, "node.jsa"), StandardCopyOption.ATOMIC_MOVE);
      }
      Files.deleteIfExists(next);
      for (var printed : List.of("stdout", "stderr")) { // by the JVM that wrote the archive
        Files.deleteIfExists(folder.resolve("java_pid" + pid + "_" + printed));
      }
    } catch (IOException e) {
      report.accept("no class archive was written: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
