package dev.batuta.gateway.events;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.messaging.Feed;
import dev.batuta.messaging.MessageFilter;
import dev.batuta.messaging.replica.Content;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The messages of the messaging feature, of the server of the same node. */
public final class FeedSource implements MessageSource {
  private final Supplier<Future<Feed>> feed;

  /**
   * @param feed once it can be followed
   */
  public FeedSource(Supplier<Future<Feed>> feed) {
    this.feed = feed;
  }

  @Override
  public Future<Subscription> subscribe(
      @Nullable String position, MessageFilter filter, Listener listener) {
    Future<Feed> opened = feed.get();
    if (opened.isComplete()) {
      return opened.map(open -> follow(open, position, filter, listener));
    }
    Context here = Objects.requireNonNull(Vertx.currentContext(), "not on a context");
    Promise<Feed> openedHere = Promise.promise();
    opened.onComplete(
        (open, why) ->
            here.runOnContext(
                on -> {
                  if (why == null) {
                    openedHere.complete(open);
                  } else {
                    openedHere.fail(why);
                  }
                }));
    return openedHere.future().map(open -> follow(open, position, filter, listener));
  }

  private static Subscription follow(
      Feed feed, @Nullable String position, MessageFilter filter, Listener listener) {
    String from = position == null ? feed.position() : position;
    Feed.Subscription followed = feed.subscribe(from, filter, subscriber(listener));
    return new Subscription() {
      @Override
      public String position() {
        return from;
      }

      @Override
      public Future<Void> ended() {
        return followed.ended();
      }

      @Override
      public void cancel() {
        followed.close();
      }
    };
  }

  /**
   * Encodes a place once for all messages that are passed over in one turn of the event loop: the
   * one after them is behind them all.
   */
  static Feed.Subscriber subscriber(Listener listener) {
    return new Feed.Subscriber() {
      private boolean owesPlace;

      @Override
      public void deliver(Posted message, Supplier<String> place) {
        owesPlace = false;
        listener.hear(message, place);
      }

      @Override
      public void passOver(Supplier<String> place) {
        if (!owesPlace) {
          owesPlace = true;
          Objects.requireNonNull(Vertx.currentContext()).runOnContext(turnOver -> tellPlace(place));
        }
      }

      @Override
      public void created(Content creation) {
        listener.created(creation);
      }

      private void tellPlace(Supplier<String> place) {
        if (owesPlace) {
          owesPlace = false;
          listener.passOver(place.get());
        }
      }
    };
  }
}
