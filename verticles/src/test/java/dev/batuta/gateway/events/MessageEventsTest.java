package dev.batuta.gateway.events;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.events.MessageSource.Listener;
import dev.batuta.gateway.events.MessageSource.Subscription;
import dev.batuta.messaging.MessageFilter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Messages for the bridge, of a source that is not always there. */
class MessageEventsTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<String> askedBehind = new CopyOnWriteArrayList<>();
  private final List<Followed> followed = new CopyOnWriteArrayList<>();
  private final List<String> texts = new CopyOnWriteArrayList<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(MessageEvents.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private volatile Future<Void> open = Future.succeededFuture();

  private final MessageEvents events =
      new MessageEvents(
          vertx,
          this::subscribe,
          new MessageFilter.Channels(),
          "the test",
          message -> texts.add(message.text()));

  /** A subscription that a test breaks. */
  private static final class Followed implements Subscription {
    final Listener listener;
    final Promise<Void> ended = Promise.promise();
    volatile boolean cancelled;

    Followed(Listener listener) {
      this.listener = listener;
    }

    @Override
    public String position() {
      return "now";
    }

    @Override
    public Future<Void> ended() {
      return ended.future();
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private Future<Subscription> subscribe(
      @Nullable String position, MessageFilter filter, Listener listener) {
    askedBehind.add(String.valueOf(position));
    return open.map(
        now -> {
          Followed next = new Followed(listener);
          followed.add(next);
          return next;
        });
  }

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void close() {
    logger.detachAppender(log);
    await(vertx.close());
  }

  @Test
  void anOutageIsSaidOnceHoweverLongItLastsAndNothingIsMissed() {
    events.start();
    eventually(() -> followed.size() == 1);
    say("one");
    open = Future.failedFuture("the disk cannot be read");
    followed.getFirst().ended.fail("the disk cannot be read");
    eventually(() -> askedBehind.size() >= 3);
    assertThat(said()).hasSize(1).first().asString().contains("no messages");
    open = Future.succeededFuture();
    eventually(() -> followed.size() == 2);
    say("two");
    eventually(() -> texts.size() == 2);
    assertThat(texts).containsExactly("one", "two");
    assertThat(askedBehind).startsWith("null", "one", "one");
    assertThat(said()).hasSize(2).last().asString().contains("again");
  }

  @Test
  void aPlaceThatIsNotToBeFoundForLongIsGivenUpAndTheLogSaysSo() {
    events.start();
    eventually(() -> followed.size() == 1);
    say("one");
    for (int lost = 1; lost <= MessageEvents.MOST_LOST; lost++) {
      followed.getLast().ended.fail(Refused.unavailable("position-lost", "Nobody has it."));
      int next = lost + 1;
      eventually(() -> followed.size() == next);
    }
    assertThat(askedBehind.subList(1, MessageEvents.MOST_LOST)).containsOnly("one");
    assertThat(askedBehind.getLast()).isEqualTo("null");
    assertThat(said()).hasSize(2).last().asString().contains("go on from now");
  }

  @Test
  void afterItsEndItFollowsNothingNotEvenWhatComesLate() {
    events.start();
    eventually(() -> followed.size() == 1);
    Promise<Void> late = Promise.promise();
    open = late.future();
    followed.getFirst().ended.fail("the disk cannot be read");
    eventually(() -> askedBehind.size() == 2);
    events.stop();
    late.complete();
    eventually(() -> followed.size() == 2 && followed.getLast().cancelled);
    assertThat(followed.getFirst().cancelled).isTrue();
    assertThat(askedBehind).hasSize(2);
  }

  private void say(String text) {
    followed
        .getLast()
        .listener
        .hear(new Posted(text, "geral", null, "ana", text, 1, 1, "server-1"), () -> text);
  }

  private List<String> said() {
    return List.copyOf(log.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private static void eventually(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(condition);
  }
}
