package dev.batuta.gateway;

import dev.batuta.database.Database;
import dev.batuta.election.CoordinatorWatch.View;
import dev.batuta.election.Reason;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.node.TestCluster.TestNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What doors share on a node of a test that has neither messages nor a coordinator. */
public final class BareGateway {
  private static final View NOBODY =
      new View(0, null, null, false, new Reason(Reason.Code.NONE_YET, List.of()), 0);

  private BareGateway() {}

  /** It is not started: nobody watches. */
  public static Gateway of(TestNode node, Database database, String profile) {
    return new Gateway(
        node.vertx(),
        new GatewaySettings("test", profile, Duration.ofSeconds(5)),
        new GatewayParts(
            node.bus(),
            node.membership()::view,
            node.membership()::servers,
            new MySqlLedgerStore(database),
            new MySqlUserStore(database),
            () -> NOBODY,
            Optional::empty,
            Optional.empty(),
            Set.of(),
            () -> {}));
  }
}
