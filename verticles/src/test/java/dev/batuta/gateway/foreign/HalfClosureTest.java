package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Clients that end their side of a connection after what they say, as nc -N and CloseWrite do. */
class HalfClosureTest {
  private static final ForeignFixture SERVER =
      new ForeignFixture(new WorkerTimes(2_000, 4_000, 300, 30_000));

  private static final String ALIVE = "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-1\"}\n";

  @AfterAll
  static void closeAll() {
    SERVER.close();
  }

  /** All that is said to it, to the end of the connection. */
  private static List<String> exchange(String said) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.tcpPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(said.getBytes(StandardCharsets.UTF_8));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    } catch (IOException broken) {
      throw new AssertionError(broken);
    }
  }

  private static void assertAllClosed() {
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .until(() -> SERVER.tcp().figures().connections() == 0);
  }

  @Test
  void aWorkerIsToldItsTaskAndThatItsResultIsRecorded() {
    assertThat(exchange(ALIVE)).containsExactly("{\"TASK\":\"NO_TASK\"}");
    long id = SERVER.submit(query(USER)).getFirst();
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .until(() -> exchange(ALIVE).getFirst(), told -> told.contains("QUERY"));
    assertThat(exchange("{\"STATUS\":\"OK\",\"TASK\":\"QUERY\",\"WORKER_UUID\":\"w-1\"}\n"))
        .containsExactly("{\"STATUS\":\"ACK\"}");
    assertThat(SERVER.ended(id).state()).isEqualTo(State.DONE);
    assertThat(SERVER.ended(id).attempt()).isEqualTo(1);
    assertAllClosed();
  }

  @Test
  void allThatWasAskedIsAnsweredBeforeTheEnd() {
    assertThat(exchange("{\"SERVER\":\"ALIVE\"}" + ALIVE + "{\"SERVER\":\"ALIVE\"}"))
        .hasSize(3)
        .anyMatch(told -> told.contains("NO_TASK"));
    assertAllClosed();
  }

  /** It may be gone, and must not be given a task; if it is not, it is told at once. */
  @Test
  void oneThatEndsItsSideWhileItWaitsIsToldAtOnceThatThereIsNoTask() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.tcpPort())) {
      socket.setSoTimeout(1_000); // that it waits for a task is longer
      socket.getOutputStream().write(ALIVE.replace("w-1", "w-2").getBytes(StandardCharsets.UTF_8));
      Awaitility.await()
          .pollDelay(Duration.ofMillis(100))
          .until(() -> SERVER.farm().stream().anyMatch(worker -> worker.id().equals("w-2")));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readAllBytes())
          .isEqualTo("{\"TASK\":\"NO_TASK\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    assertAllClosed();
  }

  /** Without an id it cannot report on another connection. */
  @Test
  void oneWithoutAnIdThatEndsItsSideIsGivenNoTask() {
    long id = SERVER.submit(query(USER)).getFirst();
    for (int i = 0; i < 5; i++) {
      assertThat(exchange("{\"WORKER\":\"ALIVE\"}\n")).containsExactly("{\"TASK\":\"NO_TASK\"}");
    }
    try (Line line = Line.to(SERVER.tcpPort())) {
      while (line.asks(ALIVE.replace("w-1", "w-3").strip()).getString("TASK").equals("NO_TASK")) {}
      assertThat(line.asks("{\"STATUS\":\"OK\"}").getString("STATUS")).isEqualTo("ACK");
    }
    assertThat(SERVER.ended(id).attempt()).isEqualTo(1);
  }

  @Test
  void whatHasNoAnswerEndsToo() {
    assertThat(
            exchange(
                "{\"SERVER_UUID\":\"B\",\"RESPONSE\":\"RELEASE_COMPLETED\",\"WORKERS_UUID\":[]}\n"))
        .isEmpty();
    assertThat(exchange("")).isEmpty();
    assertThat(exchange("{\"WORKER\":")).isEmpty();
    assertAllClosed();
  }
}
