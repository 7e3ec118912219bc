package dev.batuta.gateway.events;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.gateway.events.MessageSource.Subscription;
import dev.batuta.messaging.MessageFilter;
import dev.batuta.messaging.replica.Content;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages for clients that cannot be told that something is missing, so nothing may be: each comes
 * once, and a subscription that breaks is made again behind the last message, as often as it takes;
 * only where that place is not to be found for long does it begin anew, and the log says so.
 * Belongs to the context on which it is made; what is heard is heard there.
 */
public final class MessageEvents {
  private static final Logger LOG = LoggerFactory.getLogger(MessageEvents.class);
  private static final long RETRY_MILLIS = 1_000;

  /** So often in a row a place is asked for in vain, each time for some seconds. */
  static final int MOST_LOST = 10;

  private final Vertx vertx;
  private final Context context;
  private final MessageSource source;
  private final MessageFilter filter;
  private final String reader;
  private final Heard heard;
  private @Nullable String position;

  /** Gives the position behind what was heard of this subscription; null before the first. */
  private @Nullable Supplier<String> place;

  private @Nullable Subscription subscription;
  private long retry = -1;
  private boolean stopped;

  private int timesLost;

  /** Whether it was said that they are away, which is once until one comes again. */
  private boolean away;

  /** Takes what comes. */
  @FunctionalInterface
  public interface Heard {
    void hear(Posted message);

    /** A user or a channel was created; it may be one that was created elsewhere before. */
    default void created(Content creation) {}
  }

  /**
   * @param filter of what is wanted
   * @param reader who reads them, for the log, such as {@code the bridge}
   * @param heard takes each
   */
  public MessageEvents(
      Vertx vertx, MessageSource source, MessageFilter filter, String reader, Heard heard) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.source = source;
    this.filter = filter;
    this.reader = reader;
    this.heard = heard;
  }

  /** Begins with what comes from now on. */
  public void start() {
    Future.succeededFuture()
        .compose(now -> source.subscribe(position, filter, listener()))
        .onComplete(
            begun -> context.runOnContext(on -> began(begun)),
            why -> context.runOnContext(on -> lost(why)));
  }

  private MessageSource.Listener listener() {
    return new MessageSource.Listener() {
      @Override
      public void hear(Posted message, Supplier<String> place) {
        MessageEvents.this.hear(message, place);
      }

      @Override
      public void created(Content creation) {
        MessageEvents.this.created(creation);
      }
    };
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

  private void hear(Posted message, Supplier<String> behind) {
    if (stopped) {
      return;
    }
    if (away) {
      away = false;
      LOG.atWarn().addKeyValue("reader", reader).log("messages come again");
    }
    place = behind;
    timesLost = 0;
    heard.hear(message);
  }

  private void created(Content creation) {
    if (!stopped) {
      heard.created(creation);
    }
  }

  private void lost(Throwable why) {
    if (stopped) {
      return;
    }
    if (place != null) {
      position = place.get();
      place = null;
    }
    if (!away) {
      away = true;
      LOG.atWarn()
          .addKeyValue("reader", reader)
          .addKeyValue("why", String.valueOf(why.getMessage()))
          .log("no messages come, they are asked for again until they do");
    }
    timesLost = MessageSource.positionLost(why).isPresent() ? timesLost + 1 : timesLost;
    if (timesLost == MOST_LOST) {
      timesLost = 0;
      position = null;
      LOG.atWarn()
          .addKeyValue("reader", reader)
          .log("messages go on from now, those before are missing: no server knows the place");
    }
    retry = vertx.setTimer(RETRY_MILLIS, again -> start());
  }

  /** Nothing more comes. */
  public void stop() {
    stopped = true;
    vertx.cancelTimer(retry);
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
