package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.EpochHistory.Epoch;
import dev.batuta.system.AnswerTimes.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Links of a real network are cut under load, each shape in its turn; the coordinator is server-3,
 * the best rank. A cut takes the packets of one direction away, without a word to either side.
 *
 * <p>{@code -Dbatuta.cuts=all} runs every shape, which takes some minutes; else only the two that
 * show most.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NetworkCutTest {
  private static final String ALL = "batuta.cuts";
  private static final int COORDINATOR = 3;
  private static final Duration CUT = Duration.ofSeconds(12);
  private static final Duration AGREED_WITHIN = Duration.ofSeconds(20);
  private static final Duration QUIET = Duration.ofSeconds(15);

  /** A cut with the database on both sides must not duel for the epoch. */
  private static final int MOST_EPOCHS = 3;

  @TempDir static Path data = Path.of("");
  private static @Nullable NetworkedCluster running;
  private static @Nullable UnderLoad watched;

  private long epochsBefore;
  private long cutAtMillis;

  @BeforeAll
  static void start() {
    NetworkedCluster cluster = NetworkedCluster.start(data);
    running = cluster;
    watched = new UnderLoad(cluster::client, cluster.urls(), cluster.database.history(), "cuts");
  }

  @AfterAll
  static void stop() {
    try {
      if (watched != null) {
        watched.close();
      }
    } finally {
      if (running != null) {
        running.close();
      }
    }
  }

  private static NetworkedCluster cluster() {
    return Objects.requireNonNull(running);
  }

  private static Views views() {
    return Objects.requireNonNull(watched).views;
  }

  private static Load load() {
    return Objects.requireNonNull(watched).load;
  }

  private static List<Epoch> epochs() {
    return Objects.requireNonNull(watched).epochs();
  }

  @BeforeEach
  void calm() {
    awaitAgreed(System.currentTimeMillis());
    epochsBefore = epochs().size();
    cutAtMillis = System.currentTimeMillis();
  }

  @AfterEach
  void healed() {
    cluster().network.healAll();
  }

  @Test
  void aCoordinatorCutOffFromTheOthersIsNotFoughtOver() {
    cluster().network.cutBoth(COORDINATOR, 1);
    cluster().network.cutBoth(COORDINATOR, 2);
    holdsThroughTheCut(MOST_EPOCHS);
    healsAndAgrees("symmetric");
  }

  @Test
  void aSideWithoutTheDatabaseLosesTheBaton() {
    Namespaces network = cluster().network;
    network.cutOffDatabase(COORDINATOR);
    network.cutBoth(COORDINATOR, 1);
    network.cutBoth(COORDINATOR, 2);
    Awaitility.await("a server on the side of the database takes over")
        .atMost(Duration.ofSeconds(10))
        .until(() -> epochs().size() > epochsBefore);
    System.out.printf(
        "cut database-on-one-side: new epoch after %d ms%n",
        epochs().getLast().atMillis() - cutAtMillis);
    assertThat(epochs().getLast().holder()).isEqualTo("server-2");
    Awaitility.await("the others follow it")
        .atMost(Duration.ofSeconds(10))
        .until(() -> views().allName(List.of("server-1", "server-2"), "server-2", cutAtMillis));
    holdsThroughTheCut(MOST_EPOCHS);
    healsAndAgrees("database-on-one-side");
  }

  /** Its kernel and theirs answer nobody, its clients and the database still reach it. */
  @Test
  void aFollowerThatIsCutOffCostsTheOthersNothing() throws IOException {
    costsTheOthersNothing("both ways", 2, CUT);
  }

  @Test
  @EnabledIfSystemProperty(named = ALL, matches = "all")
  void aFollowerThatIsCutOffForLongCostsTheOthersNothing() throws IOException {
    costsTheOthersNothing("both ways, for a minute", 2, Duration.ofMinutes(1));
  }

  private void costsTheOthersNothing(String shape, int node, Duration time) throws IOException {
    Client client = cluster().client();
    client.login(Objects.requireNonNull(cluster().urls().get("server-1")));
    try (client;
        AnswerTimes times = new AnswerTimes(client, cluster().urls(), "cuts")) {
      for (int other = 1; other <= COORDINATOR; other++) {
        if (other != node) {
          cluster().network.cutBoth(node, other);
        }
      }
      Fault.lasts(time);
      List<Answer> answers =
          times.asked(cutAtMillis, System.currentTimeMillis()).stream()
              .filter(answer -> !answer.server().equals("server-" + node))
              .toList();
      System.out.printf(
          "cut of server-%d, %s: longest of %d answers of the others %s, epochs %d%n",
          node,
          shape,
          answers.size(),
          AnswerTimes.longest(answers),
          epochs().size() - epochsBefore);
      times.assertInTime(answers, Duration.ZERO);
      assertThat(epochs()).hasSize((int) epochsBefore);
      healsAndAgrees(shape);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = ALL, matches = "all")
  void aCoordinatorThatIsNotHeardIsNotFoughtOver() {
    cluster().network.cut(COORDINATOR, 1);
    cluster().network.cut(COORDINATOR, 2);
    holdsThroughTheCut(MOST_EPOCHS);
    healsAndAgrees("not heard");
  }

  @Test
  @EnabledIfSystemProperty(named = ALL, matches = "all")
  void aCoordinatorThatDoesNotHearIsNotFoughtOver() {
    cluster().network.cut(1, COORDINATOR);
    cluster().network.cut(2, COORDINATOR);
    holdsThroughTheCut(MOST_EPOCHS);
    healsAndAgrees("does not hear");
  }

  @Test
  @EnabledIfSystemProperty(named = ALL, matches = "all")
  void aPartialCutIsNotFoughtOver() {
    cluster().network.cutBoth(COORDINATOR, 1);
    holdsThroughTheCut(MOST_EPOCHS);
    healsAndAgrees("partial");
  }

  @Test
  @EnabledIfSystemProperty(named = ALL, matches = "all")
  void aFlappingLinkDoesNotMakeElectionsSpin() {
    Namespaces network = cluster().network;
    for (int flap = 0; flap < 14; flap++) {
      network.cutBoth(COORDINATOR, 2);
      Fault.lasts(Duration.ofMillis(700));
      network.heal(COORDINATOR, 2);
      Fault.lasts(Duration.ofMillis(700));
    }
    assertThat(epochs().size() - epochsBefore).isLessThanOrEqualTo(MOST_EPOCHS);
    healsAndAgrees("flapping");
  }

  /** Watches for as long as the cut lasts. */
  private void holdsThroughTheCut(int mostEpochs) {
    Fault.lasts(CUT.minusMillis(System.currentTimeMillis() - cutAtMillis));
    List<Epoch> since = epochs().subList((int) epochsBefore, epochs().size());
    System.out.printf("while cut: epochs %s, views %s%n", since, views().latest());
    views().assertOneCoordinatorAnEpoch(epochs());
    assertThat(since).hasSizeLessThanOrEqualTo(mostEpochs);
  }

  private void healsAndAgrees(String shape) {
    long healedAt = System.currentTimeMillis();
    cluster().network.healAll();
    awaitAgreed(healedAt);
    long agreedAfter = System.currentTimeMillis() - healedAt;
    int agreed = epochs().size();
    load().awaitProgress("after the cut " + shape, Duration.ofSeconds(30));
    System.out.printf(
        "cut %s: agreed %d ms after the heal, work goes on after %d ms, %d new epochs; views %s%n",
        shape,
        agreedAfter,
        System.currentTimeMillis() - healedAt,
        agreed - epochsBefore,
        views().changesSince(cutAtMillis));
    Awaitility.await("no new epoch once all agree")
        .during(QUIET)
        .atMost(QUIET.plusSeconds(5))
        .until(() -> epochs().size() == agreed);
    views().assertOneCoordinatorAnEpoch(epochs());
  }

  private static void awaitAgreed(long sinceMillis) {
    Objects.requireNonNull(watched)
        .awaitAgreed("server-" + COORDINATOR, sinceMillis, AGREED_WITHIN);
  }

  @Test
  @Order(Integer.MAX_VALUE - 1)
  void nothingThatWasAcknowledgedIsLostOrDoneTwice() {
    load().assertNothingIsLostOrDoneTwice();
  }

  /** As a container does that was taken out of its network. */
  @Test
  @Order(Integer.MAX_VALUE)
  void whoComesBackWithAnotherAddressEndsToBeStartedAgain() throws IOException {
    cluster().network.renumber(1);

    assertThat(cluster().process(1).onExit().orTimeout(30, TimeUnit.SECONDS).join())
        .matches(ended -> !ended.isAlive());
    assertThat(Files.readString(data.resolve("server-1.out")))
        .contains("has no longer the address " + cluster().network.address(1));
  }
}
