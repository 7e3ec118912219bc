package dev.batuta.election;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.clock.Berkeley;
import dev.batuta.clock.ClockVerticle;
import dev.batuta.clock.NodeClock;
import dev.batuta.clock.RequestCounter;
import dev.batuta.clock.Rounds;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Election and clocks of three clustered nodes in one JVM, with the epoch in a real MariaDB. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CoordinatorClusterTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Map<String, Duration> SKEWS =
      Map.of("a", Duration.ofSeconds(-2), "b", Duration.ZERO, "c", Duration.ofSeconds(5));

  private record Server(
      TestNode node, ElectionVerticle election, CoordinatorWatch watch, NodeClock clock) {}

  private static TestDatabase database;
  private static TestCluster cluster;
  private static final Map<String, Server> SERVERS = new LinkedHashMap<>();

  @BeforeAll
  static void start() {
    database = TestDatabase.fresh();
    cluster = TestCluster.start("a", "b", "c");
    cluster.nodes().forEach(CoordinatorClusterTest::deploy);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    database.close();
  }

  private static void deploy(TestNode node) {
    Database connected = Database.connect(node.vertx(), database.address(), 4);
    NodeClock clock = new NodeClock(SKEWS.getOrDefault(node.name(), Duration.ZERO), 0);
    ElectionVerticle election =
        new ElectionVerticle(
            node.bus(),
            node.membership(),
            new MySqlEpochStore(connected),
            new Peer(node.name(), node.rank(), true),
            Policy.HIGHEST_RANK,
            node.incarnation(),
            () -> true);
    CoordinatorWatch watch = new CoordinatorWatch(node.bus(), node.membership(), clock::timeMillis);
    ClockVerticle clocks =
        new ClockVerticle(
            node.bus(),
            node.membership(),
            clock,
            new RequestCounter(),
            election::coordinates,
            new Rounds.Settings(
                Duration.ofSeconds(1),
                Duration.ofMillis(500),
                10,
                new Berkeley.Limits(Duration.ofSeconds(10), Duration.ofMillis(500))));
    TestCluster.await(node.vertx().deployVerticle(watch));
    TestCluster.await(node.vertx().deployVerticle(clocks));
    TestCluster.await(node.vertx().deployVerticle(election));
    SERVERS.put(node.name(), new Server(node, election, watch, clock));
  }

  @Test
  @Order(1)
  void theBestRankHoldsTheBatonAndAllKnowIt() {
    awaitCoordinator("c");
    assertThat(server("c").election().mayAct()).isPresent();
    assertThat(server("a").election().mayAct()).isEmpty();
  }

  @Test
  @Order(2)
  void berkeleyLeadsTheClocksTogether() {
    Awaitility.await()
        .atMost(LONG)
        .until(
            () -> {
              List<Long> readings =
                  SERVERS.values().stream().map(s -> s.clock().read().timeMicros()).toList();
              return readings.stream().mapToLong(r -> r).max().orElseThrow()
                      - readings.stream().mapToLong(r -> r).min().orElseThrow()
                  < 50_000;
            });
  }

  @Test
  @Order(3)
  void anotherTakesOverUnderANewEpochWhenTheCoordinatorIsGone() {
    long before = epoch();
    cluster.crash("c");
    SERVERS.remove("c");
    awaitCoordinator("b");
    assertThat(epoch()).isGreaterThan(before);
  }

  @Test
  @Order(4)
  void theBatonIsHandedOverByOneThatLeaves() {
    long before = epoch();
    TestCluster.await(server("b").election().leave());
    assertThat(server("b").election().mayAct()).isEmpty();
    Awaitility.await().atMost(LONG).until(() -> server("a").election().mayAct().isPresent());
    assertThat(server("a").election().mayAct())
        .hasValueSatisfying(epoch -> assertThat(epoch).isGreaterThan(before));
  }

  private static Server server(String name) {
    return Objects.requireNonNull(SERVERS.get(name), name);
  }

  private static long epoch() {
    return server("a").watch().view().epoch();
  }

  private static void awaitCoordinator(String name) {
    Awaitility.await()
        .atMost(LONG)
        .until(
            () ->
                SERVERS.values().stream()
                    .allMatch(s -> s.watch().coordinator().equals(Optional.of(name))));
  }
}
