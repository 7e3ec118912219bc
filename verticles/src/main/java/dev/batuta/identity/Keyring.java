package dev.batuta.identity;

import dev.batuta.codec.Bytes;
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
 * names it. Safe on any thread.
 */
public final class Keyring {
  /** A longer header of a token names nothing that is known here. */
  private static final int MAX_HEADER_CHARACTERS = 512;

  /** No token that this cluster issues is longer; so much is read on an event loop, no more. */
  private static final int MAX_CHARACTERS = 4_096;

  /** Between two looks: who invents names of keys must not keep the database busy. */
  private static final Duration SPACING = Duration.ofMillis(20);

  /** What was deleted in the database is forgotten after that time. */
  private static final Duration STALE = Duration.ofMinutes(1);

  private final Vertx vertx;
  private final SigningKeys keys;
  private final Duration stale;
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();
  private @Nullable Future<Known> looking;
  private long lookedNanos = System.nanoTime() - SPACING.toNanos();

  private record Signer(Bytes secret, TokenSigner tokens) {
    @Override
    public String toString() {
      return "Signer";
    }
  }

  private record Known(Map<String, Signer> signers, String current, long sinceNanos) {
    boolean isOlderThan(Duration age) {
      return System.nanoTime() - sinceNanos > age.toNanos();
    }
  }

  public Keyring(Vertx vertx, SigningKeys keys) {
    this(vertx, keys, STALE);
  }

  /**
   * @param stale after which the database is asked again
   */
  Keyring(Vertx vertx, SigningKeys keys, Duration stale) {
    this.vertx = vertx;
    this.keys = keys;
    this.stale = stale;
  }

  /** Signs a token by the key that signs now; fails while the database is away. */
  public Future<Session> issue(Caller caller, Duration validity) {
    return looked()
        .map(
            now -> {
              Signer signer = now.signers().get(now.current());
              if (signer == null) {
                throw new IllegalStateException("no key signs");
              }
              return signer.tokens().issue(caller, validity);
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
      return looked()
          .compose(once -> once.signers().containsKey(id) ? Future.succeededFuture(once) : looked())
          .compose(fresh -> read(fresh, id, token));
    }
    if (now.isOlderThan(stale)) {
      look();
    }
    return read(now, id, token);
  }

  private static Future<Session> read(Known known, String id, String token) {
    Signer signer = known.signers().get(id);
    return signer == null
        ? Future.failedFuture(TokenSigner.invalid())
        : signer.tokens().read(token);
  }

  /** The keys as the database has them, on the context that asks. */
  private Future<Known> looked() {
    Context here = vertx.getOrCreateContext();
    Promise<Known> answer = Promise.promise();
    look().onComplete((found, error) -> here.runOnContext(asked -> answer.complete(found, error)));
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
      looking = turn.compose(now -> keys.all()).map(this::known).onSuccess(known::set);
    }
    return looking;
  }

  private Known known(List<SigningKey> all) {
    Known before = known.get();
    Map<String, Signer> old = before == null ? Map.of() : before.signers();
    Map<String, Signer> signers =
        all.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    SigningKey::id, key -> signer(key, old.get(key.id()))));
    return new Known(signers, all.getLast().id(), System.nanoTime());
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
