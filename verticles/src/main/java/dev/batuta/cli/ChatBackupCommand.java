package dev.batuta.cli;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.messaging.log.LogCopy;
import dev.batuta.messaging.log.SqliteOpLog;
import dev.batuta.node.EnvironmentVariables;
import dev.batuta.node.Setting;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies the messages of a server of this machine, from its disk. */
@Command(
    name = "backup",
    description =
        "Copies all messages that a server of this machine holds into a new file, from its disk, whether it runs or not."
            + " The file is a server's own messages.db.")
final class ChatBackupCommand implements Callable<Integer> {
  private static final String LOG = SqliteOpLog.FILE;

  /** Of one that is on its way out, before the number of the process that makes it. */
  private static final String COPY = LOG + ".copy-";

  private static final Duration LEFT = Duration.ofHours(1);

  private static final Pattern COPIES =
      Pattern.compile(Pattern.quote(COPY) + "(\\d{1,18})(\\.part)?(-journal|-wal|-shm)?");

  private static final String STANDARD_OUTPUT = "-";

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "A new file, or - for the standard output")
  String file = "";

  @Option(
      names = "--server",
      paramLabel = "NAME",
      description = "Whose, else that of BATUTA_NODE_NAME, else of the only one in DATA")
  @Nullable String given;

  @Override
  public Integer call() throws IOException {
    var target = ((Main) spec.root().userObject()).target;
    var output = new Output(spec.commandLine().getOut(), spec.commandLine().getErr(), target.json);
    var server = server(target.data());
    var log = target.data().resolve(server).resolve(LOG);
    if (file.equals(STANDARD_OUTPUT)) {
      var made = pour(log);
      output.remark(line(server, made));
      return 0;
    }
    var copy = Path.of(file).toAbsolutePath();
    if (Files.exists(copy, LinkOption.NOFOLLOW_LINKS)) {
      throw Problem.failed(
          "io", copy + " is there already: give another name, or delete it if nobody needs it");
    }
    var made = LogCopy.make(log, copy);
    output.print(
        Output.JSON
            .createObjectNode()
            .put("server", server)
            .put("file", copy.toString())
            .put("ops", made.ops())
            .put("bytes", made.bytes()),
        List.of(copy + ": " + line(server, made)));
    return 0;
  }

  private static String line(String server, LogCopy.Made made) {
    return "%d ops of %s, %d bytes".formatted(made.ops(), server, made.bytes());
  }

  /** Beside the log, where there is room for one more as a rule, and out of there. */
  private static LogCopy.Made pour(Path log) throws IOException {
    deleteLeft(log);
    var copy = log.resolveSibling(COPY + ProcessHandle.current().pid());
    try (var out = new FileOutputStream(FileDescriptor.out)) {
      var made = LogCopy.make(log, copy);
      Files.copy(copy, out);
      return made;
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  /**
   * Copies that were left by a process which was killed: one of the number that this one has now,
   * or one that nobody has written to for an hour, as other containers on the same disk have
   * numbers of their own.
   */
  static void deleteLeft(Path log) throws IOException {
    try (Stream<Path> files = Files.list(log.toAbsolutePath().getParent())) {
      for (var file : files.toList()) {
        if (isLeft(file)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static boolean isLeft(Path file) throws IOException {
    var name = COPIES.matcher(file.getFileName().toString());
    if (!name.matches()) {
      return false;
    }
    var pid = Long.parseLong(name.group(1));
    var isOld = Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(LEFT));
    return pid == ProcessHandle.current().pid()
        || (isOld && ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
  }

  private String server(Path data) throws IOException {
    if (given != null) {
      return given;
    }
    var named = EnvironmentVariables.value(System.getenv(), Setting.NODE_NAME.variable());
    if (named.isPresent()) {
      return named.get().strip();
    }
    var servers = servers(data);
    if (servers.size() != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Name a server by --server: %s has %s"
              .formatted(data, servers.isEmpty() ? "none" : String.join(", ", servers)));
    }
    return servers.getFirst();
  }

  private static List<String> servers(Path data) throws IOException {
    try (Stream<Path> folders = Files.list(data)) {
      return folders
          .filter(folder -> Files.isRegularFile(folder.resolve(LOG)))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }
}
