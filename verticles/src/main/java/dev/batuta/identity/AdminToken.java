package dev.batuta.identity;

import dev.batuta.identity.Caller.Role;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;

/** The token that {@code up} leaves for the command line of the same machine. */
public final class AdminToken {
  private AdminToken() {}

  /**
   * Signs a token with the role {@code admin}.
   *
   * @param key that signs, {@link SigningKeys#current}
   * @param validity rounded down to seconds
   */
  public static String issue(Vertx vertx, SigningKey key, Duration validity) {
    return new TokenSigner(vertx, key)
        .issue(new Caller("admin", Set.of(Role.ADMIN, Role.USER)), validity)
        .token();
  }
}
