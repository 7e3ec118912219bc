package dev.batuta.node;

import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;

/** Whether this node reaches the database, looked at twice a second. */
final class DatabaseHealth extends VerticleBase {
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final Database database;
  private volatile boolean reached;
  private boolean asking;

  DatabaseHealth(Database database) {
    this.database = database;
  }

  /** Whether the last answer came; safe on any thread. */
  boolean reached() {
    return reached;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(0, INTERVAL.toMillis(), timer -> ask());
    return Future.succeededFuture();
  }

  private void ask() {
    if (asking) {
      return;
    }
    asking = true;
    database
        .ping(TIMEOUT)
        .onComplete(
            answer -> {
              asking = false;
              reached = answer.succeeded();
            });
  }
}
