package dev.batuta.gateway.events;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ErrorCode;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.MessageFilter;
import dev.batuta.messaging.replica.Content;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where messages come from: the copy of this node's server, see {@link FeedSource}. */
@FunctionalInterface
public interface MessageSource {

  /** What who would follow messages is told by a node that has none. */
  static Refused none() {
    return Refused.unavailable(
        "no-messages", "This node has no copy of the messages; follow them at a server.");
  }

  /** What a subscription has ended of, when it is that no server gave what its position names. */
  static Optional<Failure> positionLost(Throwable end) {
    return Optional.of(end)
        .filter(Refused.class::isInstance)
        .map(refused -> ((Refused) refused).failure())
        .filter(failure -> failure.code().equals(ErrorCode.POSITION_LOST.code()));
  }

  /** Hears messages, each once, and the position behind each. */
  @FunctionalInterface
  interface Listener {
    /**
     * One message.
     *
     * @param place the position behind it, made when it is asked for, on the same context only;
     *     when that is later, the one behind all that was heard until then
     */
    void hear(Posted message, Supplier<String> place);

    /** The position behind a message that the filter does not let pass. */
    default void passOver(String position) {}

    /** A user or a channel was created; it may be one that was created elsewhere before. */
    default void created(Content creation) {}
  }

  /** An ongoing delivery. */
  interface Subscription {
    /** Where it began: the position before the first message. */
    String position();

    /**
     * Succeeds when it is cancelled, and fails when nothing more comes though nobody cancelled it:
     * then who listens goes on by another one, behind the last position that it was given.
     */
    Future<Void> ended();

    /** Nothing is delivered after this. */
    void cancel();
  }

  /**
   * Delivers messages behind a position, then each once a majority has it. Called on a Vert.x
   * context, on which the listener is called too, in the order of the messages.
   *
   * @param position opaque, good at every server; null for only what comes from now on
   * @return completes on the context; fails with INVALID for a position that cannot be read, with
   *     NOT_FOUND without the channel or the user of the filter
   */
  Future<Subscription> subscribe(
      @Nullable String position, MessageFilter filter, Listener listener);
}
