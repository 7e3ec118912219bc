package dev.batuta.identity;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.identity.Caller.Role;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
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

/** Two nodes of one database, which tell each other nothing of their keys. */
class KeyringTest {
  private static final Caller ALICE = new Caller("alice", Set.of(Role.USER));
  private static final Duration VALIDITY = Duration.ofHours(12);

  private final TestDatabase database = TestDatabase.fresh();
  private final Vertx vertx = Vertx.vertx();
  private SigningKeys keys;
  private Keyring one;
  private Keyring other;

  @BeforeEach
  void start() {
    Database connected = Database.connect(vertx, database.address(), 4);
    keys = new MySqlUserStore(connected).keys();
    one = new Keyring(vertx, keys);
    other = new Keyring(vertx, new MySqlUserStore(database.database()).keys());
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
    Keyring counting = new Keyring(vertx, counting(looks));
    String header = "{\"alg\":\"HS256\",\"kid\":\"999\"}";
    String forged =
        Base64.getUrlEncoder().encodeToString(header.getBytes(StandardCharsets.UTF_8)) + ".e30.x";

    List<Future<Session>> asked =
        IntStream.range(0, 1_000).mapToObj(i -> counting.read(forged)).toList();

    asked.forEach(each -> assertThatThrownBy(() -> await(each)).isInstanceOf(Refused.class));
    assertThat(looks).hasValueLessThan(20);
  }

  private SigningKeys counting(AtomicInteger looks) {
    return new SigningKeys() {
      @Override
      public Future<List<SigningKey>> all() {
        looks.incrementAndGet();
        return keys.all();
      }

      @Override
      public Future<List<SigningKey>> rotate() {
        return keys.rotate();
      }
    };
  }

  @Test
  void manyWhoAskAtOnceAllGetAnAnswer() {
    String token = token(one);
    Keyring fresh = new Keyring(vertx, keys);
    List<Future<Session>> asked = IntStream.range(0, 200).mapToObj(i -> fresh.read(token)).toList();

    asked.forEach(each -> assertThat(await(each).caller()).isEqualTo(ALICE));
  }

  @Test
  void aKeyThatIsDeletedReadsNothingOnANodeThatStarts() {
    String before = token(one);
    await(keys.rotate());
    await(database.database().update("DELETE FROM signing_key WHERE id = 1", Tuple.tuple()));

    Future<Session> read = new Keyring(vertx, keys).read(before);
    assertThatThrownBy(() -> await(read))
        .isInstanceOfSatisfying(
            Refused.class, no -> assertThat(no.failure().code()).isEqualTo("token-invalid"));
  }

  @Test
  void aKeyThatIsDeletedIsForgottenByANodeThatRuns() {
    Keyring running = new Keyring(vertx, keys, Duration.ofMillis(1));
    String before = token(running);
    await(keys.rotate());
    await(database.database().update("DELETE FROM signing_key WHERE id = 1", Tuple.tuple()));

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              Future<Session> read = running.read(before);
              assertThatThrownBy(() -> await(read)).isInstanceOf(Refused.class);
            });
    assertThat(await(running.read(token(running))).caller()).isEqualTo(ALICE);
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
    return await(keyring.issue(ALICE, VALIDITY)).token();
  }
}
