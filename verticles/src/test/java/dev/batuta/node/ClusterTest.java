package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ClusterMessage.Probe;
import dev.batuta.codec.Done;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ClusterTest {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final String name = "test-" + UUID.randomUUID();
  private final List<Cluster> joined = new ArrayList<>();

  /** As a process that hangs: its kernel accepts connections, and nobody reads them. */
  @Test
  void aMemberThatAcceptsConnectionsAndNeverAnswersCutsNobodyOff() throws IOException {
    try (ServerSocket hung = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String silent = "127.0.0.1:" + hung.getLocalPort();
      for (String node : List.of("a", "b", "c")) {
        joined.add(join(node, silent));
      }
      for (Cluster node : joined) {
        assertThat(node.manager().getNodes()).hasSize(joined.size());
        TestCluster.await(
            node.bus()
                .serve("to." + node.bus().node(), asked -> Future.succeededFuture(new Done())));
      }
      for (Cluster from : joined) {
        for (Cluster to : joined) {
          String address = "to." + to.bus().node();
          Probe question = new Probe(from.bus().node(), 0);
          assertThat(TestCluster.await(from.bus().request(address, question, Done.class, ANSWER)))
              .isEqualTo(new Done());
        }
      }
    } finally {
      joined.forEach(node -> TestCluster.await(node.vertx().close()));
    }
  }

  private Cluster join(String node, String silent) {
    List<String> members = new ArrayList<>();
    if (!joined.isEmpty()) {
      members.add(silent);
    }
    joined.forEach(
        other -> {
          var address = other.hazelcast().getCluster().getLocalMember().getAddress();
          members.add(address.getHost() + ":" + address.getPort());
        });
    return TestCluster.await(
        Cluster.join(new Cluster.Options(node, name, "127.0.0.1", 0, 0, members), null));
  }
}
