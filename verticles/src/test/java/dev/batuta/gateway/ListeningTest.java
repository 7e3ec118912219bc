package dev.batuta.gateway;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListeningTest {
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger tries = new AtomicInteger();

  @AfterEach
  void close() {
    await(vertx.close());
  }

  @Test
  void aTakenPortOfAServerIsRefusedAtOnceAndNamedWithWhatMovesIt() throws IOException {
    try (ServerSocket taken = outsideTheEphemeralRange()) {
      int port = taken.getLocalPort();

      Refused refused = refused(port);

      assertThat(refused.failure().code()).isEqualTo("port-taken");
      assertThat(refused)
          .hasMessage(
              "Port %d of 127.0.0.1 is taken: stop the program that listens on it, or move this"
                  + " node with --set ws.port=P.",
              port);
      assertThat(tries).hasValue(1);
    }
  }

  @Test
  void aPortOfTheEphemeralRangeIsTriedUntilWhoHeldItForAMomentLetsItGo() throws IOException {
    try (ServerSocket taken = inTheEphemeralRange()) {
      int port = taken.getLocalPort();
      Listening listening = new Listening(vertx, place(port), Duration.ofMinutes(1));

      NetServer server = await(listening.take(() -> bind(port, () -> closeAtTry(3, taken))));

      assertThat(server.actualPort()).isEqualTo(port);
      assertThat(tries).hasValue(3);
    }
  }

  @Test
  void aPortOfTheEphemeralRangeThatStaysTakenIsNamedWhenPatienceEnds() throws IOException {
    try (ServerSocket taken = inTheEphemeralRange()) {
      int port = taken.getLocalPort();

      Refused refused = refused(port);

      assertThat(refused.failure().code()).isEqualTo("port-taken");
      assertThat(refused).hasMessageContaining("Port " + port);
      assertThat(tries).hasValueGreaterThan(1);
    }
  }

  @Test
  void anotherReasonIsToldAtOnceWithTheSettingToLookAt() {
    Listening listening = listening(50_000);

    Refused refused =
        catchThrowableOfType(
            Refused.class,
            () ->
                await(listening.take(() -> Future.failedFuture(new IOException("no such host")))));

    assertThat(refused.failure().code()).isEqualTo("cannot-listen");
    assertThat(refused).hasMessage("Cannot listen on 127.0.0.1:50000: no such host; see ws.host.");
  }

  private Listening listening(int port) {
    return new Listening(vertx, place(port), PATIENCE);
  }

  private static Listening.Place place(int port) {
    return new Listening.Place("127.0.0.1", port, "ws.host", "--set ws.port=P");
  }

  private Refused refused(int port) {
    return catchThrowableOfType(
        Refused.class, () -> await(listening(port).take(() -> bind(port, () -> {}))));
  }

  private Future<NetServer> bind(int port, Runnable before) {
    tries.incrementAndGet();
    before.run();
    return vertx.createNetServer().connectHandler(socket -> {}).listen(port, "127.0.0.1");
  }

  private void closeAtTry(int number, ServerSocket taken) {
    if (tries.get() == number) {
      try {
        taken.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static ServerSocket inTheEphemeralRange() throws IOException {
    return taken(32_768, 65_535);
  }

  private static ServerSocket outsideTheEphemeralRange() throws IOException {
    return taken(20_000, 32_000);
  }

  /** Takes a free port of a range. */
  private static ServerSocket taken(int from, int to) throws IOException {
    IOException last = new IOException("none was tried");
    for (int i = 0; i < 100; i++) {
      ServerSocket socket = new ServerSocket();
      try {
        int port = ThreadLocalRandom.current().nextInt(from, to);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
      } catch (IOException taken) {
        socket.close();
        last = taken;
      }
    }
    throw last;
  }
}
