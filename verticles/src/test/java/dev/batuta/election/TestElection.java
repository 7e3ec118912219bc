package dev.batuta.election;

import dev.batuta.node.TestCluster.TestNode;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The election of a node of a test, where nobody is configured: who is there may be elected. */
public final class TestElection {
  private TestElection() {}

  /**
   * It is to be deployed.
   *
   * @param reached whether the node reaches the database
   */
  public static ElectionVerticle of(TestNode node, EpochStore epochs, BooleanSupplier reached) {
    return new ElectionVerticle(
        node.bus(),
        node.membership(),
        epochs,
        new Candidacy(
            new Peer(node.name(), node.rank(), true, true),
            Policy.HIGHEST_RANK,
            Times.DEFAULT,
            List.of(),
            Map.of()),
        node.incarnation(),
        reached);
  }
}
