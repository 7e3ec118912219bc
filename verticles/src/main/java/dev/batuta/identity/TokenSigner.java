package dev.batuta.identity;

import dev.batuta.codec.Refused;
import dev.batuta.identity.Caller.Role;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Signs tokens and reads them: JWT with HS256, by one key, which the header names. */
public final class TokenSigner {
  /** The longest that a token may be good for. */
  public static final Duration MAX_VALIDITY = Duration.ofDays(365);

  private static final String ALGORITHM = "HS256";
  private static final String ISSUER = "batuta";
  private static final int KEY_BYTES = 32;

  /** The claim for {@link Session#passwordNumber}. */
  private static final String PASSWORD_NUMBER = "password_number";

  private final String keyId;
  private final JWTAuth jwt;

  public TokenSigner(Vertx vertx, SigningKey key) {
    byte[] secret = key.secret().toArray();
    if (secret.length < KEY_BYTES) {
      throw new IllegalArgumentException("a key of " + secret.length + " bytes; HS256 takes 32");
    }
    this.keyId = key.id();
    this.jwt =
        JWTAuth.create(
            vertx,
            new JWTAuthOptions()
                .setJWTOptions(options())
                .addPubSecKey(
                    new PubSecKeyOptions()
                        .setAlgorithm(ALGORITHM)
                        .setBuffer(Buffer.buffer(secret))));
  }

  private static JWTOptions options() {
    return new JWTOptions().setAlgorithm(ALGORITHM).setIssuer(ISSUER);
  }

  /**
   * Signs a token, which expires at a full second.
   *
   * @param validity at most {@link #MAX_VALIDITY}
   */
  public Session issue(Caller caller, Duration validity) {
    return issue(caller, validity, 0);
  }

  /**
   * The same.
   *
   * @param passwordNumber {@link Session#passwordNumber}
   */
  public Session issue(Caller caller, Duration validity, int passwordNumber) {
    if (validity.compareTo(MAX_VALIDITY) > 0) {
      throw new IllegalArgumentException("a token for " + validity + "; at most " + MAX_VALIDITY);
    }
    Instant expiresAt = Instant.ofEpochSecond(Instant.now().getEpochSecond()).plus(validity);
    JsonObject claims =
        new JsonObject()
            .put("sub", caller.user())
            .put("roles", names(caller))
            .put("exp", expiresAt.getEpochSecond());
    if (passwordNumber > 0) {
      claims.put(PASSWORD_NUMBER, passwordNumber);
    }
    String token =
        jwt.generateToken(claims, options().setHeader(new JsonObject().put("kid", keyId)));
    return new Session(caller, token, expiresAt, passwordNumber);
  }

  /** What a token says; one that this key did not sign or that is too old is refused. */
  public Future<Session> read(String token) {
    return jwt.authenticate(new TokenCredentials(token))
        .recover(error -> Future.failedFuture(refused(error)))
        .compose(user -> Future.future(session -> session.complete(session(token, user))));
  }

  public static JsonArray names(Caller caller) {
    JsonArray names = new JsonArray();
    caller.roles().stream().sorted().forEach(r -> names.add(r.name().toLowerCase(Locale.ROOT)));
    return names;
  }

  private static Session session(String token, User user) {
    JsonObject claims = user.attributes().getJsonObject("accessToken", new JsonObject());
    String name = claims.getString("sub");
    JsonArray given = claims.getJsonArray("roles");
    Long expires = claims.getLong("exp");
    if (name == null || given == null || expires == null) {
      throw invalid();
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    Arrays.stream(Role.values())
        .filter(role -> given.contains(role.name().toLowerCase(Locale.ROOT)))
        .forEach(roles::add);
    return new Session(
        new Caller(name, Set.copyOf(roles)),
        token,
        Instant.ofEpochSecond(expires),
        claims.getInteger(PASSWORD_NUMBER, 0));
  }

  private static RuntimeException refused(Throwable error) {
    boolean expired =
        String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT).contains("expired");
    return expired ? Session.expired() : invalid();
  }

  /** The refusal of what is no token of this cluster. */
  static Refused invalid() {
    return Refused.unauthenticated(
        "token-invalid", "The token is not one that this cluster issued; log in again.");
  }
}
