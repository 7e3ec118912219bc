package dev.batuta.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class BusProbeTest {
  private static final Duration ROUNDS = Duration.ofSeconds(4);
  private static final Duration LONG = Duration.ofSeconds(30);

  /** It may have been put out: whom it does not see may live on without it, and not reach it. */
  @Test
  void whoWokeAloneIsNotReachedUntilAPeerSaysSo() {
    try (TestCluster cluster = TestCluster.start("a", "b")) {
      AtomicLong behindNanos = new AtomicLong(Duration.ofMinutes(1).toNanos());
      BusProbe probe =
          deploy(
              cluster.node("b"),
              new PauseMonitor(
                  Duration.ofSeconds(30),
                  Duration.ZERO, // forgotten at once
                  () -> System.nanoTime() - behindNanos.get()));
      cluster.crash("a");
      Awaitility.await()
          .atMost(LONG)
          .until(
              () -> cluster.node("b").membership().member("a").stream().noneMatch(Member::alive));
      assertThat(probe.isReached()).as("never stood still").isTrue();

      behindNanos.set(0);

      Awaitility.await().during(ROUNDS).atMost(LONG).until(() -> !probe.isReached());
      TestNode peer = cluster.add("a");
      deploy(peer, peer.cluster().pauses());
      Awaitility.await().atMost(LONG).until(() -> probe.isReached() && probe.proven());
    }
  }

  private static BusProbe deploy(TestNode node, PauseMonitor pauses) {
    BusProbe probe = new BusProbe(node.bus(), node.cluster().registry(), node.membership(), pauses);
    TestCluster.await(node.vertx().deployVerticle(probe));
    return probe;
  }
}
