package dev.batuta.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.batuta.bus.Addresses;
import dev.batuta.clock.Berkeley;
import dev.batuta.clock.ClockVerticle;
import dev.batuta.clock.NodeClock;
import dev.batuta.clock.RequestCounter;
import dev.batuta.clock.Rounds;
import dev.batuta.codec.ClockMessage.AskRound;
import dev.batuta.codec.ClockMessage.Measured;
import dev.batuta.codec.ClockMessage.Round;
import dev.batuta.codec.Done;
import dev.batuta.codec.ElectionMessage.AskElection;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.DatabaseLink;
import dev.batuta.database.IncarnationLock;
import dev.batuta.database.TestDatabase;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import dev.batuta.succession.LeaseVerticle;
import dev.batuta.succession.MySqlLeaseStore;
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
import org.slf4j.LoggerFactory;

/** Election and clocks of three clustered nodes in one JVM, with the epoch in a real MariaDB. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CoordinatorClusterTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Map<String, Duration> SKEWS =
      Map.of("a", Duration.ofSeconds(-2), "b", Duration.ZERO, "c", Duration.ofSeconds(5));

  private record Server(
      TestNode node, ElectionVerticle election, CoordinatorWatch watch, NodeClock clock) {}

  private static TestDatabase database;
  private static DatabaseLink link;
  private static TestCluster cluster;
  private static final Map<String, Server> SERVERS = new LinkedHashMap<>();

  @BeforeAll
  static void start() {
    database = TestDatabase.fresh();
    link = DatabaseLink.to(database.address());
    cluster = TestCluster.start("a", "b", "c");
    cluster.nodes().forEach(CoordinatorClusterTest::deploy);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    link.close();
    database.close();
  }

  private static void deploy(TestNode node) {
    Database connected = Database.connect(node.vertx(), link.address(), 4);
    NodeClock clock = new NodeClock(SKEWS.getOrDefault(node.name(), Duration.ZERO), 0);
    IncarnationLock lock = new IncarnationLock(connected);
    LeaseVerticle lease =
        new LeaseVerticle(new MySqlLeaseStore(connected, lock), node.name(), node.incarnation());
    ElectionVerticle election =
        TestElection.of(node, new MySqlEpochStore(connected, lock), () -> !link.isCut());
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
    // Before the election, as in a node: answers then come on the lease's thread.
    TestCluster.await(node.vertx().deployVerticle(lease));
    TestCluster.await(node.vertx().deployVerticle(election));
    SERVERS.put(node.name(), new Server(node, election, watch, clock));
  }

  @Test
  @Order(1)
  void theBestRankHoldsTheBatonAndAllKnowIt() {
    awaitCoordinator("c");
    awaitPowers("c");
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
  void anOperatorGetsAnElectionAndTheBestRankComesBackUnderANewEpoch() {
    long before = epoch();
    request("a", Addresses.election("c"), new AskElection(), Done.class);
    Awaitility.await().atMost(LONG).until(() -> epoch() > before);
    awaitCoordinator("c");
  }

  @Test
  @Order(4)
  void anOperatorGetsARoundOfTheCoordinatorAndOfNobodyElse() {
    // A reading that comes too late is not in its round.
    Awaitility.await()
        .atMost(LONG)
        .until(
            () ->
                request("a", Addresses.clock("c"), new AskRound(), Round.class).servers().stream()
                    .map(Measured::server)
                    .toList()
                    .equals(List.of("a", "b", "c")));
    assertThatThrownBy(() -> request("a", Addresses.clock("b"), new AskRound(), Round.class))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.failure().code()).isEqualTo("not-coordinator"));
  }

  @Test
  @Order(5)
  void withoutTheDatabaseOneLeadsWithoutPowersAndGetsThemBackWithIt() {
    long before = epoch();
    link.cut();
    Awaitility.await()
        .atMost(LONG)
        .until(
            () ->
                SERVERS.values().stream().allMatch(s -> s.watch().view().acting())
                    && server("c").election().coordinates());
    awaitCoordinator("c");
    assertThat(SERVERS.values()).allMatch(s -> s.election().mayAct().isEmpty());
    assertThat(request("a", Addresses.clock("c"), new AskRound(), Round.class).coordinator())
        .isEqualTo("c");
    link.mend();
    awaitPowers("c");
    Awaitility.await()
        .atMost(LONG)
        .until(() -> SERVERS.values().stream().noneMatch(s -> s.watch().view().acting()));
    assertThat(epoch()).isGreaterThanOrEqualTo(before);
  }

  private static <M extends Message> M request(
      String from, String address, Message message, Class<M> answer) {
    return TestCluster.await(
        server(from).node().bus().request(address, message, answer, Duration.ofSeconds(10)));
  }

  @Test
  @Order(6)
  void aRenewalThatFailsThoughTheDatabaseIsThereIsSaid() {
    Logger logger = (Logger) LoggerFactory.getLogger(ElectionVerticle.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    database.execute("RENAME TABLE epoch TO epoch_elsewhere");
    try {
      Awaitility.await()
          .atMost(LONG)
          .until(
              () ->
                  List.copyOf(log.list).stream()
                      .filter(event -> event.getLevel() == Level.WARN)
                      .anyMatch(
                          event -> event.getMessage().equals("the epoch could not be renewed")));
    } finally {
      database.execute("RENAME TABLE epoch_elsewhere TO epoch");
      logger.detachAppender(log);
    }
    awaitCoordinator("c");
    awaitPowers("c");
  }

  @Test
  @Order(7)
  void anotherTakesOverUnderANewEpochWhenTheCoordinatorIsGone() {
    long before = epoch();
    cluster.crash("c");
    SERVERS.remove("c");
    awaitCoordinator("b");
    awaitPowers("b");
    Awaitility.await().atMost(LONG).until(() -> epoch() > before);
  }

  @Test
  @Order(8)
  void theBatonIsHandedOverByOneThatLeaves() {
    long before = epoch();
    TestCluster.await(server("b").election().leave());
    assertThat(server("b").election().mayAct()).isEmpty();
    awaitPowers("a");
    assertThat(server("a").election().mayAct())
        .hasValueSatisfying(epoch -> assertThat(epoch).isGreaterThan(before));
  }

  private static Server server(String name) {
    return Objects.requireNonNull(SERVERS.get(name), name);
  }

  private static long epoch() {
    return server("a").watch().view().epoch();
  }

  /** It may be known before the database has answered it. */
  private static void awaitPowers(String name) {
    Awaitility.await().atMost(LONG).until(() -> server(name).election().mayAct().isPresent());
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
