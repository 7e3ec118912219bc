package dev.batuta.identity;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.DatabaseLink;
import dev.batuta.database.TestDatabase;
import dev.batuta.identity.Caller.Role;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes of one database, which tell each other nothing of their keys. */
class KeyringTest {
  private static final Caller ALICE = new Caller("alice", Set.of(Role.USER));
  private static final Duration VALIDITY = Duration.ofHours(12);

  /** After which the database is asked again, before the next token is read. */
  private static final Duration SOON = Duration.ofNanos(1);

  private final TestDatabase database = TestDatabase.fresh();
  private final Vertx vertx = Vertx.vertx();
  private UserStore users;
  private SigningKeys keys;
  private Keyring one;
  private Keyring other;

  @BeforeEach
  void start() {
    Database connected = Database.connect(vertx, database.address(), 4);
    users = new MySqlUserStore(connected);
    keys = users.keys();
    one = new Keyring(vertx, users, Keyring.FRESH);
    other = new Keyring(vertx, new MySqlUserStore(database.database()), Keyring.FRESH);
  }

  @AfterEach
  void close() {
    await(vertx.close());
    database.close();
  }

  @Test
  void afterARotationEveryNodeSignsByTheNewKeyAndReadsWhatTheOldOneSigned() {
    String before = token(one);
    assertThat(await(other.read(before)).caller()).isEqualTo(ALICE);

    await(keys.rotate());

    String after = token(other);
    assertThat(Keyring.keyId(before)).isEqualTo("1");
    assertThat(Keyring.keyId(after)).isEqualTo("2");
    assertThat(Keyring.keyId(token(one))).isEqualTo("2");
    for (Keyring node : List.of(one, other)) {
      assertThat(await(node.read(before)).caller()).isEqualTo(ALICE);
      assertThat(await(node.read(after)).caller()).isEqualTo(ALICE);
    }
  }

  @Test
  void aNodeThatHasSignedNothingSinceLearnsOfTheNewKeyByItsFirstToken() {
    await(other.read(token(one)));
    await(keys.rotate());
    String after = token(one);

    assertThat(await(other.read(after)).caller()).isEqualTo(ALICE);
  }

  @Test
  void aKeyThatNobodyHasCostsFewLooks() {
    AtomicInteger looks = new AtomicInteger();
    Keyring counting = new Keyring(vertx, counting(looks), Keyring.FRESH);
    String header = "{\"alg\":\"HS256\",\"kid\":\"999\"}";
    String forged =
        Base64.getUrlEncoder().encodeToString(header.getBytes(StandardCharsets.UTF_8)) + ".e30.x";

    List<Future<Session>> asked =
        IntStream.range(0, 1_000).mapToObj(i -> counting.read(forged)).toList();

    asked.forEach(each -> assertThatThrownBy(() -> await(each)).isInstanceOf(Refused.class));
    assertThat(looks).hasValueLessThan(20);
  }

  private UserStore counting(AtomicInteger looks) {
    return (UserStore)
        Proxy.newProxyInstance(
            UserStore.class.getClassLoader(),
            new Class<?>[] {UserStore.class},
            (proxy, method, given) -> {
              if (method.getName().equals("keys")) {
                looks.incrementAndGet();
              }
              return method.invoke(users, given);
            });
  }

  @Test
  void manyWhoAskAtOnceAllGetAnAnswer() {
    String token = token(one);
    Keyring fresh = new Keyring(vertx, users, Keyring.FRESH);
    List<Future<Session>> asked = IntStream.range(0, 200).mapToObj(i -> fresh.read(token)).toList();

    asked.forEach(each -> assertThat(await(each).caller()).isEqualTo(ALICE));
  }

  @Test
  void aKeyThatIsDeletedReadsNothingOnANodeThatStarts() {
    String before = token(one);
    await(keys.rotate());
    await(database.database().update("DELETE FROM signing_key WHERE id = 1", Tuple.tuple()));

    Future<Session> read = new Keyring(vertx, users, Keyring.FRESH).read(before);
    assertThatThrownBy(() -> await(read))
        .isInstanceOfSatisfying(
            Refused.class, no -> assertThat(no.failure().code()).isEqualTo("token-invalid"));
  }

  @Test
  void aKeyThatIsDeletedIsForgottenByTheFirstTokenThatANodeReadsAfterAWhile() {
    Keyring idle = new Keyring(vertx, users, SOON);
    String before = token(idle);
    assertThat(await(idle.read(before)).caller()).isEqualTo(ALICE);
    await(keys.rotate());
    await(database.database().update("DELETE FROM signing_key WHERE id = 1", Tuple.tuple()));

    Future<Session> read = idle.read(before);

    assertThatThrownBy(() -> await(read)).isInstanceOf(Refused.class);
    assertThat(await(idle.read(token(idle))).caller()).isEqualTo(ALICE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whileTheDatabaseIsAwayWhatWasKnownIsGoodForAWhileOnly(boolean toldSo) {
    try (DatabaseLink link = DatabaseLink.to(database.address())) {
      UserStore away = new MySqlUserStore(Database.connect(vertx, link.address(), 1));
      Keyring patient = new Keyring(vertx, away, SOON, Duration.ofHours(1));
      Keyring strict = new Keyring(vertx, away, SOON, SOON);
      String token = token(one);
      assertThat(await(patient.read(token)).caller()).isEqualTo(ALICE);
      assertThat(await(strict.read(token)).caller()).isEqualTo(ALICE);

      if (toldSo) {
        link.cut();
      } else {
        link.mute();
      }

      for (int i = 0; i < 100; i++) {
        assertThat(patient.read(token).toCompletionStage())
            .succeedsWithin(Duration.ofSeconds(20))
            .returns(ALICE, Session::caller);
        Future<Session> read = strict.read(token);
        assertThatThrownBy(() -> await(read)).hasMessageContaining("The database did not say");
      }
    }
  }

  @Test
  void afterAnOutageTheNextTokenIsReadByWhatTheDatabaseSaysThen() {
    try (DatabaseLink link = DatabaseLink.to(database.address())) {
      UserStore away = new MySqlUserStore(Database.connect(vertx, link.address(), 4));
      Keyring keyring = new Keyring(vertx, away, SOON);
      String token = token(one);
      await(keyring.read(token));
      link.cut();
      await(keyring.read(token));
      await(keys.rotate());
      await(database.database().update("DELETE FROM signing_key WHERE id = 1", Tuple.tuple()));

      link.mend();

      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                Future<Session> read = keyring.read(token);
                assertThatThrownBy(() -> await(read)).hasMessageContaining("log in again");
              });
    }
  }

  @Test
  void aTokenThatAPasswordGaveIsNoneWhenItsUserHasAnother() {
    Keyring running = new Keyring(vertx, users, SOON);
    int first = await(users.put("alice", "her first one", List.of("user"))).passwordNumber();
    String older = await(running.issue(ALICE, VALIDITY, first)).token();
    String ofNoPassword = token(running);
    assertThat(await(running.read(older)).caller()).isEqualTo(ALICE);

    int second = await(users.put("alice", "her second one", List.of())).passwordNumber();
    String newer = await(running.issue(ALICE, VALIDITY, second)).token();

    Future<Session> read = running.read(older);
    assertThatThrownBy(() -> await(read))
        .hasMessageContaining("The password of \"alice\" was set anew");
    assertThat(await(running.read(newer)).caller()).isEqualTo(ALICE);
    assertThat(await(running.read(ofNoPassword)).caller()).isEqualTo(ALICE);
  }

  @Test
  void aKeyIsDeletedWhenAllThatItSignedHasExpiredAndNotBefore() {
    await(keys.rotate());
    age(SigningKeys.OVERLAP.minusHours(1));
    assertThat(await(keys.rotate())).extracting(SigningKey::id).containsExactly("1", "2", "3");
    age(Duration.ofHours(2));
    assertThat(await(keys.rotate())).extracting(SigningKey::id).containsExactly("2", "3", "4");
  }

  /** Makes all keys older. */
  private void age(Duration by) {
    await(
        database
            .database()
            .update(
                "UPDATE signing_key SET made_at = made_at - INTERVAL ? SECOND",
                Tuple.of(by.toSeconds())));
  }

  private static String token(Keyring keyring) {
    return await(keyring.issue(ALICE, VALIDITY, 0)).token();
  }
}
