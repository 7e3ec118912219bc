package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.cluster.Address;
import com.hazelcast.cluster.ClusterState;
import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.impl.MemberImpl;
import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.version.MemberVersion;
import dev.batuta.bus.PauseMonitor;
import dev.batuta.codec.ClusterMessage.Probe;
import dev.batuta.codec.Done;
import dev.batuta.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.spi.cluster.NodeListener;
import io.vertx.core.spi.cluster.RegistrationInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ClusterTest {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration REPEATED_NO_LONGER = Duration.ofSeconds(30);

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

  /** Hazelcast by itself joins by a name nobody but members at its own address. */
  @Test
  @EnabledOnOs(OS.LINUX) // where all of 127.0.0.0/8 is this machine
  void aNodeJoinsByTheNameOfAnother() {
    try {
      joined.add(join("a"));
      Address first = joined.getFirst().hazelcast().getCluster().getLocalMember().getAddress();
      List<String> members = List.of("localhost:" + first.getPort());
      Config config = Cluster.hazelcast(new Cluster.Options("b", name, "127.0.0.2", 0, 0, members));
      // No interface has it, so that its configuration alone would not do.
      config.setProperty("hazelcast.local.localAddress", "127.0.0.2");
      HazelcastInstance second = Hazelcast.newHazelcastInstance(config);
      try {
        assertThat(second.getCluster().getMembers())
            .extracting(member -> member.getAddress().getHost())
            .containsExactly("127.0.0.1", "127.0.0.2");
      } finally {
        second.shutdown();
      }
    } finally {
      joined.forEach(node -> TestCluster.await(node.vertx().close()));
    }
  }

  /** It holds a lock of the bus; by default it is repeated for two minutes. */
  @Test
  void aLookUpThatIsRefusedAgainAndAgainEnds() {
    for (String node : List.of("a", "b", "c")) {
      joined.add(join(node));
    }
    Cluster asker = joined.getFirst();
    Cluster owner = joined.getLast();
    try {
      // Nobody takes over what a member owns that is gone. It waits until all have their share.
      Awaitility.await()
          .atMost(ANSWER)
          .ignoreExceptionsInstanceOf(IllegalStateException.class)
          .until(() -> isFrozen(asker));
      String address = addressOf(owner, asker);
      owner.hazelcast().getLifecycleService().terminate();

      Promise<List<RegistrationInfo>> found = Promise.promise();
      asker.manager().getRegistrations(address, found);

      Awaitility.await().atMost(REPEATED_NO_LONGER).until(found.future()::failed);
    } finally {
      joined.forEach(node -> TestCluster.await(node.vertx().close()));
    }
  }

  private static boolean isFrozen(Cluster node) {
    node.hazelcast().getCluster().changeClusterState(ClusterState.FROZEN);
    return true;
  }

  /** An address whose registrations this member holds. */
  private static String addressOf(Cluster owner, Cluster asker) {
    UUID member = owner.hazelcast().getCluster().getLocalMember().getUuid();
    return IntStream.range(0, 1_000)
        .mapToObj(each -> "address-" + each)
        .filter(
            address ->
                asker
                    .hazelcast()
                    .getPartitionService()
                    .getPartition(address)
                    .getOwner()
                    .getUuid()
                    .equals(member))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void oneThatIsPausedAgainWhileItDoubtsRemovesNobodyBeforeThatIsOverToo() {
    AtomicLong nanos = new AtomicLong();
    AtomicInteger looked = new AtomicInteger();
    PauseMonitor pauses =
        new PauseMonitor(
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            () -> {
              looked.incrementAndGet();
              return nanos.get();
            });
    var manager =
        new WaryClusterManager(
            Cluster.hazelcast(new Cluster.Options("a", name, "127.0.0.1", 0, 0, List.of())),
            pauses,
            Duration.ofMillis(50));
    Set<String> removed = ConcurrentHashMap.newKeySet();
    Vertx vertx = TestCluster.await(Vertx.builder().withClusterManager(manager).buildClustered());
    try {
      manager.nodeListener(
          new NodeListener() {
            @Override
            public void nodeAdded(String node) {}

            @Override
            public void nodeLeft(String node) {
              removed.add(node);
            }
          });
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(6));
      manager.memberRemoved(gone(manager, "other"));
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(16));
      int before = looked.get();
      // Each look asks for the time twice.
      Awaitility.await().atMost(ANSWER).until(() -> looked.get() >= before + 8);
      assertThat(removed).isEmpty();

      for (int passed = 0; passed < 16; passed += 4) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(4));
        pauses.recentlyPaused();
      }
      Awaitility.await().atMost(ANSWER).until(() -> removed.equals(Set.of("other")));
    } finally {
      TestCluster.await(vertx.close());
    }
  }

  private static MembershipEvent gone(WaryClusterManager manager, String node) {
    try {
      Member member =
          new MemberImpl.Builder(new Address("127.0.0.1", 1))
              .version(MemberVersion.of("5.3.8"))
              .uuid(UUID.randomUUID())
              .attributes(Map.of("__vertx.nodeId", node))
              .build();
      return new MembershipEvent(
          manager.getHazelcastInstance().getCluster(),
          member,
          MembershipEvent.MEMBER_REMOVED,
          Set.of());
    } catch (UnknownHostException numeric) {
      throw new AssertionError(numeric);
    }
  }

  /**
   * @param silent who never answers; not to the first, who would wait for it alone
   */
  private Cluster join(String node, String... silent) {
    List<String> members = new ArrayList<>();
    if (!joined.isEmpty()) {
      members.addAll(List.of(silent));
    }
    joined.forEach(
        other -> {
          var address = other.hazelcast().getCluster().getLocalMember().getAddress();
          members.add(address.getHost() + ":" + address.getPort());
        });
    return TestCluster.await(
        Cluster.join(
            new Cluster.Options(node, name, "127.0.0.1", 0, 0, members), null, Tracing.passive()));
  }
}
