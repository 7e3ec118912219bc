package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.OTHER;
import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static dev.batuta.gateway.foreign.ForeignFixture.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Task;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows between server and worker, by a client in Python through the real ports. */
class WorkerRowsTest {
  private static final ForeignFixture SERVER =
      new ForeignFixture(new WorkerTimes(400, 3_000, 300, 3_000));
  private static final JsonObject ACK = new JsonObject("{\"STATUS\":\"ACK\"}");
  private static final JsonObject NO_TASK = new JsonObject("{\"TASK\":\"NO_TASK\"}");

  private final Python python = Python.start("sockets.py");

  @AfterAll
  static void closeAll() {
    SERVER.close();
  }

  @BeforeEach
  void connect() {
    python.connect("c", "tcp", SERVER.tcpPort());
  }

  @AfterEach
  void hangUp() {
    python.close();
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .until(() -> SERVER.farm().isEmpty()); // when leases have ended
  }

  private void open(String transport) {
    python.hangUp("c");
    python.connect(
        "c", transport, transport.equals("tcp") ? SERVER.tcpPort() : SERVER.webSocketPort());
  }

  /** Asks until there is a task: a busy machine may take its time. */
  private JsonObject told(String connection, String alive) {
    return new JsonObject(textTold(connection, alive).replace("\\n", ""));
  }

  private String textTold(String connection, String alive) {
    for (int i = 0; i < 60; i++) {
      python.line(connection, alive);
      String text = python.reads(connection);
      if (!text.contains("NO_TASK")) {
        return text;
      }
    }
    throw new AssertionError("no task");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "ws"})
  void aWorkerThatAsksIsAnsweredAtOnceAlsoWhenThereIsNothing(String transport) {
    open(transport);
    assertThat(python.asks("c", "{\"WORKER\":\"ALIVE\"}")).isEqualTo(NO_TASK);
    assertThat(python.asks("c", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-1\"}"))
        .isEqualTo(NO_TASK);
    assertThat(SERVER.farm()).extracting(worker -> worker.id()).contains("w-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "ws"})
  void aQueryIsDoneWithTheLedgersBalance(String transport) {
    open(transport);
    long id = SERVER.submit(query(USER)).getFirst();
    JsonObject task = told("c", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-1\"}");
    assertThat(task)
        .isEqualTo(
            new JsonObject()
                .put("TASK", "QUERY")
                .put("USER", USER)
                .put("TASK_ID", Long.toString(id)));
    assertThat(
            python.asks(
                "c",
                "{\"STATUS\":\"OK\",\"SALDO\":100.00,\"TASK\":\"QUERY\",\"WORKER_UUID\":\"w-1\"}"))
        .isEqualTo(ACK);
    Task done = SERVER.ended(id);
    assertThat(done.state()).isEqualTo(State.DONE);
    assertThat(done.worker()).isEqualTo("w-1");
    assertThat(done.attempt()).isEqualTo(1);
    assertThat(done.result()).isEqualTo(new Result(Status.OK, "100.00", null));
  }

  @Test
  void anUpdateSaysTheBalanceThatIsSetToTheCentAndRepeatsTheUser() {
    long id = SERVER.submit(set(OTHER, "120.5")).getFirst();
    BigDecimal before = SERVER.balance(OTHER);
    assertThat(textTold("c", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-2\"}"))
        .isEqualTo(
            "{\"TASK\":\"UPDATE\",\"USER\":\"%s\",\"CPF\":\"%s\",\"SALDO\":120.50,\"TASK_ID\":\"%d\"}\\n"
                .formatted(OTHER, OTHER, id));
    assertThat(SERVER.balance(OTHER)).as("until it answers").isEqualByComparingTo(before);
    assertThat(python.asks("c", "{\"STATUS\":\"OK\",\"WORKER_UUID\":\"w-2\"}")).isEqualTo(ACK);
    assertThat(SERVER.ended(id).result()).isEqualTo(new Result(Status.OK, "120.50", null));
    assertThat(SERVER.balance(OTHER)).isEqualByComparingTo("120.50");
  }

  @Test
  void anObjectWithoutANewlineIsAMessageAndEachExchangeMayHaveItsConnection() {
    long id = SERVER.submit(query(USER)).getFirst();
    JsonObject told;
    do {
      python.bare("c", "{\"WORKER\":\"ALIVE\",\"WORKER_ID\":\"w-3\",\"OWNER_ID\":\"elsewhere\"}");
      told = python.hears("c");
    } while (told.equals(NO_TASK));
    assertThat(told.getString("TASK")).isEqualTo("QUERY");
    python.hangUp("c");
    assertThat(SERVER.farm()).extracting(worker -> worker.home()).containsExactly("elsewhere");
    python.connect("d", "tcp", SERVER.tcpPort());
    python.bare("d", "{\"STATUS\":\"OK\",\"SALDO\":100,\"WORKER_ID\":\"w-3\"}");
    assertThat(python.hears("d")).isEqualTo(ACK);
    assertThat(SERVER.ended(id).attempt()).isEqualTo(1);
  }

  @Test
  void theIdMayStandInWorkerAndOnAKeptConnectionBeMissing() {
    List<Long> ids = SERVER.submit(query(USER), query(OTHER));
    String alive = "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-4\",\"SERVER_UUID\":\"B\"}";
    told("c", alive);
    assertThat(python.asks("c", "{\"STATUS\":\"OK\",\"WORKER\":\"Ana's laptop\"}")).isEqualTo(ACK);
    told("c", alive);
    python.connect("d", "tcp", SERVER.tcpPort());
    python.hangUp("c");
    assertThat(python.asks("d", "{\"STATUS\":\"OK\",\"WORKER\":\"w-4\"}")).isEqualTo(ACK);
    assertThat(ids).allSatisfy(id -> assertThat(SERVER.ended(id).attempt()).isEqualTo(1));
  }

  @Test
  void aReportedFailureIsTheLedgersToDecide() {
    long id = SERVER.submit(query(USER)).getFirst();
    told("c", "{\"WORKER\":\"ALIVE\"}");
    assertThat(
            python.asks(
                "c", "{\"STATUS\":\"NOK\",\"TASK\":\"QUERY\",\"ERROR\":\"User not found\"}"))
        .isEqualTo(ACK);
    Task done = SERVER.ended(id);
    assertThat(done.result()).isEqualTo(new Result(Status.OK, "100.00", null));
    assertThat(done.attempt()).as("it is not retried").isEqualTo(1);
    assertThat(SERVER.tcp().figures().refused()).containsKey("balance-differs");
  }

  @Test
  void aResultMayWriteTheUserAsItLikes() {
    long number = SERVER.submit(query("01234567890")).getFirst();
    told("c", "{\"WORKER\":\"ALIVE\"}");
    assertThat(python.asks("c", "{\"STATUS\":\"NOK\",\"TASK\":\"QUERY\",\"USER\":1234567890}"))
        .isEqualTo(ACK);
    assertThat(SERVER.ended(number).attempt()).isEqualTo(1);

    long name = SERVER.submit(query(USER)).getFirst();
    told("c", "{\"WORKER\":\"ALIVE\"}");
    String result = "{\"STATUS\":\"OK\",\"SALDO\":100,\"USER\":\"%s\",\"TASK_ID\":\"%d\"}";
    assertThat(python.asks("c", result.formatted(OTHER, name)).getString("CODE"))
        .isEqualTo("another-task");
    assertThat(python.asks("c", result.formatted("Ana", name))).isEqualTo(ACK);
    assertThat(SERVER.ended(name).result()).isEqualTo(new Result(Status.OK, "100.00", null));
    assertThat(SERVER.tcp().figures().refused()).containsEntry("task-differs", 1L);
  }

  @Test
  void withoutAnIdTheConnectionIsTheWorkerAndTheTaskIsLostWithIt() {
    long id = SERVER.submit(query(USER)).getFirst();
    told("c", "{\"WORKER\":\"ALIVE\"}");
    python.hangUp("c");
    python.connect("d", "tcp", SERVER.tcpPort());
    assertThat(python.asks("d", "{\"STATUS\":\"OK\"}").getString("STATUS")).isEqualTo("NACK");
    JsonObject again = told("d", "{\"WORKER\":\"ALIVE\"}");
    assertThat(again.getString("TASK_ID")).isEqualTo(Long.toString(id));
    assertThat(python.asks("d", "{\"STATUS\":\"OK\"}")).isEqualTo(ACK);
    assertThat(SERVER.ended(id).attempt()).as("what was lost was not begun").isEqualTo(1);
  }

  @Test
  void oneThatKnowsOnlyQueriesGetsNoUpdateAfterTheFirst() {
    List<Long> ids = SERVER.submit(set(OTHER, "3.00"));
    String alive = "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-5\"}";
    assertThat(told("c", alive).getString("TASK")).isEqualTo("UPDATE");
    long query = SERVER.submit(query(USER)).getFirst();
    JsonObject next;
    do {
      next = python.asks("c", alive);
      assertThat(next.getString("TASK")).isNotEqualTo("UPDATE");
    } while (next.equals(NO_TASK));
    assertThat(python.asks("c", "{\"STATUS\":\"OK\"}")).isEqualTo(ACK);
    assertThat(SERVER.ended(query).state()).isEqualTo(State.DONE);
    assertThat(python.asks("c", alive)).isEqualTo(NO_TASK);
    python.connect("d", "tcp", SERVER.tcpPort());
    told("d", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-6\"}");
    assertThat(python.asks("d", "{\"STATUS\":\"OK\"}")).isEqualTo(ACK);
    assertThat(Objects.requireNonNull(SERVER.ended(ids.getFirst()).result()).status())
        .isEqualTo(Status.OK);
  }

  @Test
  void oneThatKnowsOnlyQueriesIsStillKnownWhenItComesBackAfterItsLease() {
    long id = SERVER.submit(set(OTHER, "4.00")).getFirst();
    String alive = "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-7\"}";
    assertThat(told("c", alive).getString("TASK")).isEqualTo("UPDATE");
    assertThat(python.asks("c", alive)).isEqualTo(NO_TASK);
    python.hangUp("c");
    Awaitility.await().atMost(ForeignFixture.LONG).until(() -> SERVER.farm().isEmpty());
    python.connect("d", "tcp", SERVER.tcpPort());
    assertThat(python.asks("d", alive)).isEqualTo(NO_TASK);
    assertThat(SERVER.farm().getFirst().kinds()).containsExactly("QUERY");
    told("d", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-8\"}");
    assertThat(python.asks("d", "{\"STATUS\":\"OK\"}")).isEqualTo(ACK);
    assertThat(SERVER.ended(id).attempt()).isEqualTo(1);
  }

  @Test
  void theOldestDialectDoesOneQueryForEachConnection() {
    open("ws");
    long id = SERVER.submit(query(USER)).getFirst();
    assertThat(told("c", "{\"flag\":\"WORKER:ALIVE\"}"))
        .isEqualTo(
            new JsonObject()
                .put("user_id", USER)
                .put("task", "QUERY")
                .put("flag", "<USER:" + USER + "; TASK:QUERY>")
                .put("TASK_ID", Long.toString(id)));
    python.line(
        "c",
        "{\"cpf\":\"%s\",\"saldo\":9.9,\"task\":\"QUERY\",\"status\":\"OK\",\"update_at\":\"2026-01-01T00:00:00\"}"
            .formatted(USER));
    assertThat(SERVER.ended(id).result()).isEqualTo(new Result(Status.OK, "100.00", null));
    assertThat(SERVER.webSocket().figures().refused()).containsKey("balance-differs");
  }

  @Test
  void anUnknownCommandIsAnsweredAndChangesNothing() {
    assertThat(python.asks("c", "{\"TASK\":\"DANCE\"}").getString("STATUS")).isEqualTo("NACK");
    assertThat(python.asks("c", "{\"WORKER\":\"ALIVE\"}")).isEqualTo(NO_TASK);
  }
}
