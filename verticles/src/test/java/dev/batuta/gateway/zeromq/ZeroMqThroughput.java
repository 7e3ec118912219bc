package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.ChatService.Saying;
import dev.batuta.identity.Caller;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ.Socket;

/**
 * Requests of 16 clients in Python to the door, beside a bare echo of the same library in the same
 * run, and deliveries to 50 subscribers in Python while one more reads nothing.
 *
 * <p>Arguments: seconds for each row (5), rounds (2), messages a second that the subscribers are
 * offered (2400, 4000), each a row.
 */
final class ZeroMqThroughput {
  private static final PrintStream OUT = System.out;
  private static final int CLIENTS = 16;
  private static final int SUBSCRIBERS = 50;

  /** With name, channel, time and clock a message of this text is one of 100 bytes. */
  private static final String TEXT = "x".repeat(41);

  private ZeroMqThroughput() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 2;
    List<String> rates = args.length > 2 ? List.of(args).subList(2, args.length) : List.of();
    Path folder = Files.createTempDirectory("zeromq-throughput");
    Path python = PythonClients.interpreter();
    try (ZeroMqFixture fixture = new ZeroMqFixture(folder);
        ZContext bare = new ZContext();
        Asker asker = fixture.services()) {
      asker.ask("login", Map.of("user", "ana"));
      asker.ask("channel", Map.of("channel", "geral"));
      String echo = echo(bare);
      for (int round = 0; round < rounds; round++) {
        load(python, echo, "echo", seconds);
        load(python, fixture.endpoint("zeromq-services"), "users", seconds);
        load(python, fixture.endpoint("zeromq-services"), "publish", seconds);
      }
      for (String rate : rates.isEmpty() ? List.of("2400", "4000") : rates) {
        fanOut(python, fixture, Integer.parseInt(rate), seconds);
      }
      asker.ask("users", Map.of());
    }
    System.exit(0);
  }

  private static String echo(ZContext context) {
    Socket socket = context.createSocket(SocketType.REP);
    int port = socket.bindToRandomPort("tcp://127.0.0.1");
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              while (true) {
                socket.send(socket.recv());
              }
            });
    return "tcp://127.0.0.1:" + port;
  }

  private static void load(Path python, String endpoint, String service, int seconds)
      throws IOException, InterruptedException {
    List<String> command =
        List.of(
            python.toString(),
            "src/test/python/zeromq_load.py",
            endpoint,
            service,
            "ana",
            "geral",
            String.valueOf(CLIENTS),
            String.valueOf(seconds));
    new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  private static void fanOut(Path python, ZeroMqFixture fixture, int perSecond, int seconds)
      throws IOException, InterruptedException {
    ChatService chat = fixture.server().gateway().services().chat();
    long tooSlow = fixture.refused("too-slow");
    Process listening =
        new ProcessBuilder(
                python.toString(),
                "src/test/python/zeromq_fanout.py",
                String.valueOf(fixture.port("zeromq-subscriptions")),
                "geral",
                String.valueOf(SUBSCRIBERS))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader printed = listening.inputReader(UTF_8);
        Writer input = listening.outputWriter(UTF_8)) {
      while (!printed.ready()) {
        say(chat, "begin", new Semaphore(1));
        TimeUnit.MILLISECONDS.sleep(100);
      }
      printed.readLine();
      long heap = heapMebibytes();
      int said = publish(chat, perSecond, seconds);
      TimeUnit.SECONDS.sleep(2);
      input.write("end\n");
      input.flush();
      JsonObject got = new JsonObject(printed.readLine());
      OUT.printf(
          "fan-out of %d/s: %d of %d deliveries of %d bytes in %s s, %.0f/s; too slow %d; heap %d MiB, before %d%n",
          perSecond,
          got.getLong("heard"),
          (long) said * SUBSCRIBERS,
          got.getInteger("bytes"),
          got.getDouble("seconds"),
          got.getLong("heard") / got.getDouble("seconds"),
          fixture.refused("too-slow") - tooSlow,
          heapMebibytes(),
          heap);
    }
    listening.waitFor();
  }

  /** Says so many messages in each second, by the services, as another door would. */
  private static int publish(ChatService chat, int perSecond, int seconds)
      throws InterruptedException {
    Semaphore room = new Semaphore(1_000);
    long began = System.nanoTime();
    int said = 0;
    while (said < perSecond * seconds) {
      long due = (System.nanoTime() - began) * perSecond / 1_000_000_000L;
      for (; said < Math.min(due, (long) perSecond * seconds); said++) {
        room.acquire();
        say(chat, TEXT, room);
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    room.acquire(1_000);
    return said;
  }

  private static void say(ChatService chat, String text, Semaphore room) {
    chat.publish(Caller.ofDoor("zeromq"), "geral", new Saying("ana", text, null))
        .onComplete(posted -> room.release());
  }

  private static long heapMebibytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20;
  }
}
