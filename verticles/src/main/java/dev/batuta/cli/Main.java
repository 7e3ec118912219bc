package dev.batuta.cli;

import dev.batuta.cli.client.DurationText;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.Target;
import dev.batuta.codec.Refused;
import dev.batuta.node.SettingsException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/**
 * Batuta's command line. Exit code 0 is done, 1 refused or failed, 2 wrong usage or could not tell.
 */
@Command(
    name = "batuta",
    description = "A cluster that elects, keeps time, runs tasks, keeps accounts and talks.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    scope = CommandLine.ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    usageHelpAutoWidth = true,
    subcommands = {
      UpCommand.class,
      DownCommand.class,
      NodeCommand.class,
      WorkerCommand.class,
      LoginCommand.class,
      StatusCommand.class,
      HealthCommand.class,
      SubmitCommand.class,
      TaskCommand.class,
      TasksCommand.class,
      CancelCommand.class,
      RetryCommand.class,
      AccountsCommand.class,
      AuditCommand.class,
      ChatCommand.class,
      BotCommand.class,
      EventsCommand.class,
      ElectCommand.class,
      ClockSyncCommand.class,
      SyncCommand.class,
      DoorsCommand.class,
      KeysCommand.class,
      UserCommand.class,
      CheckpointCommand.class,
      BenchCommand.class,
      TestCommand.class,
    })
public final class Main implements Runnable {
  @Mixin final Target target = new Target();

  @CommandLine.Spec CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  /** Runs one command and ends the process. */
  public static void main(String[] arguments) {
    var out = writer(FileDescriptor.out);
    var err = writer(FileDescriptor.err);
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, defect) -> new Output(out, err, false).trace(defect));
    int exitCode = execute(arguments, out, err);
    out.flush();
    err.flush();
    System.exit(exitCode);
  }

  /** Bytes that are no UTF-8 come as U+FFFD: another text than was meant. */
  static int execute(String[] arguments, PrintWriter out, PrintWriter err) {
    for (var argument : arguments) {
      if (argument.indexOf('\uFFFD') >= 0) {
        new Output(out, err, false)
            .error(
                "'" + argument + "' has bytes that are no UTF-8: see the locale of the terminal");
        return Problem.UNSURE;
      }
    }
    return commandLine(out, err).execute(arguments);
  }

  /** The command line on the given writers; for tests too. */
  public static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    var line = new CommandLine(new Main());
    line.setOut(out);
    line.setErr(err);
    line.registerConverter(java.time.Duration.class, new DurationText());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, command));
    line.setParameterExceptionHandler((e, ignored) -> misused(e));
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do: a command is missing");
  }

  private static int failed(Exception e, CommandLine command) {
    var main = (Main) command.getCommandSpec().root().userObject();
    var output = new Output(command.getOut(), command.getErr(), main.target.json);
    var problem =
        switch (e) {
          case Problem p -> p;
          case Refused r -> Problem.failed(r.failure().code(), r.failure().message());
          case SettingsException s -> Problem.unsure("bad-setting", sentence(s));
          case FileSystemException file -> Problem.failed("io", sentence(file));
          case IOException io -> Problem.failed("io", sentence(io));
          case UncheckedIOException io -> Problem.failed("io", sentence(io));
          default -> {
            output.trace(e);
            yield Problem.failed("internal", "this is a defect of Batuta: " + e);
          }
        };
    output.problem(problem);
    return problem.exitCode();
  }

  /** The message of most of these is the file's name alone. */
  private static String sentence(FileSystemException e) {
    var why =
        switch (e) {
          case AccessDeniedException _ -> "it may not be written or read";
          case NoSuchFileException _ -> "there is no such folder, or none can be made there";
          case FileAlreadyExistsException _ -> "a file is in the way of a folder";
          default -> Objects.requireNonNullElse(e.getReason(), e.toString());
        };
    return "%s cannot be used: %s; choose another folder by --data".formatted(e.getFile(), why);
  }

  private static String sentence(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }

  private static int misused(ParameterException e) {
    var command = e.getCommandLine();
    var err = command.getErr();
    var output = new Output(command.getOut(), err, false);
    output.error(String.valueOf(e.getMessage()));
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
      output.error("See: batuta " + path(command) + "--help");
    }
    err.flush();
    return Problem.UNSURE;
  }

  private static String path(CommandLine command) {
    var parent = command.getParent();
    return parent == null ? "" : path(parent) + command.getCommandName() + " ";
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), false);
  }

  /** The version that Maven wrote into the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      var properties = new Properties();
      try (var file =
          Main.class.getResourceAsStream(
              "/META-INF/maven/dev.batuta/batuta-verticles/pom.properties")) {
        if (file != null) {
          properties.load(file);
        }
      }
      return new String[] {
        "batuta "
            + properties.getProperty("version", "of a source tree")
            + ", Java "
            + Runtime.version()
      };
    }
  }
}
