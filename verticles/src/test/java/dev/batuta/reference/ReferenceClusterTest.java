package dev.batuta.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Retry;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.ReferenceMessage.Alive;
import dev.batuta.codec.ReferenceMessage.AskList;
import dev.batuta.codec.ReferenceMessage.AskRank;
import dev.batuta.codec.ReferenceMessage.Rank;
import dev.batuta.codec.ReferenceMessage.Server;
import dev.batuta.codec.ReferenceMessage.Servers;
import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.DatabaseLink;
import dev.batuta.database.TestDatabase;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The reference service of three nodes, with the ranks in a real MariaDB that can be cut off. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReferenceClusterTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final Map<String, String> DEPLOYED = new HashMap<>();
  private static TestDatabase database;
  private static DatabaseLink link;
  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    database = TestDatabase.fresh();
    link = DatabaseLink.to(database.address());
    cluster = TestCluster.start("a", "b", "c");
    NAMES.forEach(ReferenceClusterTest::deploy);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    link.close();
    database.close();
  }

  private static void deploy(String name) {
    TestNode node = cluster.node(name);
    ReferenceVerticle verticle =
        new ReferenceVerticle(
            node.bus(),
            new MySqlRankStore(Database.connect(node.vertx(), link.address(), 2)),
            Duration.ofMillis(200),
            TIMEOUT,
            () -> new Alive(name, "http://" + name, 7));
    DEPLOYED.put(name, TestCluster.await(node.vertx().deployVerticle(verticle)));
  }

  @Test
  @Order(1)
  void ranksAreGivenInTheOrderOfAskingWhoeverAnswersAndStay() {
    for (int i = 0; i < NAMES.size(); i++) {
      assertThat(rank("c", NAMES.get(i))).isEqualTo(i + 1);
    }
    for (String asker : NAMES) {
      for (int i = 0; i < 2 * NAMES.size(); i++) {
        assertThat(rank(asker, NAMES.get(i % NAMES.size()))).isEqualTo(i % NAMES.size() + 1);
      }
    }
  }

  @Test
  @Order(2)
  void thoseWhoAskAtOnceGetRanksWithoutGapsAndWithoutRepeats() {
    List<Future<Rank>> asked = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String asker = NAMES.get(i % NAMES.size());
      asked.add(ask(asker, new AskRank("new-" + i), Rank.class));
      asked.add(ask(asker, new AskRank("new-" + i), Rank.class));
    }
    List<Integer> given = asked.stream().map(each -> TestCluster.await(each).rank()).toList();
    assertThat(given.stream().distinct().sorted())
        .containsExactlyElementsOf(IntStream.rangeClosed(4, 15).boxed().toList());
  }

  @Test
  @Order(3)
  void liveServersAreListedWithRankAddressLoadAndAge() {
    Awaitility.await()
        .atMost(LONG)
        .until(
            () ->
                list("b").stream()
                    .map(s -> s.name() + " " + s.rank() + " " + s.address() + " " + s.load())
                    .toList()
                    .equals(List.of("a 1 http://a 7", "b 2 http://b 7", "c 3 http://c 7")));
    assertThat(list("a")).allMatch(s -> s.ageMillis() < TIMEOUT.toMillis());
  }

  @Test
  @Order(4)
  void withTheDatabaseAwayKnownRanksAreAnsweredAndANewNameGetsAClearError() {
    Awaitility.await().atMost(LONG).until(ReferenceClusterTest::allInstancesKnowAllRanks);
    link.cut();
    try {
      for (String asker : NAMES) {
        for (int i = 0; i < NAMES.size(); i++) {
          assertThat(rank(asker, "b")).isEqualTo(2);
        }
        assertThatThrownBy(() -> rank(asker, "newcomer"))
            .isInstanceOfSatisfying(
                Refused.class,
                refused -> {
                  assertThat(refused.failure().kind())
                      .isIn(Failure.Kind.UNAVAILABLE, Failure.Kind.UNKNOWN);
                  assertThat(refused.failure().message()).contains("database");
                });
      }
    } finally {
      link.mend();
    }
    Awaitility.await().atMost(LONG).ignoreExceptions().until(() -> rank("a", "newcomer") == 16);
  }

  @Test
  @Order(5)
  void oneThatFallsSilentLeavesTheListAndKeepsItsRank() {
    undeploy("c");
    Awaitility.await()
        .atMost(LONG)
        .until(() -> list("a").stream().map(Server::name).toList().equals(List.of("a", "b")));
    assertThat(rank("a", "c")).isEqualTo(3);
  }

  @Test
  @Order(6)
  void anyOfThemMayDieOneAfterAnother() {
    undeploy("b");
    assertThat(rank("c", "b")).isEqualTo(2);
    deploy("c");
    undeploy("a");
    for (int i = 0; i < NAMES.size(); i++) {
      assertThat(rank("a", NAMES.get(i))).isEqualTo(i + 1);
    }
    assertThat(rank("b", "latest")).isEqualTo(17);
  }

  /** One who asks three times in a row asks each instance once: the bus takes them in turn. */
  private static boolean allInstancesKnowAllRanks() {
    return IntStream.range(0, NAMES.size())
        .allMatch(i -> list("a").stream().map(Server::name).toList().equals(NAMES));
  }

  private static void undeploy(String name) {
    String id = Objects.requireNonNull(DEPLOYED.remove(name), name);
    TestNode node = cluster.node(name);
    TestCluster.await(node.bus().withdraw(Addresses.REFERENCE));
    TestCluster.await(node.bus().withdraw(Addresses.REFERENCE_HEARTBEATS));
    TestCluster.await(node.vertx().undeploy(id));
  }

  private static int rank(String asker, String server) {
    return TestCluster.await(ask(asker, new AskRank(server), Rank.class)).rank();
  }

  private static List<Server> list(String asker) {
    return TestCluster.await(ask(asker, new AskList(), Servers.class)).servers();
  }

  /**
   * Asks again while the registry of the bus still names one that has left, and when a message was
   * on its way to it: asking for a rank twice does no harm.
   */
  private static <M extends Message> Future<M> ask(String asker, Message what, Class<M> answer) {
    TestNode node = cluster.node(asker);
    long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    return Retry.whileFailing(
        node.vertx(),
        () -> node.bus().request(Addresses.REFERENCE, what, answer, Duration.ofSeconds(2)),
        why ->
            why instanceof Refused refused
                && List.of("no-handler", "no-answer").contains(refused.failure().code())
                && System.nanoTime() < until,
        Duration.ofMillis(100));
  }
}
