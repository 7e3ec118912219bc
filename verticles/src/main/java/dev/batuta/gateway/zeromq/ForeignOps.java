package dev.batuta.gateway.zeromq;

import static dev.batuta.messaging.replica.Names.isNoUser;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.ChatService.Saying;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stores what other systems replicate, each op once. Names that are not here yet are registered:
 * their own system has checked them. Belongs to the context of the door.
 */
final class ForeignOps {
  /** How far ahead another system's time may be before the own is taken. */
  private static final long MOST_AHEAD_MILLIS = 60_000;

  /** Two names may be missing. */
  private static final int TRIES = 3;

  private final ChatService chat;
  private final Caller door;
  private final LongSupplier timeMillis;
  private final SeenOps seen;

  /** What is being stored, by identity: who brings it too is answered with the same outcome. */
  private final Map<String, Future<Void>> underWay = new HashMap<>();

  /**
   * @param timeMillis the node's corrected time
   * @param seen what this door publishes too
   */
  ForeignOps(ChatService chat, Caller door, LongSupplier timeMillis, SeenOps seen) {
    this.chat = chat;
    this.door = door;
    this.timeMillis = timeMillis;
    this.seen = seen;
  }

  /** Completes when the op is stored, now or before. */
  Future<Void> store(ForeignOp op) {
    Optional<String> identity = op.identity();
    return identity.map(id -> once(op, id)).orElseGet(() -> stored(op, null));
  }

  private Future<Void> once(ForeignOp op, String id) {
    Future<Void> other = underWay.get(id);
    if (other != null) {
      return other;
    }
    if (!seen.add(id)) {
      return Future.succeededFuture();
    }
    Future<Void> storing = stored(op, id);
    underWay.put(id, storing);
    return storing.onComplete(
        stored -> underWay.remove(id),
        failed -> {
          underWay.remove(id);
          seen.remove(id);
        });
  }

  private Future<Void> stored(ForeignOp op, @Nullable String id) {
    return switch (op) {
      case ForeignOp.Login(var user, _) -> isThere(chat.register(door, user));
      case ForeignOp.NewChannel(var name, _) -> isThere(chat.createChannel(door, name));
      case ForeignOp.InChannel(var user, var channel, var text, var time) ->
          withNames(
              () -> chat.publish(door, channel, new Saying(user, text, id, plausible(time))),
              user,
              user,
              channel,
              TRIES);
      case ForeignOp.ToUser(var from, var to, var text, var time) ->
          withNames(
              () -> chat.send(door, to, new Saying(from, text, id, plausible(time))),
              from,
              to,
              null,
              TRIES);
    };
  }

  private long plausible(OptionalLong time) {
    long millis = time.orElse(0);
    return millis > 0 && millis <= timeMillis.getAsLong() + MOST_AHEAD_MILLIS ? millis : 0;
  }

  /** Says something, and again after the names are registered that it misses. */
  private <T> Future<Void> withNames(
      Supplier<Future<T>> say, String from, String to, @Nullable String channel, int tries) {
    return say.get()
        .<Void>mapEmpty()
        .recover(
            error -> {
              if (tries <= 1) {
                return Future.failedFuture(error);
              }
              Future<Void> named =
                  isNoUser(error)
                      ? isThere(chat.register(door, from))
                          .compose(one -> isThere(chat.register(door, to)))
                      : channel != null && isNoChannel(error)
                          ? isThere(chat.createChannel(door, channel))
                          : Future.failedFuture(error);
              return named.compose(there -> withNames(say, from, to, channel, tries - 1));
            });
  }

  private static boolean isNoChannel(Throwable error) {
    return error instanceof Refused refused && refused.failure().code().equals("channel-not-found");
  }

  private static Future<Void> isThere(Future<String> created) {
    return created
        .<Void>mapEmpty()
        .recover(
            error ->
                Refused.isConflict(error) ? Future.succeededFuture() : Future.failedFuture(error));
  }
}
