package dev.batuta.cli.up;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process and no later one of the same number: its pid and the time at which it started.
 *
 * @param start where the kernel tells, its boot and the clock ticks from then, which no change of
 *     the wall clock moves; elsewhere the start as an instant
 */
public record ProcessMark(long pid, String start) {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int START_TICKS = 19; // field 22 of /proc/PID/stat, counted after the name

  /** This process. */
  public static ProcessMark own() {
    var own = ProcessHandle.current();
    return of(own)
        .orElseThrow(() -> new IllegalStateException("a living process has a start: " + own.pid()));
  }

  /** A process, empty when it has ended. */
  static Optional<ProcessMark> of(ProcessHandle process) {
    return started(process).map(start -> new ProcessMark(process.pid(), start));
  }

  /** The process, empty when it has ended, also when its number lives on as another one. */
  public Optional<ProcessHandle> living() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(process -> started(process).equals(Optional.of(start)));
  }

  private static Optional<String> started(ProcessHandle process) {
    try {
      var stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      // A zombie has ended; its parent has only not looked yet.
      return fields[0].equals("Z")
          ? Optional.empty()
          : Optional.of(Files.readString(BOOT).strip() + "/" + fields[START_TICKS]);
    } catch (IOException e) {
      return process.isAlive()
          ? process.info().startInstant().map(Object::toString)
          : Optional.empty();
    }
  }
}
