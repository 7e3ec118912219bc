package dev.batuta.identity;

import dev.batuta.codec.Bytes;
import dev.batuta.codec.Refused;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the cluster as this node knows them. It signs by the one that the database names at
 * that moment, and reads by any: after a rotation it learns of the new key by the first token that
 * names it.
 *
 * <p>What the database said is taken for {@link #FRESH}; then who asks waits until it was asked
 * again, so that a key that was deleted, or a password that was replaced, gives nothing to a token
 * after that time, however idle the node was. Only while the database does not answer, what was
 * known before is good for longer: for {@link #AWAY} at most, after which no token is read until it
 * answers again.
 *
 * <p>Safe on any thread.
 */
public final class Keyring {
  /** A longer header of a token names nothing that is known here. */
  private static final int MAX_HEADER_CHARACTERS = 512;

  /** No token that this cluster issues is longer; so much is read on an event loop, no more. */
  private static final int MAX_CHARACTERS = 4_096;

  /** Between two looks: who invents names of keys must not keep the database busy. */
  private static final Duration SPACING = Duration.ofMillis(20);

  /** What was deleted or replaced in the database is forgotten after that time. */
  public static final Duration FRESH = Duration.ofSeconds(30);

  /** How long what was known is good while the database does not answer. */
  static final Duration AWAY = Duration.ofHours(1);

  /** So long who asks waits for the database. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** So long nobody waits for a database that has just not answered. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  /**
   * No token that a password gave is good for longer, with an hour for clocks that differ; so far
   * back it matters that a password was replaced.
   */
  private static final Duration RENEWED_WITHIN = Session.OF_PASSWORD.plusHours(1);

  private final Vertx vertx;
  private final UserStore users;
  private final Duration fresh;
  private final Duration away;
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();
  private @Nullable Future<Known> looking;
  private volatile long silentUntilNanos = System.nanoTime();
  private long lookedNanos = System.nanoTime() - SPACING.toNanos();

  private record Signer(Bytes secret, TokenSigner tokens) {
    @Override
    public String toString() {
      return "Signer";
    }
  }

  /**
   * What the database said.
   *
   * @param renewed {@link UserStore#renewed}
   */
  private record Known(
      Map<String, Signer> signers, String current, Map<String, Integer> renewed, long sinceNanos) {
    boolean isOlderThan(Duration age) {
      return System.nanoTime() - sinceNanos > age.toNanos();
    }
  }

  public Keyring(Vertx vertx, UserStore users, Duration fresh) {
    this(vertx, users, fresh, AWAY);
  }

  /**
   * @param fresh after which the database is asked again
   * @param away how long what it said is good while it does not answer
   */
  Keyring(Vertx vertx, UserStore users, Duration fresh, Duration away) {
    this.vertx = vertx;
    this.users = users;
    this.fresh = fresh;
    this.away = away;
  }

  /**
   * Signs a token by the key that signs now; fails while the database is away.
   *
   * @param passwordNumber {@link Session#passwordNumber}
   */
  public Future<Session> issue(Caller caller, Duration validity, int passwordNumber) {
    return here(look())
        .map(
            now -> {
              Signer signer = now.signers().get(now.current());
              if (signer == null) {
                throw new IllegalStateException("no key signs");
              }
              return signer.tokens().issue(caller, validity, passwordNumber);
            });
  }

  /** What a token says; one that is not ours or too old is refused. */
  public Future<Session> read(String token) {
    String id = keyId(token);
    Known now = known.get();
    if (id.isEmpty()) {
      return Future.failedFuture(TokenSigner.invalid());
    }
    if (now == null || !now.signers().containsKey(id)) {
      // Twice: the look that another one waits for already may be older than the key.
      return here(look())
          .compose(
              once -> once.signers().containsKey(id) ? Future.succeededFuture(once) : here(look()))
          .compose(found -> read(found, id, token));
    }
    if (now.isOlderThan(fresh)) {
      return here(renewed(now)).compose(found -> read(found, id, token));
    }
    if (now.isOlderThan(fresh.dividedBy(2))) {
      look(); // Where tokens are read all the time nobody waits.
    }
    return read(now, id, token);
  }

  private static Future<Session> read(Known known, String id, String token) {
    Signer signer = known.signers().get(id);
    return signer == null
        ? Future.failedFuture(TokenSigner.invalid())
        : signer.tokens().read(token).map(session -> current(known, session));
  }

  /** The session, unless its user was given another password since. */
  private static Session current(Known known, Session session) {
    Integer number = known.renewed().get(session.caller().user());
    if (number != null && session.isOutlivedBy(number)) {
      throw session.outlived();
    }
    return session;
  }

  /** What the database says now; if it does not, what it said before, unless that is too old. */
  private Future<Known> renewed(Known before) {
    Future<Known> look = look();
    return silentUntilNanos - System.nanoTime() > 0
        ? usable(before)
        : look.timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
            .recover(
                silent -> {
                  silentUntilNanos = System.nanoTime() + SILENCE.toNanos();
                  return usable(before);
                });
  }

  private Future<Known> usable(Known before) {
    return before.isOlderThan(away)
        ? Future.failedFuture(
            Refused.unavailable(
                "database-unreachable",
                "The database did not say for "
                    + away.toMinutes()
                    + " min which tokens are good; try again."))
        : Future.succeededFuture(before);
  }

  /** The same, on the context that asks. */
  private Future<Known> here(Future<Known> found) {
    Context asks = vertx.getOrCreateContext();
    Promise<Known> answer = Promise.promise();
    found.onComplete((known, error) -> asks.runOnContext(asked -> answer.complete(known, error)));
    return answer.future();
  }

  /** Reads the keys, not before some time has passed; who asks meanwhile gets the same answer. */
  private synchronized Future<Known> look() {
    if (looking == null || looking.isComplete()) {
      long waitMillis = SPACING.minusNanos(System.nanoTime() - lookedNanos).toMillis();
      Future<?> turn =
          waitMillis > 0
              ? vertx.timer(waitMillis, TimeUnit.MILLISECONDS)
              : Future.succeededFuture();
      lookedNanos = System.nanoTime() + Math.max(0, waitMillis) * 1_000_000;
      looking = turn.compose(now -> ask()).onSuccess(this::answered);
    }
    return looking;
  }

  private void answered(Known now) {
    known.set(now);
    silentUntilNanos = System.nanoTime();
  }

  private Future<Known> ask() {
    long since = System.nanoTime();
    return users
        .keys()
        .all()
        .compose(keys -> users.renewed(RENEWED_WITHIN).map(renewed -> known(keys, renewed, since)));
  }

  /**
   * @param since when it was asked
   */
  private Known known(List<SigningKey> all, Map<String, Integer> renewed, long since) {
    Known before = known.get();
    Map<String, Signer> old = before == null ? Map.of() : before.signers();
    Map<String, Signer> signers =
        all.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    SigningKey::id, key -> signer(key, old.get(key.id()))));
    return new Known(signers, all.getLast().id(), renewed, since);
  }

  private Signer signer(SigningKey key, @Nullable Signer old) {
    return old != null && old.secret().equals(key.secret())
        ? old
        : new Signer(key.secret(), new TokenSigner(vertx, key));
  }

  /**
   * The key that a token names: the first one where it names none, an empty text where it is no
   * token.
   */
  static String keyId(String token) {
    int end = token.indexOf('.');
    if (end <= 0 || end > MAX_HEADER_CHARACTERS || token.length() > MAX_CHARACTERS) {
      return "";
    }
    try {
      byte[] header = Base64.getUrlDecoder().decode(token.substring(0, end));
      Object id =
          new JsonObject(new String(header, StandardCharsets.UTF_8))
              .getValue("kid", SigningKey.FIRST);
      return id instanceof String text && text.matches("[0-9]{1,9}") ? text : "";
    } catch (IllegalArgumentException | DecodeException malformed) {
      return "";
    }
  }
}
