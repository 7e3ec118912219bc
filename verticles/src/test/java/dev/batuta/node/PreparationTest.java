package dev.batuta.node;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.Database;
import dev.batuta.database.DatabaseAddress;
import dev.batuta.database.TestDatabase;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.reference.MySqlRankStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PreparationTest {
  private static final List<String> SERVERS = List.of("server-1", "server-2", "server-3");

  private final Vertx vertx = Vertx.vertx();
  private final DatabaseAddress empty = TestDatabase.schema();
  private final Database database = Database.connect(vertx, empty, 8);
  private final MySqlUserStore users = new MySqlUserStore(database);

  @AfterEach
  void close() {
    await(database.close());
    await(vertx.close());
  }

  @Test
  void serversThatStartTogetherOnAnEmptyDatabaseFindItReady() {
    Preparation wanted = new Preparation(SERVERS, true, "");

    await(Future.all(List.of(prepare(wanted), prepare(wanted), prepare(wanted))));

    assertThat(await(new MySqlRankStore(database).all()))
        .isEqualTo(Map.of("server-1", 1, "server-2", 2, "server-3", 3));
    assertThat(await(users.authenticate("alice", "password1"))).isPresent();
    assertThat(await(new MySqlLedgerStore(database).audit()).ok()).isTrue();
  }

  @Test
  void whatIsThereStaysWhenAServerStartsAgain() {
    await(prepare(new Preparation(SERVERS, true, "")));
    await(users.put("alice", "changed", List.of("user")));

    await(prepare(new Preparation(List.of("server-4", "server-1"), true, "")));

    assertThat(await(new MySqlRankStore(database).all()))
        .containsEntry("server-1", 1)
        .containsEntry("server-4", 4);
    assertThat(await(users.authenticate("alice", "changed"))).isPresent();
  }

  @Test
  void thereIsNoUserUnlessItIsToldAndTheAdminHasThePasswordOfTheLastStart() {
    await(prepare(new Preparation(SERVERS, false, "")));
    assertThat(await(users.find("admin"))).isEmpty();

    await(prepare(new Preparation(SERVERS, false, "first")));
    assertThat(await(users.authenticate("admin", "first")).orElseThrow().roles())
        .containsExactly("admin");

    await(prepare(new Preparation(SERVERS, false, "second")));
    assertThat(await(users.authenticate("admin", "first"))).isEmpty();
    assertThat(await(users.authenticate("admin", "second"))).isPresent();
  }

  @Test
  void aSchemaOfTheNextVersionIsUsedAsItIs() {
    await(prepare(new Preparation(SERVERS, false, "")));
    await(
        database.update(
            """
            INSERT INTO flyway_schema_history
                (installed_rank, version, description, type, script, installed_by, execution_time, success)
            VALUES (1000, '1000', 'of tomorrow', 'SQL', 'V1000__of_tomorrow.sql', 'tomorrow', 1, TRUE)
            """,
            io.vertx.sqlclient.Tuple.tuple()));

    await(prepare(new Preparation(List.of("server-4"), false, "")));

    assertThat(await(new MySqlRankStore(database).all())).containsEntry("server-4", 4);
  }

  private Future<Void> prepare(Preparation preparation) {
    return preparation.withSchema(vertx, empty, database);
  }
}
