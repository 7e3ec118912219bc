package dev.batuta.ledger;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.database.DatabaseAddress;
import dev.batuta.database.TestDatabase;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.sql.DriverManager;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class MySqlLedgerStoreTest extends LedgerStoreContract {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @Override
  LedgerStore ledger() {
    return new MySqlLedgerStore(DATABASE.database());
  }

  @Override
  TaskStore tasks() {
    return new MySqlTaskStore(DATABASE.database());
  }

  @Nested
  final class Transfers extends TransferContract {
    @Override
    LedgerStore ledger() {
      return MySqlLedgerStoreTest.this.ledger();
    }

    @Override
    TaskStore tasks() {
      return MySqlLedgerStoreTest.this.tasks();
    }
  }

  @Test
  void anExecutionWhoseConnectionIsKilledIsUnknownAndItsRepeatHasTheOnlyEffect() throws Exception {
    await(ledger().create("held", BigDecimal.TEN, BigDecimal.ZERO));
    String server = "server-killed";
    long term = await(tasks().open(server)).term();
    List<Assignment> batch =
        List.of(
            new Assignment(TaskId.of(term, 1), 1, 0, new Update("held", Operation.DEPOSIT, "1")));
    DatabaseAddress address = DATABASE.address();
    try (var other =
            DriverManager.getConnection(
                "jdbc:mariadb://"
                    + address.host()
                    + ":"
                    + address.port()
                    + "/"
                    + address.database(),
                address.user(),
                address.password());
        var statement = other.createStatement()) {
      statement.execute("SET SESSION idle_transaction_timeout = 0");
      other.setAutoCommit(false);
      statement.execute("SELECT * FROM account WHERE user = 'held' FOR UPDATE");
      Future<?> stuck = ledger().execute(server, term, "W1", batch);
      Awaitility.await().until(() -> DATABASE.killStatement("UPDATE JSON_TABLE"));
      assertThatThrownBy(() -> await(stuck))
          .isInstanceOfSatisfying(
              Refused.class, why -> assertThat(why.failure().kind()).isEqualTo(Kind.UNKNOWN));
      other.rollback();
    }
    assertThat(await(ledger().account("held")).orElseThrow().balance()).isEqualByComparingTo("10");
    assertThat(await(ledger().execute(server, term, "W1", batch))).hasSize(1);
    assertThat(await(ledger().execute(server, term, "W1", batch))).hasSize(1);
    assertThat(await(ledger().account("held")).orElseThrow().balance()).isEqualByComparingTo("11");
    assertThat(await(ledger().entries("held", 0, 10))).hasSize(2);
  }

  @Test
  void theAuditFindsABalanceThatWasChangedByHand() {
    await(ledger().create("tampered", BigDecimal.TEN, BigDecimal.ZERO));
    DATABASE.execute("UPDATE account SET balance = 11 WHERE user = 'tampered'");
    Audit audit = await(ledger().audit());
    assertThat(audit.ok()).isFalse();
    assertThat(audit.differences())
        .containsExactly(
            new Audit.Difference("tampered", new BigDecimal("11.00"), new BigDecimal("10.00")));
    DATABASE.execute("UPDATE account SET balance = 10 WHERE user = 'tampered'");
    assertThat(await(ledger().audit()).ok()).isTrue();
  }
}
