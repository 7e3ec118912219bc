package dev.batuta.database;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Commands that run in a session of their own, so that a signal to the process group of who started
 * them, as of Ctrl-C or a service manager, does not reach them: who started them ends them, in its
 * order. By {@code setsid(1)}; where there is none, commands stay as they are.
 */
public final class OwnSession {
  private static final Optional<Path> SETSID =
      Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
          .filter(folder -> !folder.isEmpty())
          .map(folder -> Path.of(folder, "setsid"))
          .filter(Files::isExecutable)
          .findFirst();

  private OwnSession() {}

  /** The command that does so. A process that Java starts with it keeps its pid. */
  public static List<String> of(List<String> command) {
    var words = new ArrayList<String>();
    SETSID.ifPresent(setsid -> words.add(setsid.toString()));
    words.addAll(command);
    return words;
  }
}
