package dev.batuta.cli.up;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/** TCP ports of this machine for a cluster: the fixed ones must be free, the others are chosen. */
final class Ports {
  /**
   * Below the range from which the system takes ports for outgoing connections, so that none is
   * lost to one.
   */
  private static final int LOWEST = 20_000;

  private static final int HIGHEST = 32_000;
  private static final int EPHEMERAL = 32_768;
  private static final int TRIES = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final IntPredicate free;
  private final Set<Integer> taken = new HashSet<>();
  private final RandomGenerator random = RandomGenerator.getDefault();

  Ports() {
    this(Ports::isFree);
  }

  /**
   * @param free whether nobody listens at a port
   */
  Ports(IntPredicate free) {
    this.free = free;
  }

  /**
   * Takes a port that someone asked for by its number; {@code remedy} says what to do when it is
   * not free.
   */
  int fixed(int port, String remedy) {
    if (taken.contains(port)) {
      throw Problem.unsure(
          "bad-setting",
          "port %d is wanted twice in this cluster, where each server has each port of the one before it plus 100: give one of the two another number"
              .formatted(port));
    }
    long end = System.nanoTime() + (port >= EPHEMERAL ? PATIENCE.toNanos() : 0);
    while (!free.test(port)) {
      if (System.nanoTime() >= end) {
        throw Problem.failed(
            "port-taken",
            "port %d is taken%s: %s"
                .formatted(port, holder(port).map(h -> " by " + h).orElse(""), remedy));
      }
      Api.pause(PAUSE);
    }
    taken.add(port);
    return port;
  }

  /** Takes a free port, the preferred one if it is. 0 prefers none. */
  int any(int preferred) {
    if (preferred > 0 && !taken.contains(preferred) && free.test(preferred)) {
      taken.add(preferred);
      return preferred;
    }
    for (int i = 0; i < TRIES; i++) {
      int port = random.nextInt(LOWEST, HIGHEST);
      if (!taken.contains(port) && free.test(port)) {
        taken.add(port);
        return port;
      }
    }
    throw Problem.failed(
        "no-port", "no free port between %d and %d was found".formatted(LOWEST, HIGHEST));
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Which program listens at a port, where the kernel tells. */
  static Optional<String> holder(int port) {
    return inode(port).flatMap(Ports::owner).map(Ports::described);
  }

  private static Optional<String> inode(int port) {
    var local = String.format(Locale.ROOT, ":%04X", port);
    for (var table : Set.of("/proc/net/tcp", "/proc/net/tcp6")) {
      try {
        for (var line : Files.readAllLines(Path.of(table))) {
          var fields = line.strip().split("\\s+", -1);
          if (fields.length > 9 && fields[1].endsWith(local) && fields[3].equals("0A")) {
            return Optional.of("socket:[" + fields[9] + "]");
          }
        }
      } catch (IOException e) {
        // not on this system
      }
    }
    return Optional.empty();
  }

  private static Optional<ProcessHandle> owner(String socket) {
    return ProcessHandle.allProcesses().filter(process -> has(process, socket)).findFirst();
  }

  private static boolean has(ProcessHandle process, String socket) {
    try (var open =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      for (var descriptor : open) {
        if (Files.readSymbolicLink(descriptor).toString().equals(socket)) {
          return true;
        }
      }
    } catch (IOException e) {
      // another user's, or it has just ended
    }
    return false;
  }

  private static String described(ProcessHandle process) {
    var command = process.info().command().map(c -> Path.of(c).getFileName() + ", ").orElse("");
    return command + "pid " + process.pid();
  }
}
