package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.EpochHistory;
import dev.batuta.database.EpochHistory.Epoch;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults of a machine, under load: no processor time, a database that goes away, a coordinator that
 * hangs and wakes. The coordinator is server-3, the best rank.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultsTest {
  private static final String BEST = "server-3";
  private static final List<String> SERVERS = List.of("server-1", "server-2", BEST);
  private static final Duration AGREED_WITHIN = Duration.ofSeconds(60);
  private static final Duration WORK_AGAIN = Duration.ofSeconds(60);
  private static final Duration BUSY = Duration.ofSeconds(5);

  /** Longer than the patience of a gateway with its own cluster. */
  private static final Duration OUTAGE = Duration.ofSeconds(14);

  private static final Duration POWERS_GONE = Duration.ofSeconds(5);

  private static final int MOST_WAKES = 5;

  /** Times that the machine is kept busy, and that the coordinator hangs. */
  private static final int ROUNDS = Integer.getInteger("batuta.faults", 1);

  @TempDir static Path data = Path.of("");
  private static @Nullable RealCluster running;
  private static @Nullable UnderLoad watched;

  @BeforeAll
  static void start() {
    RealCluster cluster = RealCluster.up(data);
    running = cluster;
    watched =
        new UnderLoad(
            Client::anywhere, cluster.urls(), EpochHistory.of(cluster.databaseAddress()), "faults");
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

  private static RealCluster cluster() {
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
  }

  @Test
  @Order(1)
  void aBusyMachineSuspectsNobody() throws IOException {
    for (int round = 1; round <= ROUNDS; round++) {
      Instant since = Instant.now();
      List<Epoch> before = epochs();
      List<Process> spinning = new ArrayList<>();
      try {
        for (int each = 0; each < 2 * Runtime.getRuntime().availableProcessors() + 2; each++) {
          spinning.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
        }
        Fault.lasts(BUSY);
      } finally {
        spinning.forEach(Process::destroyForcibly);
      }
      List<String> suspicions =
          cluster().logged("node changed", since).stream()
              .filter(line -> line.getString("now").equals("SUSPECTED"))
              .map(JsonObject::encode)
              .toList();
      System.out.printf(
          "busy %d: suspicions %s, epochs %d to %d%n",
          round, suspicions, before.size(), epochs().size());
      assertThat(suspicions).isEmpty();
      if (hasLetGoForALateRenewal(since)) {
        System.out.printf("busy %d: it let go, as a renewal was late%n", round);
      } else {
        assertThat(epochs()).isEqualTo(before);
        assertThat(views().allName(SERVERS, BEST, since.toEpochMilli())).isTrue();
      }
      awaitAgreed(since.toEpochMilli());
      views().assertOneCoordinatorAnEpoch(epochs());
    }
  }

  /**
   * A coordinator whose renewal has not been answered for a second lets go, whoever is to blame
   * (SPEC 5): here it may be a database that has no core for so long.
   */
  private static boolean hasLetGoForALateRenewal(Instant since) {
    return cluster().logged("stepped down", since).stream()
        .anyMatch(line -> line.getString("detail").endsWith("is overdue"));
  }

  @Test
  @Order(2)
  void aHungCoordinatorThatWakesFollowsTheNewOne() {
    for (int round = 1; round <= ROUNDS; round++) {
      int before = epochs().size();
      ProcessHandle coordinator = cluster().process(BEST);
      long hungAt = System.currentTimeMillis();
      Fault.hang(coordinator);
      try {
        Awaitility.await("another one takes over")
            .atMost(Duration.ofSeconds(20))
            .until(() -> epochs().size() > before);
        load().awaitProgress("while the coordinator hangs", WORK_AGAIN);
      } finally {
        Fault.wake(coordinator);
      }
      long wokeAt = System.currentTimeMillis();
      awaitAgreed(wokeAt);
      System.out.printf(
          "hang %d: new epoch after %d ms; all agree on the best rank %d ms after it woke; %s%s%n",
          round,
          epochs().get(before).atMillis() - hungAt,
          System.currentTimeMillis() - wokeAt,
          epochs().subList(before, epochs().size()),
          views().changesSince(hungAt));
      views().assertOneCoordinatorAnEpoch(epochs());
    }
  }

  /**
   * What reaches a server while it hangs is read when it wakes: it writes under a term that is
   * over. Every request counts once nevertheless, under the next term or at another server.
   */
  @Test
  @Order(3)
  void whatAWokenServerWritesIsRefusedAndCounted() {
    String url = Objects.requireNonNull(cluster().urls().get(BEST));
    double before = refusedWrites(url);
    int round = 0;
    // A woken server may see that its term is over before it writes; that is not always so.
    while (refusedWrites(url) == before && round < MOST_WAKES) {
      round++;
      hangWhileRequestsArrive(url);
      System.out.printf("woken %d: %.0f writes refused%n", round, refusedWrites(url) - before);
    }
    assertThat(refusedWrites(url)).isGreaterThan(before);
    views().assertOneCoordinatorAnEpoch(epochs());
  }

  private static void hangWhileRequestsArrive(String url) {
    ProcessHandle coordinator = cluster().process(BEST);
    Instant since = Instant.now();
    Fault.hang(coordinator);
    List<Thread> sent;
    try {
      Awaitility.await("its queue is taken from it")
          .atMost(Duration.ofSeconds(30))
          .until(() -> !cluster().logged("queue of a dead server", since).isEmpty());
      sent = load().depositAt(url, 50);
      Fault.lasts(Duration.ofSeconds(1));
    } finally {
      Fault.wake(coordinator);
    }
    Load.join(sent);
    awaitAgreed(System.currentTimeMillis());
  }

  private static double refusedWrites(String url) {
    return load().metric(url, "batuta_fenced_writes_total");
  }

  @Test
  @Order(4)
  void aDatabaseThatIsStoppedIsStartedAgainAndAllGoesOn() {
    recovers("terminated", ProcessHandle::destroy);
  }

  @Test
  @Order(5)
  void aDatabaseThatIsKilledIsStartedAgainAndAllGoesOn() {
    recovers("killed", ProcessHandle::destroyForcibly);
  }

  private void recovers(String how, Predicate<ProcessHandle> end) {
    ProcessHandle database = cluster().database().orElseThrow();
    long at = System.currentTimeMillis();
    assertThat(end.test(database)).isTrue();
    Awaitility.await("the database is started again")
        .atMost(Duration.ofSeconds(60))
        .until(() -> cluster().database().filter(now -> now.pid() != database.pid()).isPresent());
    long back = System.currentTimeMillis();
    load().awaitProgress("after the database was " + how, WORK_AGAIN);
    long works = System.currentTimeMillis();
    awaitAgreed(works);
    System.out.printf(
        "database %s: process back after %d ms, tasks and messages go on after %d ms, all agree after %d ms; answers %s%s%n",
        how,
        back - at,
        works - at,
        System.currentTimeMillis() - at,
        load().statuses(),
        views().changesSince(at));
    views().assertOneCoordinatorAnEpoch(epochs());
  }

  @Test
  @Order(6)
  void aDatabaseThatHangsTakesThePowersOfTheCoordinatorAndGivesThemBack() {
    ProcessHandle database = cluster().database().orElseThrow();
    long at = System.currentTimeMillis();
    Fault.hang(database);
    try {
      Awaitility.await("nobody is shown as a coordinator with powers")
          .atMost(POWERS_GONE)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> views().nobodyHasPowers(SERVERS, at));
      System.out.printf(
          "database hangs: no powers after %d ms: %s%n",
          System.currentTimeMillis() - at, views().latest());
      Fault.lasts(OUTAGE.minusMillis(System.currentTimeMillis() - at));
    } finally {
      Fault.wake(database);
    }
    long woke = System.currentTimeMillis();
    assertThat(load().statuses().keySet()).as("clear errors while it hung").containsAnyOf(503, 504);
    load().awaitProgress("after the database woke", WORK_AGAIN);
    long works = System.currentTimeMillis();
    awaitAgreed(woke);
    System.out.printf(
        "database woke: tasks and messages go on after %d ms, all agree after %d ms; answers %s%s%n",
        works - woke,
        System.currentTimeMillis() - woke,
        load().statuses(),
        views().changesSince(at));
    views().assertOneCoordinatorAnEpoch(epochs());
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void nothingThatWasAcknowledgedIsLostOrDoneTwice() {
    load().assertNothingIsLostOrDoneTwice();
    assertThat(cluster().batuta("audit").exit()).isZero();
  }

  private static void awaitAgreed(long sinceMillis) {
    Objects.requireNonNull(watched).awaitAgreed(BEST, sinceMillis, AGREED_WITHIN);
  }
}
