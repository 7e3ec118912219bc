package dev.batuta.gateway.services;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.gateway.BareGateway;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.identity.Session;
import dev.batuta.node.TestCluster;
import io.vertx.core.Future;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who guesses passwords at several nodes of one cluster. */
class LoginsOfAClusterTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final TestCluster CLUSTER = TestCluster.start("server-1", "server-2");

  private final LoginService one = logins("server-1");
  private final LoginService other = logins("server-2");

  @BeforeAll
  static void seed() {
    await(new MySqlUserStore(DATABASE.database()).seedDemo());
  }

  @AfterAll
  static void close() {
    CLUSTER.close();
    DATABASE.close();
  }

  /** As a node has it that has just started. */
  private static LoginService logins(String node) {
    Database database = Database.connect(CLUSTER.node(node).vertx(), DATABASE.address(), 4);
    return BareGateway.of(CLUSTER.node(node), database, "demo").services().logins();
  }

  @Test
  void whoGuessesAtSeveralNodesGuessesNoMoreThanAtOne() {
    for (int i = 0; i < 5; i++) {
      assertThat(kind((i % 2 == 0 ? one : other).login("10.0.0.1", "alice", "guess-" + i)))
          .isEqualTo(Failure.Kind.UNAUTHENTICATED);
    }

    for (LoginService node : List.of(one, other)) {
      assertThat(kind(node.login("10.0.0.1", "alice", "guess-6"))).isEqualTo(Failure.Kind.BUSY);
      Future<Session> right = node.login("10.0.0.1", "alice", "password1");
      assertThatThrownBy(() -> await(right)).hasMessageContaining("Too many failed logins");
      assertThat(await(node.login("10.0.0.2", "alice", "password1")).caller().user())
          .isEqualTo("alice");
    }
  }

  @Test
  void whoGuessesManyAtOnceAtSeveralNodesLearnsNoMore() {
    Map<Failure.Kind, Integer> told = new EnumMap<>(Failure.Kind.class);
    IntStream.range(0, 20)
        .mapToObj(
            i ->
                List.of(
                    one.login("10.0.0.3", "bob", "guess-" + i),
                    other.login("10.0.0.3", "bob", "other-" + i)))
        .toList()
        .forEach(both -> both.forEach(each -> told.merge(kind(each), 1, Integer::sum)));

    assertThat(told.get(Failure.Kind.UNAUTHENTICATED)).isBetween(1, 5);
    assertThat(kind(other.login("10.0.0.3", "bob", "password2"))).isEqualTo(Failure.Kind.BUSY);
  }

  @Test
  void aNodeThatStartsAgainHasForgottenNothing() {
    for (int i = 0; i < 5; i++) {
      kind(one.login("10.0.0.4", "carol", "guess-" + i));
    }

    LoginService again = logins("server-1");

    assertThat(kind(again.login("10.0.0.4", "carol", "pwd3"))).isEqualTo(Failure.Kind.BUSY);
  }

  @Test
  void aSuccessForgetsWhatWasFailedAtOtherNodes() {
    for (int i = 0; i < 4; i++) {
      kind(one.login("10.0.0.5", "carol", "guess-" + i));
    }
    await(other.login("10.0.0.5", "carol", "pwd3"));
    for (int i = 0; i < 4; i++) {
      kind(one.login("10.0.0.5", "carol", "guess-" + i));
    }

    assertThat(await(other.login("10.0.0.5", "carol", "pwd3")).caller().user()).isEqualTo("carol");
  }

  private static Failure.Kind kind(Future<Session> login) {
    try {
      await(login);
    } catch (Refused refused) {
      return refused.failure().kind();
    }
    throw new AssertionError("the login was not refused");
  }
}
