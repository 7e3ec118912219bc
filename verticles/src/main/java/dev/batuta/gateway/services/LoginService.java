package dev.batuta.gateway.services;

import dev.batuta.codec.Refused;
import dev.batuta.identity.Caller;
import dev.batuta.identity.Caller.Role;
import dev.batuta.identity.LoginThrottle;
import dev.batuta.identity.Session;
import dev.batuta.identity.TokenSigner;
import dev.batuta.identity.UserStore;
import dev.batuta.identity.UserStore.StoredUser;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is it: a password for a token, a token for the {@link Session} of a {@link Caller}. Who
 * guesses passwords is slowed down by where it comes from, through whatever door. Any thread may
 * ask.
 */
public final class LoginService {
  /** How long a token is one. */
  public static final Duration VALIDITY = Duration.ofHours(12);

  /** Passwords are hashed slowly on purpose; so many may wait for it at once. */
  private static final int MAX_PENDING = 64;

  private final Vertx vertx;
  private final UserStore users;
  private final LoginThrottle throttle = new LoginThrottle();
  private volatile @Nullable TokenSigner tokens;
  private int pending;

  public LoginService(Vertx vertx, UserStore users) {
    this.vertx = vertx;
    this.users = users;
  }

  /**
   * Gives a token for a password; UNAUTHENTICATED where they do not belong together, BUSY where the
   * client has to wait.
   *
   * @param client the host that it comes from
   */
  public Future<Session> login(String client, String user, String password) {
    return begin(client, user)
        .<Future<Session>>map(Future::failedFuture)
        .orElseGet(
            () ->
                users
                    .authenticate(user, password)
                    .onComplete(done -> end())
                    .compose(found -> judge(client, user, found)));
  }

  /** A place among those who wait, or the refusal of one. */
  private synchronized Optional<Refused> begin(String client, String user) {
    Duration wait = throttle.wait(client, user, nowMillis());
    if (wait.isPositive()) {
      return Optional.of(
          Refused.busy(
              "too-many-logins",
              "Too many failed logins of \""
                  + Refused.shown(user)
                  + "\"; try again in "
                  + Math.ceilDiv(wait.toMillis(), 1000)
                  + " s.",
              wait));
    }
    if (pending >= MAX_PENDING) {
      return Optional.of(
          Refused.busy(
              "too-many-logins", "Too many logins at once; try again.", Duration.ofSeconds(1)));
    }
    pending++;
    return Optional.empty();
  }

  private synchronized void end() {
    pending--;
  }

  private Future<Session> judge(String client, String user, Optional<StoredUser> found) {
    note(client, user, found.isPresent());
    return found
        .map(this::issue)
        .orElseGet(
            () ->
                Future.failedFuture(
                    Refused.unauthenticated(
                        "login-failed",
                        "The user \""
                            + Refused.shown(user)
                            + "\" and this password do not belong together.")));
  }

  private synchronized void note(String client, String user, boolean right) {
    if (right) {
      throttle.succeeded(client, user);
    } else {
      throttle.failed(client, user, nowMillis());
    }
  }

  /** What a token says; one that is not ours or too old is refused. */
  public Future<Session> session(String token) {
    return tokens().compose(known -> known.read(token));
  }

  private Future<Session> issue(StoredUser user) {
    Caller caller = new Caller(user.user(), roles(user));
    return tokens().map(known -> known.issue(caller, VALIDITY));
  }

  /** Signs and reads tokens, by the key, which is read until it is known. */
  private Future<TokenSigner> tokens() {
    TokenSigner known = tokens;
    return known != null
        ? Future.succeededFuture(known)
        : users
            .signingKey()
            .map(key -> new TokenSigner(vertx, key.secret().toArray()))
            .onSuccess(read -> tokens = read);
  }

  private static Set<Role> roles(StoredUser user) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Role role : Role.values()) {
      if (user.roles().contains(role.name().toLowerCase(Locale.ROOT))) {
        roles.add(role);
      }
    }
    return Set.copyOf(roles);
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
