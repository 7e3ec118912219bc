package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.OTHER;
import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static dev.batuta.gateway.foreign.ForeignFixture.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.State;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that use their connections in ways of their own, and others that use their names. */
class ConnectionHabitsTest {
  private static final ForeignFixture SERVER =
      new ForeignFixture(new WorkerTimes(250, 3_000, 300, 30_000));
  private static final JsonObject ACK = new JsonObject("{\"STATUS\":\"ACK\"}");
  private static final JsonObject NO_TASK = new JsonObject("{\"TASK\":\"NO_TASK\"}");

  @AfterAll
  static void closeAll() {
    SERVER.close();
  }

  private static Line connect() {
    return Line.to(SERVER.tcpPort());
  }

  private static Line connectFromElsewhere() {
    return Line.from("127.0.0.2", SERVER.tcpPort());
  }

  private static String alive(String id) {
    return "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"%s\"}".formatted(id);
  }

  private static String done(String id) {
    return "{\"STATUS\":\"OK\",\"WORKER_UUID\":\"%s\"}".formatted(id);
  }

  private static String doneByTask(long task) {
    return "{\"STATUS\":\"OK\",\"TASK_ID\":\"%d\"}".formatted(task);
  }

  /** Asks until it is given this task. */
  private static void told(Line line, String id, long task) {
    JsonObject told = line.asks(alive(id));
    for (int i = 0; i < 60 && told.equals(NO_TASK); i++) {
      told = line.asks(alive(id));
    }
    assertThat(told.getString("TASK_ID")).as("%s", told).isEqualTo(Long.toString(task));
  }

  private static long submitQuery() {
    return SERVER.submit(query(USER)).getFirst();
  }

  private static void assertDoneBy(String id, long task) {
    assertThat(SERVER.ended(task).state()).isEqualTo(State.DONE);
    assertThat(SERVER.ended(task).worker()).isEqualTo(id);
    assertThat(SERVER.ended(task).attempt()).isEqualTo(1);
  }

  // --- connections that stay open

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "ws"})
  void oneMayOpenAConnectionForEachExchangeAndLeaveThemAllOpen(String transport) {
    int port = transport.equals("tcp") ? SERVER.tcpPort() : SERVER.webSocketPort();
    String id = "leaves-open-" + transport;
    try (Python python = Python.start("sockets.py")) {
      for (int i = 0; i < 3; i++) {
        long task = submitQuery();
        JsonObject told = NO_TASK;
        for (int asks = 0; told.equals(NO_TASK); asks++) {
          String name = "asks-" + i + "-" + asks;
          python.connect(name, transport, port);
          told = python.asks(name, alive(id));
        }
        assertThat(told.getString("TASK_ID")).isEqualTo(Long.toString(task));
        python.connect("reports-" + i, transport, port);
        assertThat(python.asks("reports-" + i, done(id))).isEqualTo(ACK);
        assertDoneBy(id, task);
      }
    }
  }

  @Test
  void whoKnowsOnlyTheIdOrOnlyTheTaskIsNotTheWorkerWhileItsConnectionIsOpenFromElsewhere() {
    long task = submitQuery();
    try (Line worker = connect();
        Line thief = connectFromElsewhere()) {
      told(worker, "robbed", task);
      assertThat(thief.asks(done("robbed")).getString("CODE")).isEqualTo("other-connection");
      assertThat(thief.asks(doneByTask(task)).getString("CODE")).isEqualTo("other-connection");
      assertThat(SERVER.read(task).state()).isEqualTo(State.RUNNING);
      assertThat(worker.asks(done("robbed"))).isEqualTo(ACK);
    }
    assertDoneBy("robbed", task);
  }

  @Test
  void whoSpokeForAnotherWorkerOnAConnectionIsNotThisOne() {
    long task = submitQuery();
    try (Line worker = connect();
        Line thief = connect()) {
      told(worker, "robbed-at-home", task);
      thief.asks(alive("thief"));
      assertThat(thief.asks(done("robbed-at-home")).getString("CODE"))
          .isEqualTo("other-connection");
      assertThat(SERVER.read(task).state()).isEqualTo(State.RUNNING);
      assertThat(worker.asks(done("robbed-at-home"))).isEqualTo(ACK);
    }
    assertDoneBy("robbed-at-home", task);
  }

  @Test
  void whoKnowsBothIsTheWorkerWhereverItIs() {
    long task = submitQuery();
    try (Line worker = connect();
        Line moved = connectFromElsewhere()) {
      told(worker, "moved", task);
      String result = "{\"STATUS\":\"OK\",\"WORKER_UUID\":\"moved\",\"TASK_ID\":\"%d\"}";
      assertThat(moved.asks(result.formatted(task))).isEqualTo(ACK);
    }
    assertDoneBy("moved", task);
  }

  // --- the id of the task alone

  @Test
  void aResultThatNamesOnlyItsTaskIsOfTheWorkerThatWasToldThat() {
    long first = submitQuery();
    try (Line asks = connect()) {
      told(asks, "names-tasks", first);
    }
    try (Line reports = connectFromElsewhere()) {
      assertThat(reports.asks(doneByTask(first))).as("its connection is closed").isEqualTo(ACK);
    }
    assertDoneBy("names-tasks", first);
    long second = submitQuery();
    try (Line asks = connect();
        Line reports = connect()) {
      told(asks, "names-tasks", second);
      assertThat(reports.asks(doneByTask(second))).as("from the same host").isEqualTo(ACK);
      assertThat(reports.asks(doneByTask(second))).as("once more").isEqualTo(ACK);
      assertDoneBy("names-tasks", second);
    }
    try (Line reports = connect()) {
      assertThat(reports.asks(doneByTask(7)).getString("CODE")).isEqualTo("no-task-outstanding");
    }
  }

  // --- several in one segment

  @Test
  void eachOfSeveralAsksInOneSegmentIsAnswered() {
    try (Line line = connect()) {
      line.says((alive("twice") + "\n").repeat(3));
      for (int i = 0; i < 3; i++) {
        assertThat(line.hears()).isEqualTo(NO_TASK);
      }
      line.says(alive("twice").repeat(2) + alive("another").repeat(2) + alive("twice"));
      for (int i = 0; i < 5; i++) {
        assertThat(line.hears()).isEqualTo(NO_TASK);
      }
      line.hangsUp();
    }
  }

  @Test
  void eachOfSeveralResultsInOneSegmentIsAnsweredAndTheNextAskAfterThem() {
    long task = SERVER.submit(set(OTHER, "8.00")).getFirst();
    int before = SERVER.changes(OTHER);
    try (Line line = connect()) {
      told(line, "thrice", task);
      line.says((done("thrice") + "\n").repeat(3) + alive("thrice") + "\n");
      for (int i = 0; i < 3; i++) {
        assertThat(line.hears()).isEqualTo(ACK);
      }
      assertThat(line.hears()).isEqualTo(NO_TASK);
      line.hangsUp();
    }
    assertDoneBy("thrice", task);
    assertThat(SERVER.changes(OTHER) - before).isEqualTo(1);
  }

  @Test
  void whatHasNoAnswerKeepsNoConnectionThatHasEnded() {
    try (Line line = connect()) {
      line.says("{\"SERVER\":\"ALIVE\",\"TASK\":\"RECIEVE\"}\n".repeat(2));
      assertThat(line.asks("{\"SERVER\":\"ALIVE\"}").getString("SERVER")).isEqualTo("ALIVE");
      line.hangsUp();
    }
  }

  // --- workers that vanish during an UPDATE

  @Test
  void oneThatVanishesDuringAnUpdateIsGivenItAgainWhenItComesBack() {
    long task = SERVER.submit(set(OTHER, "9.00")).getFirst();
    try (Line vanishes = connect()) {
      told(vanishes, "comes-back", task);
    }
    try (Line line = connect()) {
      told(line, "comes-back", task);
      assertThat(line.asks(done("comes-back"))).isEqualTo(ACK);
    }
    assertDoneBy("comes-back", task);
    long next = SERVER.submit(set(OTHER, "9.50")).getFirst();
    for (int i = 0; i < 3; i++) {
      try (Line vanishes = connect()) {
        told(vanishes, "comes-back", next);
      }
    }
    try (Line line = connect()) {
      told(line, "comes-back", next);
      assertThat(line.asks(done("comes-back"))).isEqualTo(ACK);
    }
    assertDoneBy("comes-back", next);
  }

  @Test
  void oneThatAsksForEachTaskOnItsOwnConnectionGetsNoUpdateAfterTwoThatItDidNotAnswer() {
    long task = SERVER.submit(set(OTHER, "9.75")).getFirst();
    for (int i = 0; i < 2; i++) {
      try (Line line = connect()) {
        told(line, "only-queries", task);
      }
    }
    long query = submitQuery();
    try (Line line = connect()) {
      told(line, "only-queries", query);
      assertThat(line.asks(done("only-queries"))).isEqualTo(ACK);
      assertThat(line.asks(alive("only-queries"))).isEqualTo(NO_TASK);
    }
    try (Line line = connect()) {
      told(line, "knows-updates", task);
      assertThat(line.asks(done("knows-updates"))).isEqualTo(ACK);
    }
    assertDoneBy("knows-updates", task);
  }
}
