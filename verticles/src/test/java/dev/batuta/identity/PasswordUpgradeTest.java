package dev.batuta.identity;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.Argon2Function;
import com.password4j.BcryptFunction;
import com.password4j.HashingFunction;
import com.password4j.Password;
import com.password4j.types.Argon2;
import com.password4j.types.Bcrypt;
import dev.batuta.database.TestDatabase;
import io.vertx.sqlclient.Tuple;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hashes that were made by another rule than the present one. */
class PasswordUpgradeTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final String PASSWORD = "sonata, opus 27";

  private final UserStore store = new MySqlUserStore(DATABASE.database());

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  static Stream<HashingFunction> before() {
    return Stream.of(
        Argon2Function.getInstance(8 * 1024, 1, 1, 32, Argon2.ID),
        Argon2Function.getInstance(19 * 1024, 2, 1, 32, Argon2.I),
        BcryptFunction.getInstance(Bcrypt.B, 5));
  }

  @ParameterizedTest
  @MethodSource("before")
  void anOldHashIsGoodForALoginAndIsNewAfterwards(HashingFunction old) {
    String hash = Password.hash(PASSWORD).with(old).getResult();
    write("ludwig", hash);

    assertThat(await(store.authenticate("ludwig", "sonata"))).isEmpty();
    assertThat(stored("ludwig")).isEqualTo(hash);
    assertThat(await(store.authenticate("ludwig", PASSWORD)).orElseThrow().roles())
        .containsExactly("user");

    assertThat(stored("ludwig")).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    assertThat(await(store.authenticate("ludwig", "sonata"))).isEmpty();
    assertThat(await(store.authenticate("ludwig", PASSWORD))).isPresent();
  }

  @Test
  void aHashOfThePresentRuleStaysAsItIs() {
    await(store.put("clara", PASSWORD, java.util.List.of("user")));
    String hash = stored("clara");

    assertThat(await(store.authenticate("clara", PASSWORD))).isPresent();
    assertThat(stored("clara")).isEqualTo(hash);
  }

  private static void write(String user, String hash) {
    await(
        DATABASE
            .database()
            .update(
                "REPLACE INTO login (user, password_hash, roles, changed_at)"
                    + " VALUES (?, ?, 'user', UTC_TIMESTAMP(3))",
                Tuple.of(user, hash)));
  }

  private String stored(String user) {
    return await(store.find(user)).orElseThrow().hash();
  }
}
