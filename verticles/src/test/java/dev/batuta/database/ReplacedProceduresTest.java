package dev.batuta.database;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Servers of two versions share a database while they are replaced one by one. */
class ReplacedProceduresTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  private static Future<RowSet<Row>> call(String procedure) {
    return DATABASE.database().call("CALL %s(?)".formatted(procedure), Tuple.of(7));
  }

  private static void create(String procedure, String answer) {
    DATABASE.execute(
        "CREATE PROCEDURE %s(IN p_number INT) SELECT p_number + %s AS answer"
            .formatted(procedure, answer));
  }

  private static void drop(String procedure) {
    DATABASE.execute("DROP PROCEDURE " + procedure);
  }

  @Test
  void whoCallsWhatIsBeingReplacedIsAnswered() {
    create("replaced", "1");
    await(call("replaced")); // prepared, on a connection at least
    List<Future<RowSet<Row>>> calls = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      calls.add(call("replaced"));
      drop("replaced");
      calls.add(call("replaced"));
      create("replaced", "2");
    }
    await(Future.all(calls));

    assertThat(await(call("replaced")).iterator().next().getInteger("answer")).isEqualTo(9);
  }

  @Test
  void whoCallsWhatIsNotThereIsToldThatNothingHappened() {
    assertThatThrownBy(() -> await(call("removed")))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure().code()).isEqualTo("database-unreachable");
              assertThat(refused.failure().retryAfterMillis()).isPositive();
              assertThat(refused).hasMessageContaining("removed does not exist");
            });
  }
}
