package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.lending.Thresholds;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lending of foreign workers between two servers of this implementation, through their ports. */
class LendingRowsTest {
  private static final Thresholds EAGER = new Thresholds(5, 2, 1, Duration.ofMillis(200));
  private static final WorkerTimes TIMES = new WorkerTimes(100, 2_000, 300, 20_000);
  private static final int TASKS = 60;

  private static final List<ForeignFixture> SERVERS =
      ForeignFixture.servers(TIMES, EAGER, "server-1", "server-2");

  @AfterAll
  static void closeAll() {
    SERVERS.forEach(ForeignFixture::close);
  }

  /** Workers that ask at two doors, whichever they are sent to. */
  private static final class Crew implements AutoCloseable {
    private final Python python = Python.start("sockets.py");
    private final String transport;
    private int exchanges;

    Crew(String transport) {
      this.transport = transport;
    }

    int port(ForeignFixture server) {
      return transport.equals("tcp") ? server.tcpPort() : server.webSocketPort();
    }

    JsonObject asks(String worker, int port) {
      return exchange(port, new JsonObject().put("WORKER", "ALIVE").put("WORKER_UUID", worker));
    }

    JsonObject reports(String worker, int port) {
      return exchange(port, new JsonObject().put("STATUS", "OK").put("WORKER_UUID", worker));
    }

    /** On a connection of its own. */
    private JsonObject exchange(int port, JsonObject said) {
      String connection = "c" + ++exchanges;
      python.connect(connection, transport, port);
      JsonObject heard = python.asks(connection, said.encode());
      python.hangUp(connection);
      return heard;
    }

    @Override
    public void close() {
      python.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "ws"})
  void oneIsRedirectedToTheServerThatHasTooMuchToDoAndReturnsWhenItIsDone(String transport) {
    ForeignFixture home = SERVERS.getFirst();
    ForeignFixture busy = SERVERS.getLast();
    try (Crew crew = new Crew(transport)) {
      String kept = "kept-" + transport;
      String lent = "lent-" + transport;
      for (String worker : List.of(kept, lent)) {
        crew.asks(worker, crew.port(home));
      }
      List<Long> ids = busy.submit(Collections.nCopies(TASKS, query(USER)).toArray(Payload[]::new));

      JsonObject redirect = untilSentAway(crew, home, kept, lent);
      String sent = redirect.getString("worker");
      assertThat(redirect.getJsonObject("said"))
          .isEqualTo(
              new JsonObject()
                  .put("TASK", "REDIRECT")
                  .put("TARGET_MASTER", upper("localhost", crew.port(busy)))
                  .put("HOME_MASTER", upper("127.0.0.1", crew.port(home)))
                  .put("FAILOVER_LIST", new JsonArray())
                  .put("SERVER_REDIRECT", lower("localhost", crew.port(busy)))
                  .put("MASTER_REDIRECT", lower("localhost", crew.port(busy))));

      JsonObject told = crew.asks(sent, crew.port(busy));
      boolean isBorrowed = false;
      long until = System.nanoTime() + ForeignFixture.LONG.toNanos();
      while (!"RETURN".equals(told.getString("TASK"))) {
        assertThat(System.nanoTime()).as("it is sent home in time").isLessThan(until);
        if ("QUERY".equals(told.getString("TASK"))) {
          assertThat(crew.reports(sent, crew.port(busy)).getString("STATUS")).isEqualTo("ACK");
        }
        isBorrowed |= busy.farm().stream().anyMatch(worker -> isOf(worker, sent, "server-1"));
        told = crew.asks(sent, crew.port(busy));
      }
      assertThat(isBorrowed).as("it belongs to the lender, which it need not say").isTrue();
      assertThat(told)
          .as("home as it was told there, and not as the other servers know it")
          .isEqualTo(
              new JsonObject()
                  .put("TASK", "RETURN")
                  .put("SERVER_RETURN", lower("127.0.0.1", crew.port(home))));

      crew.asks(sent, crew.port(home));
      Awaitility.await()
          .atMost(ForeignFixture.LONG)
          .untilAsserted(
              () ->
                  assertThat(home.farm())
                      .extracting(WorkerView::id, WorkerView::home)
                      .contains(tuple(sent, "server-1")));
      assertThat(busy.farm()).extracting(WorkerView::id).doesNotContain(sent);
      assertThat(ids)
          .allSatisfy(
              id -> {
                assertThat(busy.ended(id).state()).isEqualTo(State.DONE);
                assertThat(busy.ended(id).attempt()).isEqualTo(1);
              });
      assertThat(home.audit().ok()).isTrue();
    }
  }

  /** Which of the two is sent away, and how it is told so. */
  private static JsonObject untilSentAway(Crew crew, ForeignFixture home, String... workers) {
    long until = System.nanoTime() + ForeignFixture.LONG.toNanos();
    while (System.nanoTime() < until) {
      for (String worker : workers) {
        JsonObject said = crew.asks(worker, crew.port(home));
        if ("REDIRECT".equals(said.getString("TASK"))) {
          return new JsonObject().put("worker", worker).put("said", said);
        }
      }
    }
    throw new AssertionError("none was sent away");
  }

  private static boolean isOf(WorkerView worker, String id, String home) {
    return worker.id().equals(id) && worker.home().equals(home);
  }

  private static JsonObject upper(String host, int port) {
    return new JsonObject().put("IP", host).put("PORT", port);
  }

  private static JsonObject lower(String host, int port) {
    return new JsonObject().put("ip", host).put("port", port);
  }
}
