package dev.batuta.database;

import com.sun.management.OperatingSystemMXBean;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A MariaDB of our own: a process on this machine, reachable from this machine only, its data in a
 * folder. It has the same durability as in production.
 *
 * <p>The folder holds {@code mariadb/} (data), {@code mariadb.log}, {@code mariadb.password} and
 * {@code mariadb.pid}. Data that a killed process left is recovered; a server that it left running
 * is ended first.
 *
 * <p>All methods block. One thread at a time.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);
  private static final String NAME = "batuta";
  private static final Duration READY_WITHIN = Duration.ofMinutes(2);
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(30);
  private static final int PORT_TRIES = 5;
  private static final String PORT_TAKEN = "port-taken";
  private static final String LOOPBACK = "127.0.0.1";

  private final MariaDbBinaries binaries;
  private final Path folder;
  private final DatabaseAddress address;
  private Process process;

  private EmbeddedDatabase(
      MariaDbBinaries binaries, Path folder, DatabaseAddress address, Process process) {
    this.binaries = binaries;
    this.folder = folder;
    this.address = address;
    this.process = process;
  }

  /**
   * Starts it, and answers when it takes connections.
   *
   * @param folder made when it is missing; two servers must not share one
   * @param port 0 for a free one
   * @throws Refused when it does not start; the message says why
   */
  public static EmbeddedDatabase start(Path folder, int port) {
    return start(folder, port, LOOPBACK);
  }

  /** The same, at another address of this machine, from where all who reach it may log in. */
  static EmbeddedDatabase start(Path folder, int port, String host) {
    try {
      Path absolute = folder.toAbsolutePath();
      Files.createDirectories(absolute);
      endWhatWasLeft(absolute);
      MariaDbBinaries binaries = MariaDbBinaries.unpacked();
      String password = password(absolute);
      install(binaries, absolute);
      for (int tries = 1; ; tries++) {
        int chosen = port == 0 ? freePort() : port;
        DatabaseAddress address = new DatabaseAddress(host, chosen, NAME, NAME, password);
        try {
          Process process = launch(binaries, absolute, address);
          return new EmbeddedDatabase(binaries, absolute, address, process);
        } catch (Refused why) {
          if (!isPortTaken(why) || port != 0 || tries == PORT_TRIES) {
            throw why;
          }
        }
      }
    } catch (IOException why) {
      throw new UncheckedIOException(why);
    }
  }

  /** Its database {@code batuta}, as a user that owns it and databases named {@code batuta..}. */
  public DatabaseAddress address() {
    return address;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Completes when the process has ended, for whatever reason. */
  public CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** Starts it again, after it has ended, on the same port. */
  public void restart() {
    stop();
    try {
      process = launch(binaries, folder, address);
    } catch (IOException why) {
      throw new UncheckedIOException(why);
    }
  }

  /** Asks it to end, and kills it when it does not within half a minute. */
  public void stop() {
    end(process.toHandle());
    folder.resolve("mariadb.pid").toFile().delete();
  }

  @Override
  public void close() {
    stop();
  }

  private static void end(ProcessHandle handle) {
    if (!handle.isAlive()) {
      return;
    }
    handle.destroy();
    try {
      handle.onExit().get(STOPPED_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      // Nobody waits any more; it recovers from this as from any crash.
      handle.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException _) {
      LOG.warn("mariadb did not stop in time and is killed: pid={}", handle.pid());
      handle.destroyForcibly();
      handle.onExit().join();
    }
  }

  /** By pid and start time: the same number may be another process by now. */
  private static void endWhatWasLeft(Path folder) throws IOException {
    Path file = folder.resolve("mariadb.pid");
    if (!Files.exists(file)) {
      return;
    }
    String[] words = Files.readString(file).strip().split(" ", 2);
    Optional<ProcessHandle> left =
        words.length == 2 && words[0].matches("\\d{1,18}")
            ? ProcessHandle.of(Long.parseLong(words[0]))
            : Optional.empty();
    left.filter(handle -> started(handle).equals(words[1]))
        .ifPresent(
            handle -> {
              LOG.info("ending the mariadb that was left running: pid={}", handle.pid());
              end(handle);
            });
    Files.deleteIfExists(file);
  }

  private static String started(ProcessHandle handle) {
    return handle.info().startInstant().map(Instant::toString).orElse("unknown");
  }

  private static String password(Path folder) throws IOException {
    Path file = folder.resolve("mariadb.password");
    if (Files.exists(file)) {
      return Files.readString(file).strip();
    }
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    writeForOwner(file, password + "\n");
    return password;
  }

  private static void writeForOwner(Path file, String content) throws IOException {
    Files.deleteIfExists(file);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rw-------");
      Files.createFile(file, PosixFilePermissions.asFileAttribute(owner));
    }
    Files.writeString(file, content);
  }

  private static void install(MariaDbBinaries binaries, Path folder) throws IOException {
    Path data = folder.resolve("mariadb");
    if (Files.isDirectory(data.resolve("mysql")) && Files.exists(data.resolve("installed"))) {
      return;
    }
    List<String> command = new ArrayList<>();
    command.add(binaries.installer().toString());
    command.add("--no-defaults");
    command.add("--basedir=" + binaries.home());
    command.add("--datadir=" + data);
    command.add("--auth-root-authentication-method=normal");
    command.add("--skip-test-db");
    asRoot(command);
    Path log = folder.resolve("mariadb.log");
    int exit = await(binaries.process(command, log).start());
    if (exit != 0) {
      throw failed("could not make its data folder (exit " + exit + ")", log);
    }
    Files.writeString(data.resolve("installed"), "");
  }

  private static void asRoot(List<String> command) {
    if ("root".equals(System.getProperty("user.name"))) {
      command.add("--user=root");
    }
  }

  private static int await(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      process.destroy();
      return -1;
    }
  }

  private static Refused portTaken(int port) {
    return Refused.conflict(
        PORT_TAKEN,
        "Port %d, wanted for MariaDB, is taken: end who has it, or choose another database port."
            .formatted(port));
  }

  private static boolean isPortTaken(Refused refused) {
    return refused.failure().code().equals(PORT_TAKEN);
  }

  private static Process launch(MariaDbBinaries binaries, Path folder, DatabaseAddress address)
      throws IOException {
    if (!isFree(address)) {
      throw portTaken(address.port());
    }
    Path start = folder.resolve("mariadb.start.sql");
    writeForOwner(start, firstStatements(address));
    Path log = folder.resolve("mariadb.log");
    List<String> command = OwnSession.of(arguments(binaries, folder, address, start));
    Process process = binaries.process(command, log).start();
    try {
      writeForOwner(
          folder.resolve("mariadb.pid"), process.pid() + " " + started(process.toHandle()) + "\n");
      awaitReady(process, address, log);
      return process;
    } catch (Refused | IOException why) {
      end(process.toHandle());
      throw why;
    } finally {
      Files.deleteIfExists(start);
    }
  }

  private static List<String> arguments(
      MariaDbBinaries binaries, Path folder, DatabaseAddress address, Path start) {
    List<String> command = new ArrayList<>();
    command.add(binaries.server().toString());
    command.add("--no-defaults");
    command.add("--basedir=" + binaries.home());
    command.add("--datadir=" + folder.resolve("mariadb"));
    command.add("--bind-address=" + address.host());
    command.add("--port=" + address.port());
    command.add("--socket=mariadb.sock");
    command.add("--pid-file=mariadbd.pid");
    command.add("--init-file=" + start);
    command.add("--skip-name-resolve");
    command.add("--skip-log-bin");
    // On this machine only; and making a certificate at each start takes seconds to minutes.
    command.add("--skip-ssl");
    command.add("--innodb-flush-log-at-trx-commit=1");
    command.add("--idle-transaction-timeout=1");
    command.add("--transaction-isolation=READ-COMMITTED");
    command.add("--innodb-buffer-pool-size=" + bufferPoolMebibytes() + "M");
    command.add("--innodb-log-file-size=256M");
    command.add("--innodb-lock-wait-timeout=10");
    command.add("--character-set-server=utf8mb4");
    command.add("--collation-server=utf8mb4_bin");
    command.add("--max-connections=300");
    command.add("--max-allowed-packet=64M");
    command.add("--performance-schema=OFF");
    asRoot(command);
    return command;
  }

  /**
   * A sixteenth of the memory of this machine or container, where a whole cluster runs beside it;
   * pages are taken as they are used.
   */
  private static long bufferPoolMebibytes() {
    long memory =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return Math.clamp((memory / 16) >> 20, 256, 1024);
  }

  /** They run before the first connection is let in. */
  private static String firstStatements(DatabaseAddress address) {
    return """
        CREATE OR REPLACE USER root@localhost IDENTIFIED BY '%1$s';
        GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;
        DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');
        FLUSH PRIVILEGES;
        CREATE DATABASE IF NOT EXISTS batuta CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
        CREATE OR REPLACE USER batuta@'%2$s' IDENTIFIED BY '%1$s';
        GRANT ALL ON `batuta%%`.* TO batuta@'%2$s';
        """
        .formatted(address.password(), address.host().equals(LOOPBACK) ? LOOPBACK : "%");
  }

  private static void awaitReady(Process process, DatabaseAddress address, Path log)
      throws IOException {
    long until = System.nanoTime() + READY_WITHIN.toNanos();
    while (System.nanoTime() < until) {
      if (!process.isAlive()) {
        throw failed("ended at once (exit " + process.exitValue() + ")", log);
      }
      try (var connection =
          DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password())) {
        if (connection.isValid(5)) {
          return;
        }
      } catch (SQLException _) {
        pause();
      }
    }
    throw failed("was not ready within " + READY_WITHIN.toSeconds() + " s", log);
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new Refused(Kind.UNAVAILABLE, "interrupted", "The start of MariaDB was interrupted.");
    }
  }

  private static Refused failed(String what, Path log) throws IOException {
    List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
    String last =
        lines.stream()
            .filter(line -> line.contains("[ERROR]"))
            .reduce((_, each) -> each)
            .orElse("");
    return new Refused(
        Kind.UNAVAILABLE,
        "database-start",
        "MariaDB %s; see %s. %s".formatted(what, log, last).strip());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean isFree(DatabaseAddress address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new java.net.InetSocketAddress(address.host(), address.port()), 1);
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
