package dev.batuta.node;

import com.hazelcast.cluster.Address;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.bus.Membership;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.ClusterMessage.Port;
import dev.batuta.orchestrator.dispatch.FarmView;
import dev.batuta.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/**
 * Several clustered nodes in one JVM: real Hazelcast, real bus, on loopback with free ports and a
 * name of its own. Node number N has rank N and the roles {@code server,worker,gateway}; verticles
 * are the test's to deploy.
 */
public final class TestCluster implements AutoCloseable {
  private static final Membership.Settings TIMES =
      new Membership.Settings(
          Duration.ofMillis(100),
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          Duration.ofSeconds(60));

  /**
   * One of them.
   *
   * @param farm what its heartbeats say of its load; none unless it is set
   * @param ports of its doors, as its heartbeats say; none unless they are set
   */
  public record TestNode(
      String name,
      int rank,
      long incarnation,
      Cluster cluster,
      Membership membership,
      AtomicReference<Supplier<Optional<FarmView>>> farm,
      AtomicReference<Map<String, Integer>> ports) {
    /** The workers that serve it; none unless that is set. */
    public Optional<FarmView> workers() {
      return present(farm);
    }

    public Vertx vertx() {
      return cluster.vertx();
    }

    public Bus bus() {
      return cluster.bus();
    }
  }

  private final String name = "test-" + UUID.randomUUID();
  private final Map<String, TestNode> nodes = new LinkedHashMap<>();
  private final List<String> addresses = new ArrayList<>();
  private final Function<String, Tracing> tracing;

  private TestCluster(Function<String, Tracing> tracing) {
    this.tracing = tracing;
  }

  /** Starts nodes, and waits until each sees all. */
  public static TestCluster start(String... names) {
    return start(node -> Tracing.passive(), names);
  }

  /**
   * The same.
   *
   * @param tracing of each node, by its name
   */
  public static TestCluster start(Function<String, Tracing> tracing, String... names) {
    TestCluster cluster = new TestCluster(tracing);
    for (String node : names) {
      cluster.add(node);
    }
    cluster.awaitAll();
    return cluster;
  }

  /** Starts one more node. */
  public TestNode add(String node) {
    Cluster cluster =
        await(
            Cluster.join(
                new Cluster.Options(node, name, "127.0.0.1", 0, 0, List.copyOf(addresses)),
                null,
                tracing.apply(node)));
    Address address = cluster.hazelcast().getCluster().getLocalMember().getAddress();
    addresses.add(address.getHost() + ":" + address.getPort());
    int rank = addresses.size();
    long incarnation = ThreadLocalRandom.current().nextLong();
    AtomicReference<Supplier<Optional<FarmView>>> farm = new AtomicReference<>(Optional::empty);
    AtomicReference<Map<String, Integer>> ports = new AtomicReference<>(Map.of());
    Membership membership =
        new Membership(
            cluster.bus(),
            cluster.hazelcast(),
            TIMES,
            () ->
                heartbeat(
                    node,
                    incarnation,
                    cluster.manager().getNodeId(),
                    rank,
                    present(farm).orElse(FarmView.NONE),
                    Objects.requireNonNull(ports.get())),
            () -> true);
    await(membership.deploy(cluster.vertx()));
    TestNode started = new TestNode(node, rank, incarnation, cluster, membership, farm, ports);
    nodes.put(node, started);
    return started;
  }

  private static Optional<FarmView> present(AtomicReference<Supplier<Optional<FarmView>>> farm) {
    return Objects.requireNonNull(farm.get()).get();
  }

  private Heartbeat heartbeat(
      String node,
      long incarnation,
      String member,
      int rank,
      FarmView farm,
      Map<String, Integer> ports) {
    return new Heartbeat(
        node,
        incarnation,
        member,
        ProcessHandle.current().pid(),
        ports.isEmpty() ? "" : "http://localhost",
        List.of("server", "worker", "gateway"),
        rank,
        NodeState.READY,
        0,
        0,
        0,
        true,
        farm.queued(),
        farm.running(),
        farm.serving(),
        farm.borrowed(node, nodes.keySet()),
        ports.entrySet().stream().map(port -> new Port(port.getKey(), port.getValue())).toList());
  }

  /** A node that was started. */
  public TestNode node(String node) {
    return Objects.requireNonNull(nodes.get(node), node);
  }

  /** All that run. */
  public List<TestNode> nodes() {
    return List.copyOf(nodes.values());
  }

  /** Cuts a node off without a goodbye, as a crash would. */
  public void crash(String node) {
    TestNode crashed = Objects.requireNonNull(nodes.remove(node), node);
    crashed.cluster().hazelcast().getLifecycleService().terminate();
    crashed.vertx().close();
  }

  /** Waits until every node sees every node. */
  public void awaitAll() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                nodes.values().stream()
                    .allMatch(
                        node ->
                            node.membership().view().stream()
                                .filter(Member::alive)
                                .map(Member::name)
                                .toList()
                                .containsAll(nodes.keySet())));
  }

  @Override
  public void close() {
    nodes.values().forEach(node -> await(node.vertx().close()));
  }

  /** The value of a future, within a minute. */
  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
