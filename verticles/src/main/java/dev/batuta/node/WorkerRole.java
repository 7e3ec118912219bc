package dev.batuta.node;

import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.worker.WorkerSettings;
import dev.batuta.worker.WorkerVerticle;
import io.vertx.core.Future;

/** A worker. */
final class WorkerRole {
  private final Parts parts;
  private final WorkerVerticle verticle;
  private String deployment = "";

  WorkerRole(Parts parts) {
    this.parts = parts;
    NodeSettings settings = parts.settings();
    this.verticle =
        new WorkerVerticle(
            parts.bus(),
            new MySqlLedgerStore(parts.database()),
            WorkerSettings.of(
                parts.name(),
                settings.get(Setting.WORKER_HOME),
                settings.get(Setting.WORKER_CREDITS),
                settings.get(Setting.WORKER_HEARTBEAT),
                parts::liveServers));
  }

  Future<Void> start() {
    return parts.vertx().deployVerticle(verticle).onSuccess(id -> deployment = id).mapEmpty();
  }

  /** Finishes what runs, within its bound, and leaves its farm. */
  Future<Void> stop() {
    return deployment.isEmpty() ? Future.succeededFuture() : parts.vertx().undeploy(deployment);
  }
}
