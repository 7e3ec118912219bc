package dev.batuta.gateway.events;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.gateway.events.MessageSource.Subscription;
import dev.batuta.gateway.json.ChatJson;
import dev.batuta.messaging.MessageFilter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes {@code events.messages} of the channel messages, for the SockJS bridge: each once, behind a
 * position. The bridge has no way to tell a client that something is missing, so nothing may be: a
 * subscription that breaks is made again behind the last message, as often as it takes. Belongs to
 * the context on which it is made.
 */
final class MessageEvents {
  private static final Logger LOG = LoggerFactory.getLogger(MessageEvents.class);
  private static final long RETRY_MILLIS = 1_000;

  private final Vertx vertx;
  private final Context context;
  private final MessageSource source;
  private final Consumer<JsonObject> event;
  private @Nullable String position;
  private @Nullable Subscription subscription;
  private long retry = -1;
  private boolean stopped;

  /** Whether it was said that they are away, which is once until one comes again. */
  private boolean away;

  /**
   * @param event takes each
   */
  MessageEvents(Vertx vertx, MessageSource source, Consumer<JsonObject> event) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.source = source;
    this.event = event;
  }

  void start() {
    Future.succeededFuture()
        .compose(
            now ->
                source.subscribe(
                    position,
                    new MessageFilter.Channels(),
                    (message, place) -> context.runOnContext(on -> hear(message, place))))
        .onComplete(
            begun -> context.runOnContext(on -> began(begun)),
            why -> context.runOnContext(on -> lost(why)));
  }

  private void began(Subscription begun) {
    if (stopped) {
      begun.cancel();
      return;
    }
    subscription = begun;
    if (position == null) {
      position = begun.position();
    }
    begun.ended().onFailure(why -> context.runOnContext(on -> lost(why)));
  }

  private void hear(Posted message, String place) {
    if (stopped) {
      return;
    }
    if (away) {
      away = false;
      LOG.warn("the bridge gets channel messages again");
    }
    position = place;
    event.accept(ChatJson.message(message));
  }

  private void lost(Throwable why) {
    if (stopped) {
      return;
    }
    if (!away) {
      away = true;
      LOG.atWarn()
          .addKeyValue("why", String.valueOf(why.getMessage()))
          .log("the bridge gets no channel messages, they are asked for again until it does");
    }
    retry = vertx.setTimer(RETRY_MILLIS, again -> start());
  }

  /** Nothing more comes. */
  void stop() {
    stopped = true;
    vertx.cancelTimer(retry);
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
