package dev.batuta.node;

import dev.batuta.bus.Bus;
import dev.batuta.bus.Membership;
import dev.batuta.clock.ClockWatch;
import dev.batuta.clock.NodeClock;
import dev.batuta.clock.RequestCounter;
import dev.batuta.database.Database;
import dev.batuta.election.CoordinatorWatch;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.task.TaskHandlers;
import io.vertx.core.Vertx;
import java.util.List;

/**
 * What every node has, whatever its roles.
 *
 * @param handlers of kinds that users added
 * @param ledger the one of this node, which counts what goes through it
 * @param incarnation random number of this run of the process
 */
record Parts(
    NodeSettings settings,
    Cluster cluster,
    Database database,
    DatabaseHealth health,
    Membership membership,
    NodeClock clock,
    RequestCounter requests,
    CoordinatorWatch coordinator,
    ClockWatch clocks,
    TaskHandlers handlers,
    MySqlLedgerStore ledger,
    long incarnation) {

  Vertx vertx() {
    return cluster.vertx();
  }

  Bus bus() {
    return cluster.bus();
  }

  String name() {
    return bus().node();
  }

  /** Live servers by rank, by name. */
  List<String> liveServers() {
    return membership.servers().stream().map(member -> member.name()).toList();
  }
}
