package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static dev.batuta.gateway.foreign.ForeignFixture.set;
import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.WorkerMessage.Disputed;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers that die, hang and lie: the ledger balances, and each task is done once. */
class HostileWorkersTest {
  private static final ForeignFixture SERVER =
      new ForeignFixture(new WorkerTimes(250, 2_000, 300, 2_000));

  @AfterAll
  static void closeAll() {
    SERVER.close();
  }

  /** Those of one test are no members in the next, when their leases have ended. */
  @AfterEach
  void awaitLeases() {
    Awaitility.await().atMost(ForeignFixture.LONG).until(() -> SERVER.farm().isEmpty());
  }

  private static Payload[] sets(int count) {
    List<Payload> sets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sets.add(i % 3 == 0 ? ForeignFixture.deposit(USER, "0.01") : set(USER, "1" + i + ".25"));
    }
    return sets.toArray(Payload[]::new);
  }

  private static void assertDoneOnce(List<Long> ids, int changesBefore) {
    for (long id : ids) {
      Task task = SERVER.ended(id);
      assertThat(task.state()).as("%s", task).isEqualTo(State.DONE);
    }
    assertThat(SERVER.changes(USER) - changesBefore).isEqualTo(ids.size());
    assertThat(SERVER.audit().ok()).isTrue();
  }

  @Test
  void workersOfEveryHabitDoAllTasksThoughSomeAreKilledAndSomeHang() {
    int before = SERVER.changes(USER);
    List<Long> ids = SERVER.submit(sets(300));
    List<Python> workers = new ArrayList<>();
    for (String habit : List.of("kept", "apart", "nameless")) {
      for (int i = 0; i < 2; i++) {
        workers.add(Python.start("worker.py", SERVER.tcpPort(), habit + i, habit));
      }
    }
    try {
      Awaitility.await()
          .atMost(ForeignFixture.LONG)
          .until(() -> SERVER.changes(USER) - before > 50);
      workers.get(0).kill();
      workers.get(2).hang();
      workers.get(4).kill();
      assertDoneOnce(ids, before);
      assertThat(workers)
          .as("the others work on")
          .extracting(Python::isAlive)
          .containsExactly(false, true, true, true, false, true);
    } finally {
      workers.forEach(Python::close);
    }
  }

  @Test
  void liesChangeNothing() {
    int before = SERVER.changes(USER);
    List<Long> ids = SERVER.submit(sets(30));
    try (Python liar = Python.start("sockets.py");
        Python honest = Python.start("worker.py", SERVER.tcpPort(), "honest", "kept")) {
      liar.connect("a", "tcp", SERVER.tcpPort());
      liar.connect("b", "tcp", SERVER.tcpPort());
      for (int i = 0; i < 40; i++) {
        JsonObject task = liar.asks("a", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"liar\"}");
        liar.asks("b", "{\"STATUS\":\"OK\",\"WORKER_UUID\":\"honest\",\"SALDO\":1e9}");
        liar.asks("b", "{\"STATUS\":\"OK\",\"WORKER_UUID\":\"liar\",\"TASK_ID\":\"7\"}");
        liar.asks(
            "a", "{\"STATUS\":\"OK\",\"TASK_ID\":\"%d\",\"SALDO\":0}".formatted(ids.get(i % 30)));
        String id = task.getString("TASK_ID");
        if (id != null && i % 2 == 0) {
          String result = "{\"STATUS\":\"NOK\",\"TASK_ID\":\"%s\",\"SALDO\":-1}".formatted(id);
          liar.asks("a", result);
          liar.asks("a", result);
        }
      }
      assertDoneOnce(ids, before);
      assertThat(honest.isAlive()).isTrue();
    }
  }

  private static long differences() {
    return SERVER.tcp().figures().refused().getOrDefault("balance-differs", 0L);
  }

  @Test
  void aLieIsToldToWhoLooksOnAndOnesThatNeverEndAreCountedOnly() {
    List<Disputed> told = new CopyOnWriteArrayList<>();
    await(
        SERVER
            .node()
            .bus()
            .listen(Addresses.DISPUTES, envelope -> told.add((Disputed) envelope.message())));
    long before = differences();
    List<Long> ids = SERVER.submit(Collections.nCopies(200, query(USER)).toArray(Payload[]::new));
    try (Python liar = Python.start("sockets.py")) {
      liar.connect("a", "tcp", SERVER.tcpPort());
      for (int lies = 0; lies < 200; ) {
        JsonObject task = liar.asks("a", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"lies\"}");
        if (task.containsKey("TASK_ID")) {
          liar.asks("a", "{\"STATUS\":\"OK\",\"SALDO\":1e999999999}");
          lies++;
        }
      }
    }
    ids.forEach(id -> assertThat(SERVER.ended(id).attempt()).isEqualTo(1));
    Awaitility.await().atMost(ForeignFixture.LONG).until(() -> !told.isEmpty());
    Disputed first = told.getFirst();
    assertThat(first.worker()).isEqualTo("lies");
    assertThat(first.claimed().balance()).isEqualTo("1E+999999999");
    assertThat(first.result()).isEqualTo(SERVER.ended(first.task()).result());
    assertThat(differences() - before).isEqualTo(200);
    await(SERVER.node().bus().withdraw(Addresses.DISPUTES));
  }

  @Test
  void oneThatHangsLosesItsTaskToAnother() {
    long id = SERVER.submit(query(USER)).getFirst();
    try (Python python = Python.start("sockets.py")) {
      python.connect("a", "tcp", SERVER.tcpPort());
      told(python, "a", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"hangs\"}", id);
      try (Python other = Python.start("worker.py", SERVER.tcpPort(), "other", "apart")) {
        assertThat(SERVER.ended(id).worker()).isEqualTo("other");
        assertThat(SERVER.ended(id).attempt()).as("what was lost was not begun").isEqualTo(1);
        assertThat(other.isAlive()).isTrue();
      }
      assertThat(python.asks("a", "{\"STATUS\":\"OK\",\"SALDO\":5}").getString("STATUS"))
          .as("it comes too late")
          .isEqualTo("NACK");
    }
  }

  @Test
  void workersThatLoseATaskOneAfterAnotherCostItNothing() {
    int before = SERVER.changes(USER);
    long id = SERVER.submit(set(USER, "3.50")).getFirst();
    try (Python python = Python.start("sockets.py")) {
      for (int i = 0; i < 8; i++) {
        python.connect("c" + i, "tcp", SERVER.tcpPort());
        told(python, "c" + i, "{\"WORKER\":\"ALIVE\"}", id);
        python.hangUp("c" + i);
      }
      for (int i = 0; i < 8; i++) {
        String alive = "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"queries-%d\"}".formatted(i);
        python.connect("q" + i, "tcp", SERVER.tcpPort());
        told(python, "q" + i, alive, id);
        assertThat(python.asks("q" + i, alive).getString("TASK")).isEqualTo("NO_TASK");
      }
      assertThat(SERVER.read(id).state()).isNotEqualTo(State.DEAD);
      try (Python other = Python.start("worker.py", SERVER.tcpPort(), "willing", "kept")) {
        assertDoneOnce(List.of(id), before);
        assertThat(SERVER.ended(id).attempt()).isEqualTo(1);
        assertThat(other.isAlive()).isTrue();
      }
    }
  }

  /** Asks until it is given this task. */
  private static void told(Python python, String connection, String alive, long id) {
    JsonObject task;
    do {
      task = python.asks(connection, alive);
    } while (!Objects.equals(task.getString("TASK_ID"), Long.toString(id)));
  }

  @Test
  void theNameOfANodeIsNotForAForeignWorker() {
    try (Python python = Python.start("sockets.py")) {
      python.connect("a", "tcp", SERVER.tcpPort());
      JsonObject refusal = python.asks("a", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"server-1\"}");
      assertThat(refusal.getString("CODE")).isEqualTo("name-taken");
    }
  }
}
