package dev.batuta.cli.bench;

import dev.batuta.cli.client.Problem;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A process that stands still until this is closed, or this process ends. */
final class PausedProcess implements AutoCloseable {
  private final ProcessHandle process;
  private final Thread rescue;

  private PausedProcess(ProcessHandle process) {
    this.process = process;
    this.rescue = new Thread(() -> signal("-CONT", process), "resume");
  }

  static PausedProcess of(ProcessHandle process) {
    var pause = new PausedProcess(process);
    Runtime.getRuntime().addShutdownHook(pause.rescue);
    if (!signal("-STOP", process)) {
      pause.close();
      throw Problem.failed(
          "no-signal", "process " + process.pid() + " cannot be paused by kill -STOP");
    }
    return pause;
  }

  @Override
  public void close() {
    signal("-CONT", process);
    try {
      Runtime.getRuntime().removeShutdownHook(rescue);
    } catch (IllegalStateException ending) {
      // the hook resumes it once more, which changes nothing
    }
  }

  private static boolean signal(String name, ProcessHandle process) {
    if (!process.isAlive()) {
      return false;
    }
    try {
      var kill =
          new ProcessBuilder("kill", name, Long.toString(process.pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return kill.waitFor(5, TimeUnit.SECONDS) && kill.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
