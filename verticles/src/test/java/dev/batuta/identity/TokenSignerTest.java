package dev.batuta.identity;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Bytes;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.identity.Caller.Role;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TokenSignerTest {
  private static Vertx vertx;
  private static TokenSigner tokens;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    tokens = new TokenSigner(vertx, key(1));
  }

  @AfterAll
  static void stop() {
    await(vertx.close());
  }

  @Test
  void aTokenSaysWhoItIsFor() {
    Caller alice = new Caller("alice", Set.of(Role.USER));
    Session issued = tokens.issue(alice, Duration.ofHours(12));

    assertThat(issued.caller()).isEqualTo(alice);
    assertThat(await(tokens.read(issued.token()))).isEqualTo(issued);
    assertThat(issued.expiresAt()).isAfter(Instant.now().plus(Duration.ofHours(11)));
  }

  @Test
  void theAdminTokenIsAnAdmins() {
    String token = AdminToken.issue(vertx, key(1), Duration.ofDays(365));

    assertThat(await(tokens.read(token)).caller().isAdmin()).isTrue();
  }

  @Test
  void anExpiredTokenIsRefusedAsSuch() {
    String token = tokens.issue(new Caller("a", Set.of(Role.USER)), Duration.ofSeconds(-5)).token();

    assertRefused(token, "token-expired");
  }

  @Test
  void aTokenOfAnotherKeyAnotherAlgorithmOrNoneIsRefused() {
    Caller admin = new Caller("admin", Set.of(Role.ADMIN));
    String foreign = new TokenSigner(vertx, key(2)).issue(admin, Duration.ofHours(1)).token();
    String mine = tokens.issue(admin, Duration.ofHours(1)).token();
    String claims = mine.split("\\.", -1)[1];

    assertRefused(foreign, "token-invalid");
    assertRefused(
        base64("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + claims + ".", "token-invalid");
    assertRefused(
        base64("{\"alg\":\"HS512\"}") + mine.substring(mine.indexOf('.')), "token-invalid");
    assertRefused(mine.substring(0, mine.lastIndexOf('.') + 1), "token-invalid");
    assertRefused("", "token-invalid");
    assertRefused("a.b.c", "token-invalid");
  }

  @Test
  void aTokenNamesTheKeyThatSignedIt() {
    Caller alice = new Caller("alice", Set.of(Role.USER));
    String token = new TokenSigner(vertx, key(7)).issue(alice, Duration.ofHours(1)).token();

    assertThat(Keyring.keyId(token)).isEqualTo("7");
    assertThat(Keyring.keyId(base64("{\"alg\":\"HS256\"}") + ".a.b")).isEqualTo("1");
    for (String none : new String[] {"", ".", "a", "a.b", base64("{\"kid\":7}") + ".a.b"}) {
      assertThat(Keyring.keyId(none)).isEmpty();
    }
    assertThat(Keyring.keyId(base64("{\"kid\":\"" + "x".repeat(600) + "\"}") + ".a.b")).isEmpty();
    assertThat(Keyring.keyId(token + "x".repeat(4_096))).isEmpty();
  }

  @Test
  void theLongestNameFitsIntoATokenThatIsReadAndNoTokenIsShown() {
    Caller longest = new Caller("\u20ac".repeat(64), Set.of(Role.USER, Role.ADMIN));
    Session issued = tokens.issue(longest, Duration.ofHours(1));

    assertThat(Keyring.keyId(issued.token())).isEqualTo("1");
    assertThat(await(tokens.read(issued.token())).caller()).isEqualTo(longest);
    assertThat(issued.toString()).doesNotContain(issued.token());
  }

  @Test
  void noTokenIsGoodForLongerThanKeysAreKept() {
    Caller alice = new Caller("alice", Set.of(Role.USER));
    Duration tooLong = TokenSigner.MAX_VALIDITY.plusSeconds(1);

    assertThatThrownBy(() -> tokens.issue(alice, tooLong)).hasMessageContaining("at most");
    assertThat(SigningKeys.OVERLAP).isGreaterThan(TokenSigner.MAX_VALIDITY);
  }

  @Test
  void aShortKeyIsNoKey() {
    assertThatThrownBy(() -> new TokenSigner(vertx, key(1, 16)))
        .hasMessageContaining("a key of 16 bytes");
  }

  private static void assertRefused(String token, String code) {
    assertThatThrownBy(() -> await(tokens.read(token)))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure().kind()).isEqualTo(Failure.Kind.UNAUTHENTICATED);
              assertThat(refused.failure().code()).isEqualTo(code);
            });
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static SigningKey key(int seed) {
    return key(seed, 32);
  }

  private static SigningKey key(int seed, int bytes) {
    byte[] secret = new byte[bytes];
    java.util.Arrays.fill(secret, (byte) seed);
    return new SigningKey(
        Integer.toString(seed), Bytes.owning(secret), Instant.EPOCH, Optional.empty());
  }
}
