package dev.batuta.cli.up;

import dev.batuta.cli.client.Problem;
import dev.batuta.database.Database;
import dev.batuta.database.DatabaseAddress;
import dev.batuta.database.EmbeddedDatabase;
import dev.batuta.database.Migrations;
import dev.batuta.identity.AdminToken;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.identity.TokenSigner;
import dev.batuta.node.Preparation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The database of a cluster on this machine: a MariaDB of its own. */
public final class UpDatabase implements SupervisedProcess {
  public static final String NAME = "database";

  private static final int CONNECTIONS = 4;
  private static final long SECONDS = 60;

  private final Path folder;
  private final int port;
  private @Nullable EmbeddedDatabase database;

  /**
   * @param data folder of the cluster
   * @param port free, and the same after each start
   */
  UpDatabase(Path data, int port) {
    this.folder = data.resolve(NAME);
    this.port = port;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Tier tier() {
    return Tier.DATABASE;
  }

  @Override
  public String described() {
    return "MariaDB at 127.0.0.1:" + port;
  }

  @Override
  public Path printed() {
    return folder.resolve("mariadb.log");
  }

  @Override
  public synchronized ProcessHandle start() throws IOException {
    var running = database;
    if (running == null) {
      running = EmbeddedDatabase.start(folder, port);
      database = running;
    } else {
      running.restart();
    }
    return ProcessHandle.of(running.pid())
        .orElseThrow(() -> new IOException("MariaDB ended at once: see " + printed()));
  }

  /** Where it is; once it has been started. */
  synchronized DatabaseAddress address() {
    if (database == null) {
      throw new IllegalStateException("the database has not been started");
    }
    return database.address();
  }

  /**
   * Brings a database to what this version and this cluster need.
   *
   * @return a token of role admin, good for as long as a cluster may run without {@code up} anew;
   *     the file that holds it is its owner's only
   * @throws dev.batuta.codec.Refused when the database is away or its schema newer
   */
  static String prepare(DatabaseAddress address, Preparation preparation)
      throws InterruptedException {
    Migrations.run(address);
    var vertx = Vertx.vertx();
    var pool = Database.connect(vertx, address, CONNECTIONS);
    try {
      await(preparation.fill(pool));
      var users = new MySqlUserStore(pool);
      return AdminToken.issue(vertx, await(users.keys().current()), TokenSigner.MAX_VALIDITY);
    } finally {
      await(pool.close());
      await(vertx.close());
    }
  }

  private static <T> T await(Future<T> future) throws InterruptedException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw Problem.failed(
          "database-slow", "the database did not answer within %d s".formatted(SECONDS));
    }
  }
}
