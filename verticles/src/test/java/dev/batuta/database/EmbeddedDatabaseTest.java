package dev.batuta.database;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedDatabaseTest {
  @Test
  void itKeepsItsDataOverKillsAndRestartsAndLetsInWhoHasThePassword(@TempDir Path folder)
      throws Exception {
    EmbeddedDatabase first = EmbeddedDatabase.start(folder, 0);
    DatabaseAddress address = first.address();
    Migrations.run(address);
    run(address, "INSERT INTO server_rank VALUES ('server-1', 1, UTC_TIMESTAMP(3))");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("mariadb.password"))))
        .isEqualTo("rw-------");
    assertThatThrownBy(() -> run(address.withPassword("wrong"), "SELECT 1"))
        .isInstanceOf(SQLException.class);
    DatabaseAddress root = new DatabaseAddress("127.0.0.1", address.port(), "mysql", "root", "");
    assertThatThrownBy(() -> run(root, "SELECT 1")).isInstanceOf(SQLException.class);

    ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
    first.onExit().join();
    assertThat(first.isAlive()).isFalse();
    first.restart();
    assertThat(first.isAlive()).isTrue();
    assertThat(Migrations.run(address)).isZero();

    // A process that was killed left its server running: the next one ends it and goes on.
    long left = first.pid();
    try (EmbeddedDatabase second = EmbeddedDatabase.start(folder, 0)) {
      assertThat(ProcessHandle.of(left).map(ProcessHandle::isAlive).orElse(false)).isFalse();
      assertThat(second.address().password()).isEqualTo(address.password());
      assertThatThrownBy(
              () -> run(second.address(), "INSERT INTO server_rank VALUES ('server-1', 2, NOW())"))
          .hasMessageContaining("Duplicate");
    }
  }

  private static void run(DatabaseAddress address, String sql) throws SQLException {
    try (var connection =
            DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void aTakenPortIsNamed(@TempDir Path folder) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> EmbeddedDatabase.start(folder, taken.getLocalPort()))
          .isInstanceOf(Refused.class)
          .hasMessageContaining(String.valueOf(taken.getLocalPort()));
    }
  }

  @Test
  void aDatabaseThatIsAwayIsOneSentenceWithoutThePassword() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    DatabaseAddress away =
        DatabaseAddress.parse("mysql://me:s3cret%40@127.0.0.1:" + port + "/batuta");
    assertThat(away.password()).isEqualTo("s3cret@");
    assertThat(DatabaseAddress.parse(away.url())).isEqualTo(away);
    assertThat(away.toString()).doesNotContain("s3cret");
    assertThatThrownBy(() -> Migrations.run(away))
        .isInstanceOfSatisfying(Refused.class, why -> assertAway(why, port));
    Vertx vertx = Vertx.vertx();
    assertThatThrownBy(() -> await(Database.connect(vertx, away, 1).ping()))
        .isInstanceOfSatisfying(Refused.class, why -> assertAway(why, port));
    await(vertx.close());
  }

  private static void assertAway(Refused why, int port) {
    assertThat(why.failure().kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(why.failure().code()).isEqualTo("database-unreachable");
    assertThat(why.failure().message()).contains("127.0.0.1:" + port).doesNotContain("s3cret");
    assertThat(why.failure().message().lines()).hasSize(1);
  }

  @Test
  void aWrongAddressIsRefusedWithoutThePassword() {
    for (String wrong :
        new String[] {
          "", "localhost", "http://u:s3cret@h/x", "mysql://u:s3cret@h/", "mysql://u:s3cret@h/a b"
        }) {
      assertThatThrownBy(() -> DatabaseAddress.parse(wrong))
          .isInstanceOf(Refused.class)
          .hasMessageNotContaining("s3cret");
    }
  }

  @Test
  void aNewerSchemaIsOneSentence() {
    try (TestDatabase database = TestDatabase.fresh()) {
      database.execute(
          "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
              + " installed_by, execution_time, success)"
              + " VALUES (999, '900', 'future', 'SQL', 'V900__future.sql', 'x', 1, 1)");
      assertThatThrownBy(() -> Migrations.run(database.address()))
          .isInstanceOfSatisfying(
              Refused.class,
              why -> {
                assertThat(why.failure().code()).isEqualTo("newer-schema");
                assertThat(why.failure().message()).contains("900");
              });
    }
  }

  @Test
  void aConnectionLostOnTheWayIsUnknownForAWriteAndThePoolRecovers() {
    try (TestDatabase database = TestDatabase.fresh()) {
      isUnknownForAWriteOnly(database, database::killStatement);
      Database client = database.database();
      Awaitility.await().until(() -> await(client.ping().map(true).otherwise(false)));
    }
  }

  /** As a database that stops does; taken for a refusal it would cost a task its attempt. */
  @Test
  void aStatementThatIsInterruptedIsUnknownForAWrite() {
    try (TestDatabase database = TestDatabase.fresh()) {
      isUnknownForAWriteOnly(database, database::interruptStatement);
    }
  }

  private static void isUnknownForAWriteOnly(TestDatabase database, Predicate<String> end) {
    String endless =
        "(SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b,"
            + " information_schema.columns c) /* ";
    Database client = database.database();
    Future<?> write =
        ended(end, mark -> client.update("SET @n = " + endless + mark + " */", Tuple.tuple()));
    assertThatThrownBy(() -> await(write))
        .isInstanceOfSatisfying(
            Refused.class, why -> assertThat(why.failure().kind()).isEqualTo(Kind.UNKNOWN));
    Future<?> read =
        ended(end, mark -> client.query("SELECT " + endless + mark + " */", Tuple.tuple()));
    assertThatThrownBy(() -> await(read))
        .isInstanceOfSatisfying(
            Refused.class, why -> assertThat(why.failure().kind()).isEqualTo(Kind.UNAVAILABLE));
  }

  /**
   * A statement that was ended while it ran. The pool may give away a dead connection once, and
   * then the statement never arrives: it is started again.
   */
  private static Future<?> ended(Predicate<String> end, Function<String, Future<?>> statement) {
    String mark = UUID.randomUUID().toString();
    Future<?>[] running = {statement.apply(mark)};
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              if (running[0].isComplete()) {
                running[0] = statement.apply(mark);
              }
              return end.test(mark);
            });
    return running[0];
  }
}
