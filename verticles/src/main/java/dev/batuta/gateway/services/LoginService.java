package dev.batuta.gateway.services;

import dev.batuta.codec.Refused;
import dev.batuta.identity.Caller;
import dev.batuta.identity.Caller.Role;
import dev.batuta.identity.Keyring;
import dev.batuta.identity.LoginThrottle;
import dev.batuta.identity.Session;
import dev.batuta.identity.UserName;
import dev.batuta.identity.UserStore;
import dev.batuta.identity.UserStore.StoredUser;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who is it: a password for a token, a token for the {@link Session} of a {@link Caller}. Who
 * guesses passwords is slowed down by user and by where it comes from, through whatever door of
 * whatever node. Any thread may ask.
 */
public final class LoginService {
  /** Passwords are hashed slowly on purpose; so many may wait for it at once. */
  private static final int MAX_PENDING = 64;

  /** As {@code openapi.yaml} has it, for every door. */
  private static final int MAX_PASSWORD_CHARACTERS = 256;

  private final UserStore users;
  private final Keyring keyring;
  private final Duration recheck;
  private final LoginThrottle throttle;
  private final LoginTurns turns;

  /**
   * @param recheck after which it is looked at again which tokens are good
   */
  public LoginService(Vertx vertx, UserStore users, Duration recheck) {
    this.users = users;
    this.keyring = new Keyring(vertx, users, recheck);
    this.recheck = recheck;
    this.throttle = new LoginThrottle(users.failures());
    this.turns = new LoginTurns(vertx, MAX_PENDING);
  }

  /**
   * Gives a token for a password; UNAUTHENTICATED where they do not belong together, BUSY where the
   * client has to wait, INVALID for what no user has.
   *
   * @param client the host that it comes from
   */
  public Future<Session> login(String client, String user, String password) {
    return refusal(client, user, password)
        .<Future<Session>>map(Future::failedFuture)
        .orElseGet(
            () ->
                turns.take(
                    LoginThrottle.pair(client, user), () -> attempt(client, user, password)));
  }

  private Future<Session> attempt(String client, String user, String password) {
    return mustWait(client, user)
        .<Future<Session>>map(Future::failedFuture)
        .orElseGet(
            () -> users.authenticate(user, password).compose(found -> judge(client, user, found)));
  }

  /** Of what is not even tried, so that it takes neither memory nor time. */
  private Optional<Refused> refusal(String client, String user, String password) {
    return tooLong("user", user, UserName.MAX_CHARACTERS)
        .or(() -> tooLong("password", password, MAX_PASSWORD_CHARACTERS))
        .or(() -> mustWait(client, user));
  }

  private static Optional<Refused> tooLong(String field, String text, int most) {
    int characters = text.codePointCount(0, text.length());
    return characters <= most
        ? Optional.empty()
        : Optional.of(
            Refused.invalid(
                "invalid-request",
                "%s has %d characters; there are at most %d.".formatted(field, characters, most)));
  }

  private Optional<Refused> mustWait(String client, String user) {
    Duration wait = throttle.known(client, user);
    return wait.isPositive() ? Optional.of(mustWait(user, wait)) : Optional.empty();
  }

  private static Refused mustWait(String user, Duration wait) {
    return Refused.busy(
        "too-many-logins",
        "Too many failed logins of \""
            + Refused.shown(user)
            + "\", or from your address; try again in "
            + Math.ceilDiv(wait.toMillis(), 1000)
            + " s.",
        wait);
  }

  private Future<Session> judge(String client, String user, Optional<StoredUser> found) {
    Future<Duration> counted =
        found.isPresent() ? throttle.succeeded(client, user) : throttle.failed(client, user);
    return counted.compose(
        wait ->
            wait.isPositive()
                ? Future.failedFuture(mustWait(user, wait))
                : found.map(this::issue).orElseGet(() -> Future.failedFuture(failed(user))));
  }

  private static Refused failed(String user) {
    return Refused.unauthenticated(
        "login-failed",
        "The user \"" + Refused.shown(user) + "\" and this password do not belong together.");
  }

  /** After which {@link #session} may say otherwise of a token. */
  public Duration recheck() {
    return recheck;
  }

  /** What a token says; one that is not ours, or is none any more, is refused. */
  public Future<Session> session(String token) {
    return keyring.read(token);
  }

  private Future<Session> issue(StoredUser user) {
    return keyring.issue(
        new Caller(user.user(), roles(user)), Session.OF_PASSWORD, user.passwordNumber());
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
}
