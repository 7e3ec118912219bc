package dev.batuta.gateway.events;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.events.EventHub.Event;
import dev.batuta.gateway.events.EventHub.Subscription;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventHubTest {
  private static final int EVENTS = 500;

  private final Vertx vertx = Vertx.vertx();
  private final EventHub hub = new EventHub();
  private final List<Event> heard = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    await(vertx.close());
  }

  @Test
  void whoComesWhileOthersTellMissesNothingAndHearsNothingTwice() throws InterruptedException {
    hub.take("tasks", new JsonObject());
    EventToken last = new EventToken(hub.incarnation(), hub.sequence(), null);
    List<Thread> tellers =
        List.of(
            Thread.ofPlatform().unstarted(this::tell), Thread.ofPlatform().unstarted(this::tell));
    tellers.forEach(Thread::start);
    Subscription subscription = resume(vertx.getOrCreateContext(), last);
    for (Thread teller : tellers) {
      teller.join();
    }

    int missed = subscription.first().size();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> missed + heard.size() == 2 * EVENTS);
    List<Long> expected = LongStream.rangeClosed(2, 2 * EVENTS + 1).boxed().toList();
    assertThat(subscription.first())
        .extracting(Event::sequence)
        .isEqualTo(expected.subList(0, missed));
    assertThat(heard).extracting(Event::sequence).isEqualTo(expected.subList(missed, 2 * EVENTS));
  }

  @Test
  void whatIsHeardComesOnTheContextOfWhoHearsIt() {
    Context context = vertx.getOrCreateContext();
    Promise<@Nullable Context> on = Promise.promise();
    hub.resume(context, null, event -> on.tryComplete(Vertx.currentContext()));

    hub.take("tasks", new JsonObject());

    assertThat(await(on.future())).isSameAs(context);
  }

  @Test
  void whoComesAnewOrTooLateGetsThePresentState() {
    hub.take("nodes", new JsonObject().put("load", 1));
    hub.take("clock", new JsonObject().put("name", "server-1").put("clock", 5));
    hub.take("clock", new JsonObject().put("round", 1));
    hub.take("clock", new JsonObject().put("name", "server-1").put("clock", 6));
    Context context = vertx.getOrCreateContext();

    for (EventToken last :
        new @Nullable EventToken[] {null, new EventToken(hub.incarnation() + 1, 3, null)}) {
      assertThat(resume(context, last).first())
          .containsExactly(
              new Event(4, "clock", new JsonObject().put("round", 1)),
              new Event(4, "clock", new JsonObject().put("name", "server-1").put("clock", 6)),
              new Event(4, "nodes", new JsonObject().put("load", 1)));
    }
  }

  @Test
  void whoFollowsATypeGetsAndHearsThatTypeOnly() {
    hub.take("nodes", new JsonObject().put("load", 1));
    hub.take("tasks", new JsonObject().put("done", 1));

    Subscription followed = hub.follow("tasks", vertx.getOrCreateContext(), heard::add);
    hub.take("nodes", new JsonObject().put("load", 2));
    hub.pass(EventHub.TRACE, new JsonObject());
    hub.take("tasks", new JsonObject().put("done", 2));

    assertThat(followed.first())
        .containsExactly(new Event(2, "tasks", new JsonObject().put("done", 1)));
    Awaitility.await().until(() -> !heard.isEmpty());
    assertThat(heard).containsExactly(new Event(4, "tasks", new JsonObject().put("done", 2)));
  }

  @Test
  void whoHasGoneHearsNothingNotEvenWhatIsOnItsWay() {
    Context context = vertx.getOrCreateContext();
    Promise<Void> done = Promise.promise();
    Subscription subscription = resume(context, null);
    context.runOnContext(
        here -> {
          hub.take("tasks", new JsonObject());
          subscription.cancel();
          context.runOnContext(later -> done.complete());
        });
    await(done.future());

    assertThat(heard).isEmpty();
    assertThat(hub.isWatched()).isFalse();
  }

  private Subscription resume(Context context, @Nullable EventToken last) {
    return hub.resume(context, last, heard::add);
  }

  private void tell() {
    for (int i = 0; i < EVENTS; i++) {
      hub.take("tasks", new JsonObject());
    }
  }
}
