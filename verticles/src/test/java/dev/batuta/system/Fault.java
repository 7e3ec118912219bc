package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A fault lasts for a time; what follows from it is waited for by conditions. */
final class Fault {
  private Fault() {}

  /** Lets the fault that was made last for so long; not at all if that is over. */
  static void lasts(Duration time) {
    try {
      TimeUnit.MILLISECONDS.sleep(Math.max(0, time.toMillis()));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Stops a process where it is: its connections stay open, and nobody answers them. */
  static void hang(ProcessHandle process) {
    signal("STOP", process);
  }

  /** Lets a process go on that hangs. */
  static void wake(ProcessHandle process) {
    signal("CONT", process);
  }

  private static void signal(String name, ProcessHandle process) {
    try {
      int exit =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
              .inheritIO()
              .start()
              .waitFor();
      assertThat(exit).isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
