package dev.batuta.gateway.services;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.identity.Keyring;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.identity.Session;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LoginServiceTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final Vertx VERTX = Vertx.vertx();
  private static final MySqlUserStore USERS =
      new MySqlUserStore(Database.connect(VERTX, DATABASE.address(), 4));

  private final LoginService logins = new LoginService(VERTX, USERS, Keyring.FRESH);

  @BeforeAll
  static void seed() {
    await(USERS.seedDemo());
  }

  @AfterAll
  static void close() {
    await(VERTX.close());
    DATABASE.close();
  }

  @Test
  void whoGuessesManyAtOnceGuessesNoMoreThanInTurn() {
    Map<Failure.Kind, Long> answers =
        kinds(atOnce(40, i -> logins.login("10.0.0.1", "alice", "guess-" + i)));

    assertThat(answers).containsEntry(Failure.Kind.UNAUTHENTICATED, 5L);
    assertThat(answers).containsEntry(Failure.Kind.BUSY, 35L);
    assertThat(await(logins.login("10.0.0.2", "alice", "password1")).caller().user())
        .isEqualTo("alice");
  }

  @Test
  void whoKnowsThePasswordGetsInHoweverManyComeAtOnce() {
    List<Future<Session>> all = atOnce(40, i -> logins.login("10.0.0.3", "bob", "password2"));

    all.forEach(each -> assertThat(await(each).caller().user()).isEqualTo("bob"));
  }

  @Test
  void moreThanAreWaitedForAreToldToComeAgain() {
    List<Future<Session>> all =
        atOnce(100, i -> logins.login("10.0.1." + i, "carol", "wrong-" + i));

    assertThat(kinds(all)).containsOnlyKeys(Failure.Kind.UNAUTHENTICATED, Failure.Kind.BUSY);
    assertThat(kinds(all).get(Failure.Kind.UNAUTHENTICATED)).isGreaterThanOrEqualTo(64L);
    assertThat(await(logins.login("10.0.2.1", "bob", "password2")).caller().user())
        .isEqualTo("bob");
  }

  @Test
  void whatNoUserHasIsRefusedBeforeItIsTried() {
    Future<Session> longName = logins.login("10.0.0.4", "a".repeat(65), "password1");
    Future<Session> longPassword = logins.login("10.0.0.4", "alice", "é".repeat(257));

    for (Future<Session> each : List.of(longName, longPassword)) {
      assertThat(each.isComplete()).isTrue();
      assertThatThrownBy(() -> await(each)).hasMessageContaining("there are at most");
    }
  }

  private static List<Future<Session>> atOnce(
      int times, Function<Integer, Future<Session>> attempt) {
    return IntStream.range(0, times).boxed().map(attempt).toList();
  }

  /** Of all that failed, how often each. */
  private static Map<Failure.Kind, Long> kinds(List<Future<Session>> all) {
    return all.stream()
        .map(LoginServiceTest::kind)
        .collect(Collectors.groupingBy(kind -> kind, Collectors.counting()));
  }

  private static Failure.Kind kind(Future<Session> login) {
    return await(
        login
            .map(in -> Failure.Kind.INTERNAL)
            .recover(
                error ->
                    error instanceof Refused refused
                        ? Future.succeededFuture(refused.failure().kind())
                        : Future.failedFuture(error)));
  }
}
