package dev.batuta.gateway.events;

import dev.batuta.codec.ChatMessage.Posted;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Where channel messages come from: the copy of this node's server, see {@link FeedSource}. */
@FunctionalInterface
public interface MessageSource {

  /** Hears messages, each once, and the position behind each. */
  @FunctionalInterface
  interface Listener {
    void hear(Posted message, String position);

    /** The position behind a message of another channel than the one that is followed. */
    default void passOver(String position) {}
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
   * Delivers channel messages behind a position, then each as it is applied. The listener is called
   * in their order, on any one context.
   *
   * @param position opaque, good at every server; null for only what comes from now on
   * @param channel the only one to follow, by any spelling of its name; null for all
   * @return fails with INVALID for a position that cannot be read, with NOT_FOUND without the
   *     channel
   */
  Future<Subscription> subscribe(
      @Nullable String position, @Nullable String channel, Listener listener);
}
