package dev.batuta.gateway.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Many workers over TCP on one thread of a process of their own, so that they cost the server
 * nothing but their connections. Each asks, answers, and asks again; idle ones ask once.
 */
final class Crowd implements AutoCloseable {
  private static final String ANSWERED = "answered";

  private final Process process;
  private final BufferedReader out;
  private final int size;

  private Crowd(Process process, int size) {
    this.process = process;
    this.size = size;
    this.out = process.inputReader(UTF_8);
  }

  /** Starts so many, and waits until each has been answered once. */
  static Crowd start(int port, int count, boolean idle) {
    try {
      Crowd crowd =
          new Crowd(
              new ProcessBuilder(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "-Xmx128m",
                      "-XX:+UseSerialGC",
                      "-cp",
                      System.getProperty("java.class.path"),
                      Crowd.class.getName(),
                      Integer.toString(port),
                      Integer.toString(count),
                      Boolean.toString(idle))
                  .redirectError(ProcessBuilder.Redirect.INHERIT)
                  .start(),
              count);
      String said = crowd.out.readLine();
      if (!ANSWERED.equals(said)) {
        throw new AssertionError("the workers ended: " + said);
      }
      return crowd;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** How many they are. */
  int size() {
    return size;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Port, how many, and whether they are idle. */
  public static void main(String[] args) throws IOException {
    new Workers(Integer.parseInt(args[0]), Boolean.parseBoolean(args[2]))
        .run(Integer.parseInt(args[1]));
  }

  private static final class Workers {
    private static final byte[] REPORT = "{\"STATUS\":\"OK\"}\n".getBytes(UTF_8);
    private static final List<String> TASKS = List.of("\"TASK\":\"QUERY\"", "\"TASK\":\"UPDATE\"");

    private final int port;
    private final boolean idle;
    private final ByteBuffer read = ByteBuffer.allocateDirect(4_096);
    private int answered;

    private static final class Worker {
      final byte[] ask;

      /** Of a line that is not complete. */
      String begun = "";

      boolean answered;

      Worker(int number) {
        this.ask =
            "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"many-%d\"}\n"
                .formatted(number)
                .getBytes(UTF_8);
      }
    }

    Workers(int port, boolean idle) {
      this.port = port;
      this.idle = idle;
    }

    void run(int count) throws IOException {
      try (Selector selector = Selector.open()) {
        for (int i = 0; i < count; i++) {
          SocketChannel socket =
              SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
          socket.configureBlocking(false);
          Worker worker = new Worker(i);
          socket.register(selector, SelectionKey.OP_READ, worker);
          socket.write(ByteBuffer.wrap(worker.ask));
        }
        while (!selector.keys().isEmpty()) {
          selector.select(key -> hear(key, count));
        }
      }
    }

    private void hear(SelectionKey key, int count) {
      Worker worker = (Worker) Objects.requireNonNull(key.attachment());
      SocketChannel socket = (SocketChannel) key.channel();
      try {
        read.clear();
        if (socket.read(read) < 0) {
          socket.close();
          return;
        }
        String text = worker.begun + UTF_8.decode(read.flip());
        int end = text.lastIndexOf('\n') + 1;
        worker.begun = text.substring(end);
        for (String line : text.substring(0, end).lines().toList()) {
          note(worker, count);
          byte[] next = TASKS.stream().anyMatch(line::contains) ? REPORT : worker.ask;
          if (!idle) {
            socket.write(ByteBuffer.wrap(next));
          }
        }
      } catch (IOException broken) {
        key.cancel();
      }
    }

    private void note(Worker worker, int count) {
      if (!worker.answered) {
        worker.answered = true;
        if (++answered == count) {
          System.out.println(ANSWERED);
        }
      }
    }
  }
}
