package dev.batuta.gateway.platform;

import dev.batuta.bus.Bus;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.worker.WorkerSettings;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What a worker of the platform needs to take part in a farm.
 *
 * @param client connects to workers
 * @param heartbeat how often a member says to its master that it lives
 * @param servers names of the live servers, the preferred first
 * @param reachable whether others reach this node by the bus
 * @param maxAnswerBytes of what a worker answers
 * @param held by answers that are not complete, and by what clients send
 */
record FarmAccess(
    Vertx vertx,
    Bus bus,
    LedgerStore ledger,
    NetClient client,
    Duration heartbeat,
    Supplier<List<String>> servers,
    BooleanSupplier reachable,
    int maxAnswerBytes,
    HeldBytes held) {

  /** A member is at home at the server of this node if it is one, else at the first. */
  WorkerSettings settings(String name) {
    List<String> live = servers.get();
    String home = live.isEmpty() || live.contains(bus.node()) ? bus.node() : live.getFirst();
    return WorkerSettings.of(name, home, 1, heartbeat, servers, reachable);
  }
}
