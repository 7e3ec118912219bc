package dev.batuta.cli.up;

import dev.batuta.cli.client.Problem;
import dev.batuta.database.OwnSession;
import dev.batuta.node.EnvironmentVariables;
import dev.batuta.node.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A node in a process of its own, by the launcher that started this process. */
record NodeService(String name, Tier tier, String described, List<String> command, Path data)
    implements SupervisedProcess {
  /** Tells a node which {@code up} started it, so that none outlives one that is gone unnoticed. */
  static final String UP_VARIABLE = "BATUTA_UP";

  /** Tells the launcher to run the build that this process runs. */
  static final String APP_VARIABLE = "BATUTA_APP";

  /** The arguments of a server. */
  static List<String> command(String name) {
    return List.of("node", "--name", name, "--roles", "server,gateway");
  }

  /** Where nodes run, and leave what they print and log. */
  static Path folder(Path data) {
    return data.resolve("logs");
  }

  @Override
  public Path printed() {
    return folder(data).resolve(name + ".out");
  }

  @Override
  public ProcessHandle start() throws IOException {
    var all = new ArrayList<String>();
    all.add(launcher());
    all.addAll(command);
    all.addAll(List.of("--data", data.toString()));
    var folder = folder(data);
    Files.createDirectories(folder);
    var builder =
        new ProcessBuilder(OwnSession.of(all))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed().toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put(APP_VARIABLE, System.getProperty("batuta.app", ""));
    // A node runs in another folder than the one that these are relative to.
    Stream.concat(Stream.of("BATUTA_CONF"), Setting.PATHS.stream().map(Setting::variable))
        .forEach(
            variable ->
                builder.environment().computeIfPresent(variable, (name, path) -> absolute(path)));
    builder
        .environment()
        .replaceAll(
            (variable, value) -> EnvironmentVariables.isFile(variable) ? absolute(value) : value);
    var own = ProcessMark.own();
    builder.environment().put(UP_VARIABLE, own.pid() + "@" + own.start());
    return builder.start().toHandle();
  }

  private static String absolute(String path) {
    return path.isBlank() ? path : Path.of(path).toAbsolutePath().toString();
  }

  private static String launcher() {
    var home = System.getProperty("batuta.home");
    if (home == null) {
      throw Problem.failed("no-launcher", "up starts its nodes by the launcher: run ./batuta up");
    }
    return Path.of(home, "batuta").toString();
  }
}
