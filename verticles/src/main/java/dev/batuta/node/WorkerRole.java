package dev.batuta.node;

import dev.batuta.worker.WorkerSettings;
import dev.batuta.worker.WorkerVerticle;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker. A COMPUTE that asks for it crashes it: where a node is nothing but a worker the process
 * is halted, else another worker takes its place after a pause.
 */
final class WorkerRole {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerRole.class);
  private static final Duration CRASH_PAUSE = Duration.ofSeconds(1);

  /** As of a process that was killed. */
  private static final int CRASHED = 137;

  private final Parts parts;
  private final BooleanSupplier reachable;
  private String deployment = "";
  private boolean stopping;

  /**
   * @param reachable whether others reach this node by the bus
   */
  WorkerRole(Parts parts, BooleanSupplier reachable) {
    this.parts = parts;
    this.reachable = reachable;
  }

  private WorkerVerticle verticle() {
    NodeSettings settings = parts.settings();
    return new WorkerVerticle(
        parts.bus(),
        parts.ledger(),
        parts.handlers(),
        WorkerSettings.of(
            parts.name(),
            settings.get(Setting.WORKER_HOME),
            settings.get(Setting.WORKER_CREDITS),
            settings.get(Setting.WORKER_HEARTBEAT),
            parts::liveServers,
            reachable),
        this::crash);
  }

  Future<Void> start() {
    return parts
        .vertx()
        .deployVerticle(verticle())
        .onSuccess(
            id -> {
              synchronized (this) {
                deployment = id;
              }
            })
        .mapEmpty();
  }

  private void crash() {
    LOG.atWarn().addKeyValue("worker", parts.name()).log("a task crashes this worker");
    if (parts.settings().get(Setting.NODE_ROLES).equals(List.of("worker"))) {
      Runtime.getRuntime().halt(CRASHED);
    }
    parts
        .vertx()
        .undeploy(deployed())
        .compose(gone -> parts.vertx().timer(CRASH_PAUSE.toMillis(), TimeUnit.MILLISECONDS))
        .compose(over -> isStopping() ? Future.succeededFuture() : start())
        .onFailure(
            error ->
                LOG.atError()
                    .setCause(error)
                    .addKeyValue("worker", parts.name())
                    .log("the worker that crashed could not be replaced"));
  }

  private synchronized String deployed() {
    String id = deployment;
    deployment = "";
    return id;
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  /** Finishes what runs, within its bound, and leaves its farm. */
  Future<Void> stop() {
    synchronized (this) {
      stopping = true;
    }
    String id = deployed();
    return id.isEmpty() ? Future.succeededFuture() : parts.vertx().undeploy(id);
  }
}
