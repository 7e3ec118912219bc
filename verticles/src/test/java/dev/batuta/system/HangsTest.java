package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.EpochHistory;
import dev.batuta.database.EpochHistory.Epoch;
import dev.batuta.system.AnswerTimes.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that hang, however long, cost the others nothing but their load (SPEC 5): five servers,
 * a worker for each, under load; the coordinator is server-5, the best rank. Prints a table of who
 * hung, and what the clients of the others saw.
 *
 * <p>{@code -Dbatuta.hangs=all} also lets them hang for a minute, five and ten.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HangsTest {
  private static final String LONG = "batuta.hangs";
  private static final String BEST = "server-5";
  private static final List<String> SERVERS =
      List.of("server-1", "server-2", "server-3", "server-4", BEST);
  private static final List<String> WORKERS = List.of("W1", "W2", "W3", "W4", "W5");
  private static final Duration SHORT = Duration.ofSeconds(15);

  /** It wakes while the others put it out of the membership. */
  private static final Duration UNTIL_IT_IS_PUT_OUT = Duration.ofSeconds(10);

  /** A hang of one member broke the others after 20 to 40 s, with an endpoint for all protocols. */
  private static final Duration LONGER_THAN_THE_OTHERS_ENDURED = Duration.ofSeconds(45);

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration FIVE = Duration.ofMinutes(5);
  private static final Duration TEN = Duration.ofMinutes(10);

  /**
   * What a hung worker had to do, and what its master gave it before it was found out, is its load:
   * three missed heartbeats, and the time that its master may be without any.
   */
  private static final Duration FOUND_OUT = Duration.ofSeconds(8);

  private static final Duration WHOLE_WITHIN = Duration.ofSeconds(60);
  private static final Duration WARM_WITHIN = Duration.ofMinutes(3);
  private static final Duration STAYS_WHOLE = Duration.ofSeconds(10);

  @TempDir static Path data = Path.of("");
  private static @Nullable RealCluster running;
  private static @Nullable UnderLoad watched;
  private static @Nullable Client client;
  private static @Nullable AnswerTimes clients;
  private static final List<String> TABLE = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    RealCluster cluster = RealCluster.up(data, "--servers", "5");
    running = cluster;
    Map<String, String> urls = cluster.urls();
    watched =
        new UnderLoad(Client::anywhere, urls, EpochHistory.of(cluster.databaseAddress()), "hangs");
    Client asker = Client.anywhere();
    client = asker;
    asker.login(cluster.url());
    clients = new AnswerTimes(asker, urls, "hangs");
  }

  @AfterAll
  static void stop() {
    System.out.printf(
        "%-22s %-6s %-8s %-48s %-6s %-9s %-6s %s%n",
        "HUNG",
        "FOR",
        "ANSWERS",
        "LONGEST ms, of the others",
        "EPOCHS",
        "TAKEOVERS",
        "LOST",
        "WHOLE AFTER ms");
    TABLE.forEach(System.out::println);
    RealCluster cluster = running;
    UnderLoad load = watched;
    Client asker = client;
    AnswerTimes times = clients;
    try (cluster;
        load;
        asker;
        times) {
      // closes the clients first, and the rest also when that fails
    }
  }

  @Test
  @Order(1)
  void aHungWorkerCostsItsLoadOnly() {
    hangs(LONGER_THAN_THE_OTHERS_ENDURED, 0, "W2");
  }

  @Test
  @Order(2)
  void aHungServerCostsNoElection() {
    hangs(SHORT, 0, "server-2");
    hangs(UNTIL_IT_IS_PUT_OUT, 0, "server-2");
  }

  @Test
  @Order(3)
  void aHungCoordinatorCostsOneElectionAndOneWhenItIsBack() {
    hangs(SHORT, 2, BEST);
  }

  @Test
  @Order(4)
  void twoOfFiveServersMayHangAtOnce() {
    hangs(SHORT, 2, "server-1", BEST);
  }

  @Test
  @Order(5)
  @EnabledIfSystemProperty(named = LONG, matches = "all")
  void anyOfThemMayHangForAMinute() {
    hangs(MINUTE, 0, "W3");
    hangs(MINUTE, 0, "server-1");
    hangs(MINUTE, 2, BEST);
    hangs(MINUTE, 2, "server-4", BEST);
  }

  @Test
  @Order(6)
  @EnabledIfSystemProperty(named = LONG, matches = "all")
  void aWorkerMayHangForFiveMinutes() {
    hangs(FIVE, 0, "W4");
  }

  @Test
  @Order(7)
  @EnabledIfSystemProperty(named = LONG, matches = "all")
  void aServerMayHangForFiveMinutes() {
    hangs(FIVE, 0, "server-3");
  }

  @Test
  @Order(8)
  @EnabledIfSystemProperty(named = LONG, matches = "all")
  void theCoordinatorMayHangForFiveMinutes() {
    hangs(FIVE, 2, BEST);
  }

  @Test
  @Order(9)
  @EnabledIfSystemProperty(named = LONG, matches = "all")
  void twoOfFiveServersMayHangForFiveMinutes() {
    hangs(FIVE, 2, "server-2", BEST);
  }

  @Test
  @Order(10)
  @EnabledIfSystemProperty(named = LONG, matches = "all")
  void aWorkerAndAServerMayHangForTenMinutes() {
    hangs(TEN, 0, "W1", "server-2");
  }

  @Test
  @Order(11)
  @EnabledIfSystemProperty(named = LONG, matches = "all")
  void whileAllCoresAreBusy() throws IOException {
    List<Process> spinning = new ArrayList<>();
    try {
      for (int each = 0; each < Runtime.getRuntime().availableProcessors(); each++) {
        spinning.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
      }
      hangs(MINUTE, 0, "W5");
      hangs(MINUTE, 0, "server-4");
    } finally {
      spinning.forEach(Process::destroyForcibly);
    }
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void nothingThatWasAcknowledgedIsLostOrDoneTwice() {
    Objects.requireNonNull(watched).load.assertNothingIsLostOrDoneTwice();
    assertThat(cluster().batuta("audit").exit()).isZero();
  }

  /**
   * @param mostTakeovers how often another server may become the coordinator for it
   */
  private static void hangs(Duration time, int mostTakeovers, String... names) {
    Set<String> hung = Set.of(names);
    awaitWhole(System.currentTimeMillis());
    Duration usual = awaitCalm();
    List<Epoch> before = epochs();
    List<ProcessHandle> processes = hung.stream().map(cluster()::process).toList();
    Instant since = Instant.now();
    processes.forEach(Fault::hang);
    try {
      Fault.lasts(time);
    } finally {
      processes.forEach(Fault::wake);
    }
    long wokeAt = System.currentTimeMillis();
    awaitWhole(wokeAt);
    long wholeAt = System.currentTimeMillis();
    awaitThatItStaysWhole();
    check(new Hang(hung, time, since, wokeAt, wholeAt), usual, before, mostTakeovers);
  }

  /**
   * A hang that is over.
   *
   * @param wholeAtMillis when the cluster was seen as it had been before
   */
  private record Hang(
      Set<String> who, Duration time, Instant since, long wokeAtMillis, long wholeAtMillis) {
    /** Whether an answer has to come in time whatever these processes do. */
    boolean concerns(Answer answer) {
      boolean hungItself = who.contains(answer.server());
      boolean askedBeforeFoundOut =
          answer.askedAtMillis() < since.plus(FOUND_OUT).toEpochMilli()
              && who.contains(answer.server().replace("server-", "W"))
              && answer.what().equals("task");
      return !hungItself && !askedBeforeFoundOut;
    }
  }

  private static void check(Hang hang, Duration usual, List<Epoch> before, int mostTakeovers) {
    AnswerTimes times = Objects.requireNonNull(clients);
    long from = hang.since().toEpochMilli();
    List<Answer> answers =
        times.asked(from, System.currentTimeMillis()).stream().filter(hang::concerns).toList();
    List<Epoch> epochs = epochs();
    List<String> others = new ArrayList<>(SERVERS);
    others.addAll(WORKERS);
    others.removeAll(hang.who());
    List<JsonObject> lost = cluster().logged(others, "registration lost, made anew", hang.since());
    TABLE.add(
        "%-22s %-6s %-8d %-48s %-6d %-9d %-6d %d"
            .formatted(
                String.join(" ", hang.who()),
                hang.time().toSeconds() + " s",
                answers.size(),
                AnswerTimes.longest(answers),
                epochs.size() - before.size(),
                takeovers(before.size(), epochs),
                lost.size(),
                hang.wholeAtMillis() - hang.wokeAtMillis()));
    times.assertInTime(answers, usual);
    assertThat(lost).isEmpty();
    assertThat(takeovers(before.size(), epochs)).isLessThanOrEqualTo(mostTakeovers);
    Objects.requireNonNull(watched).views.assertOneCoordinatorAnEpoch(epochs);
  }

  /**
   * How often the coordinator became another one. Not every epoch is such: one whose renewals were
   * not answered for a second, by a database that got no core while ten processes caught up, lets
   * go, and goes on under the next epoch.
   */
  private static long takeovers(int before, List<Epoch> epochs) {
    return IntStream.range(Math.max(1, before), epochs.size())
        .filter(each -> !epochs.get(each).holder().equals(epochs.get(each - 1).holder()))
        .count();
  }

  /** All nodes are ready, all name the best rank, and each worker serves the master of its home. */
  private static void awaitWhole(long sinceMillis) {
    Objects.requireNonNull(watched).awaitAgreed(BEST, sinceMillis, WHOLE_WITHIN);
    Awaitility.await("every node is ready, and every worker serves")
        .atMost(WHOLE_WITHIN)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(lacking()).isEmpty());
    awaitThatEachAnswers(sinceMillis);
  }

  /**
   * What a hang costs is told from how it was before: ten processes that have just been started on
   * few cores, and compile what they run, answer late without any. A machine on which they never
   * answer well within the bound is taken as it is once they are within it at all.
   *
   * @return the longest that an answer took then
   */
  private static Duration awaitCalm() {
    AnswerTimes times = Objects.requireNonNull(clients);
    Instant warmAt = Instant.now().plus(WARM_WITHIN);
    return Awaitility.await("every answer is in time")
        .atMost(WARM_WITHIN.multipliedBy(2))
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> times.longest(STAYS_WHOLE),
            longest ->
                AnswerTimes.isCalm(longest)
                    || (Instant.now().isAfter(warmAt) && AnswerTimes.isInTime(longest)));
  }

  /**
   * Who wakes while the others are about to put it out is put out some seconds later, and is back
   * some seconds after that; then the next may hang.
   */
  private static void awaitThatItStaysWhole() {
    Awaitility.await("the cluster stays whole")
        .during(STAYS_WHOLE)
        .atMost(WHOLE_WITHIN)
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(lacking()).isEmpty());
  }

  private static void awaitThatEachAnswers(long sinceMillis) {
    Awaitility.await("every server answers")
        .atMost(WHOLE_WITHIN)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> everyServerAnswers(sinceMillis));
  }

  /** Nodes that are not ready, and workers that do not serve their home. */
  private static Set<String> lacking() throws IOException {
    JsonObject seen = cluster().seen();
    Set<String> lacking = new TreeSet<>(SERVERS);
    lacking.addAll(WORKERS);
    RealCluster.ready(seen).forEach(node -> lacking.remove(node.getString("name")));
    for (String worker : WORKERS) {
      Optional<JsonObject> found =
          seen.getJsonArray("workers").stream()
              .map(JsonObject.class::cast)
              .filter(each -> each.getString("id").equals(worker))
              .findFirst();
      String master = found.map(each -> each.getString("master")).orElse("nobody");
      if (!master.equals(found.map(each -> each.getString("home")).orElse(""))) {
        lacking.add(worker + " serves " + master);
      }
    }
    return lacking;
  }

  private static boolean everyServerAnswers(long sinceMillis) {
    List<Answer> answers =
        Objects.requireNonNull(clients).asked(sinceMillis, System.currentTimeMillis());
    return SERVERS.stream()
        .allMatch(
            server ->
                answers.stream()
                        .filter(answer -> answer.server().equals(server) && answer.done())
                        .map(Answer::what)
                        .distinct()
                        .count()
                    == 4);
  }

  private static RealCluster cluster() {
    return Objects.requireNonNull(running);
  }

  private static List<Epoch> epochs() {
    return Objects.requireNonNull(watched).epochs();
  }
}
