package dev.batuta.gateway.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.messaging.Feed;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FeedSourceTest {
  private static final Posted MESSAGE =
      new Posted("1", "geral", null, "ana", "hello", 1, 1, "server-1");

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final List<String> told = new ArrayList<>();
  private int ops;
  private int encoded;

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void whatIsPassedOverInOneTurnHasItsPlaceEncodedOnceBehindItAll() throws Exception {
    Feed.Subscriber subscriber = subscriber();
    turn(() -> passOver(subscriber, 100));
    assertThat(turn(() -> {})).containsExactly("over 100");
    assertThat(encoded).isEqualTo(1);

    turn(() -> passOver(subscriber, 1));
    assertThat(turn(() -> {})).containsExactly("over 100", "over 101");
  }

  @Test
  void aMessageSaysThePlaceOfWhatWasPassedOverBeforeIt() throws Exception {
    Feed.Subscriber subscriber = subscriber();
    turn(
        () -> {
          passOver(subscriber, 100);
          ops++;
          subscriber.deliver(MESSAGE, this::place);
        });
    assertThat(turn(() -> {})).containsExactly("hello 101");
    assertThat(encoded).isEqualTo(1);
  }

  private void passOver(Feed.Subscriber subscriber, int messages) {
    for (int i = 0; i < messages; i++) {
      ops++;
      subscriber.passOver(this::place);
    }
  }

  private String place() {
    encoded++;
    return Integer.toString(ops);
  }

  private Feed.Subscriber subscriber() {
    return FeedSource.subscriber(
        new MessageSource.Listener() {
          @Override
          public void hear(Posted message, Supplier<String> place) {
            told.add(message.text() + " " + place.get());
          }

          @Override
          public void passOver(String position) {
            told.add("over " + position);
          }
        });
  }

  /** One turn of the event loop, and what was told by its end. */
  private List<String> turn(Runnable does) throws Exception {
    CompletableFuture<List<String>> over = new CompletableFuture<>();
    context.runOnContext(
        here -> {
          does.run();
          over.complete(List.copyOf(told));
        });
    return over.get(20, TimeUnit.SECONDS);
  }
}
