package dev.batuta.identity;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.TestDatabase;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes of one database, which tell each other nothing of logins. */
class LoginThrottleTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  private final LoginFailures failures = new MySqlLoginFailures(DATABASE.database());
  private final LoginThrottle one = new LoginThrottle(failures);
  private final LoginThrottle other = new LoginThrottle(failures);

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @BeforeEach
  void forget() {
    DATABASE.execute("DELETE FROM login_failure");
  }

  @Test
  void fiveFailuresAreFreeAndWhatComesThenWaitsOutTheMinute() {
    fail(2, one, "here", "alice");
    fail(2, other, "here", "alice");
    age(20);

    assertThat(await(one.failed("here", "alice"))).isZero();
    assertThat(one.known("here", "alice")).isBetween(Duration.ofSeconds(30), seconds(40));
    assertThat(other.known("here", "alice")).as("what it did not hear of").isZero();
    assertThat(await(other.failed("here", "alice"))).isBetween(seconds(30), seconds(40));
    assertThat(other.known("here", "alice")).isPositive();
    assertThat(await(other.succeeded("here", "alice"))).isPositive();
  }

  @Test
  void whatWasCountedAMinuteAgoIsForgotten() {
    fail(5, one, "here", "alice");
    age(60);

    assertThat(await(other.failed("here", "alice"))).isZero();
    assertThat(counted("here alice")).isEqualTo(1);
  }

  @Test
  void whatAClockThatWasSetBackHasInTheFutureIsForgotten() {
    fail(5, one, "here", "alice");
    age(-3_600);

    assertThat(await(other.failed("here", "alice"))).isZero();
  }

  @Test
  void anotherUserOrAnotherClientNeedNotWait() {
    fail(9, one, "here", "alice");

    for (LoginThrottle node : List.of(one, other)) {
      assertThat(await(node.succeeded("here", "bob"))).isZero();
      assertThat(await(node.succeeded("there", "alice"))).isZero();
      assertThat(node.known("here", "bob")).isZero();
      assertThat(node.known("there", "alice")).isZero();
    }
  }

  @Test
  void aClientThatGuessesAtManyUsersWaitsForAllOfThem() {
    IntStream.range(0, 50)
        .forEach(i -> assertThat(await(one.failed("here", "user-" + i))).isZero());

    assertThat(await(other.succeeded("here", "alice"))).isPositive();
    assertThat(one.known("here", "alice")).isPositive();
    assertThat(await(other.succeeded("there", "alice"))).isZero();
  }

  @Test
  void aUserWhomManyClientsGuessAtIsGuardedFromAllOfThem() {
    IntStream.range(0, 100)
        .forEach(i -> assertThat(await(one.failed("10.0.0." + i, "alice"))).isZero());

    assertThat(await(other.succeeded("10.1.0.1", "alice"))).isPositive();
    assertThat(await(other.succeeded("10.1.0.1", "bob"))).isZero();
  }

  @Test
  void theAddressesOfOneNetworkOfIpv6AreOneClient() {
    IntStream.range(0, 5).forEach(i -> await(one.failed("2001:db8::" + i, "alice")));

    assertThat(await(other.succeeded("2001:db8::ffff:1", "alice"))).isPositive();
    assertThat(await(other.succeeded("2001:db8:0:1::1", "alice"))).isZero();
  }

  @Test
  void aSuccessForgetsTheFailuresOfItsUserOnly() {
    fail(4, one, "here", "alice");
    assertThat(await(other.succeeded("here", "alice"))).isZero();

    assertThat(counted("here alice")).isZero();
    assertThat(counted("here")).isEqualTo(4);
    fail(4, one, "here", "alice");
    assertThat(await(other.succeeded("here", "alice"))).isZero();
  }

  @Test
  void ofManyWhoFailAtOnceNoMoreAreToldThanAreFree() {
    List<Future<Duration>> waits =
        IntStream.range(0, 40)
            .mapToObj(i -> (i % 2 == 0 ? one : other).failed("here", "alice"))
            .toList();

    assertThat(waits.stream().map(TestDatabase::await).filter(Duration::isZero).count())
        .isLessThanOrEqualTo(5);
    assertThat(counted("here alice")).isEqualTo(40);
  }

  @Test
  void whatIsOverGoesAndNobodyIsTakenForAnother() {
    fail(1, one, "here", "alice");
    fail(1, one, "here", "");
    assertThat(counted("here ")).isEqualTo(1);
    assertThat(counted("here")).isEqualTo(2);
    age(60);

    fail(1, new LoginThrottle(new MySqlLoginFailures(DATABASE.database())), "there", "bob");

    assertThat(
            await(
                    DATABASE
                        .database()
                        .query("SELECT whose FROM login_failure", io.vertx.sqlclient.Tuple.tuple()))
                .size())
        .isEqualTo(3);
  }

  @Test
  void whatIsRememberedHereIsBounded() {
    LoginThrottle full = new LoginThrottle(new Full());
    await(full.failed("here", "alice"));
    for (int i = 0; i < 10_000; i++) {
      await(full.failed("host-" + i, "user-" + i));
    }

    assertThat(full.known("here", "alice")).isZero();
    assertThat(full.known("host-9999", "user-9999")).isPositive();
  }

  /** All have failed too often. */
  private static final class Full implements LoginFailures {
    @Override
    public Future<Map<String, Count>> add(List<String> whose) {
      return of(whose);
    }

    @Override
    public Future<Map<String, Count>> of(List<String> whose) {
      return Future.succeededFuture(Map.of(whose.getFirst(), new Count(6, WINDOW)));
    }

    @Override
    public Future<Void> forget(String whose) {
      return Future.succeededFuture();
    }
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static void fail(int times, LoginThrottle node, String client, String user) {
    IntStream.range(0, times).forEach(i -> await(node.failed(client, user)));
  }

  private int counted(String whose) {
    LoginFailures.Count count = await(failures.of(List.of(whose))).get(whose);
    return count == null ? 0 : count.failures();
  }

  /** Makes all failures older. */
  private static void age(int seconds) {
    DATABASE.execute("UPDATE login_failure SET since = since - INTERVAL " + seconds + " SECOND");
  }
}
