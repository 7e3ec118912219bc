package dev.batuta.database;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The real database for tests: one server for each JVM, started when it is first asked for, and a
 * fresh schema for whoever asks.
 *
 * <pre>{@code
 * static final TestDatabase DATABASE = TestDatabase.fresh();
 * @AfterAll static void close() { DATABASE.close(); }
 * }</pre>
 */
public final class TestDatabase implements AutoCloseable {
  private static @Nullable EmbeddedDatabase server;

  private final DatabaseAddress address;
  private final Vertx vertx;
  private final Database database;

  private TestDatabase(DatabaseAddress address, Vertx vertx, Database database) {
    this.address = address;
    this.vertx = vertx;
    this.database = database;
  }

  /** A new, migrated schema. */
  public static TestDatabase fresh() {
    DatabaseAddress address = schema();
    Migrations.run(address);
    Vertx vertx = Vertx.vertx();
    return new TestDatabase(address, vertx, Database.connect(vertx, address, 8));
  }

  /** The address of a new schema without tables. */
  public static DatabaseAddress schema() {
    DatabaseAddress own = server().address();
    String name = "batuta_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    try (var connection = DriverManager.getConnection(own.jdbcUrl(), own.user(), own.password());
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
    } catch (SQLException why) {
      throw new IllegalStateException(why);
    }
    return own.withDatabase(name);
  }

  private static synchronized EmbeddedDatabase server() {
    EmbeddedDatabase running = server;
    if (running == null) {
      // In target/, so that a run on a slow disk measures that disk, and mvn clean removes it.
      Path folder = Path.of("target", "mariadb-" + ProcessHandle.current().pid());
      EmbeddedDatabase started = EmbeddedDatabase.start(folder, 0);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(started, folder)));
      server = started;
      return started;
    }
    return running;
  }

  private static void end(EmbeddedDatabase started, Path folder) {
    started.stop();
    try (var files = java.nio.file.Files.walk(folder)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (java.io.IOException why) {
      throw new java.io.UncheckedIOException(why);
    }
  }

  public DatabaseAddress address() {
    return address;
  }

  public Vertx vertx() {
    return vertx;
  }

  public Database database() {
    return database;
  }

  /** Runs SQL of a test's own. */
  public void execute(String sql) {
    try (var connection =
            DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException why) {
      throw new IllegalStateException(why);
    }
  }

  /** The connection that holds a lock of {@code GET_LOCK}. */
  public Optional<Long> lockHolder(String lock) {
    return number("SELECT IS_USED_LOCK('" + lock + "')");
  }

  /** Closes a connection from the side of the database, as a lost network would. */
  public void killConnectionHolding(String lock) {
    execute("KILL " + lockHolder(lock).orElseThrow());
  }

  /** Closes the connection that runs a statement with this mark; false when there is none. */
  public boolean killStatement(String mark) {
    return end("KILL ", mark);
  }

  /** Ends a statement with this mark, and not its connection; false when there is none. */
  public boolean interruptStatement(String mark) {
    return end("KILL QUERY ", mark);
  }

  private boolean end(String command, String mark) {
    Optional<Long> connection =
        number(
            "SELECT MAX(id) FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
                + " AND info LIKE '%"
                + mark
                + "%'");
    connection.ifPresent(id -> execute(command + id));
    return connection.isPresent();
  }

  private Optional<Long> number(String sql) {
    try (var connection =
            DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      long value = rows.getLong(1);
      return rows.wasNull() ? Optional.empty() : Optional.of(value);
    } catch (SQLException why) {
      throw new IllegalStateException(why);
    }
  }

  /** The value of a future that succeeds. */
  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException why) {
      if (why.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(why);
    } catch (TimeoutException | InterruptedException why) {
      throw new IllegalStateException(why);
    }
  }

  @Override
  public void close() {
    await(database.close());
    await(vertx.close());
    execute("DROP DATABASE " + address.database());
  }
}
