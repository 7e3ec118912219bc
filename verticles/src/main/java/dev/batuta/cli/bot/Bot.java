package dev.batuta.cli.bot;

import dev.batuta.cli.bot.Remark.Mark;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.ServerSentEvents.Event;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One bot: hears its channel by one thread and speaks by another, one message at a time. A message
 * whose fate is not known is posted again, under its key and wherever a server answers, until it is
 * acknowledged or the bot is stopped.
 */
final class Bot {
  private static final Duration AGAIN = Duration.ofMillis(500);
  private static final Duration TICK = Duration.ofSeconds(1);

  /** So often a name that was just registered may be unknown to the server that is asked. */
  private static final int MOST_UNKNOWN = 60;

  private final Membership membership;
  private final Api api;
  private final int number;
  private final String run;
  private final Turns turns; // guarded by deliveries, as those are
  private final Deliveries deliveries;
  private final Consumer<Problem> failed;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread speaker = Thread.ofVirtual().name("speaker").unstarted(this::speak);
  private volatile boolean closed;

  /**
   * @param api for the speaker only
   * @param number of this bot among those of the run, from 0
   * @param deliveries of all bots, which are its monitor
   * @param failed hears why this bot ends unasked
   */
  Bot(
      Membership membership,
      Api api,
      int number,
      String run,
      Turns turns,
      Deliveries deliveries,
      Consumer<Problem> failed) {
    this.membership = membership;
    this.api = api;
    this.number = number;
    this.run = run;
    this.turns = turns;
    this.deliveries = deliveries;
    this.failed = failed;
  }

  /**
   * @param hop as in {@link Bots.Plan}
   */
  void begin(@Nullable Duration hop) {
    Thread.ofVirtual().name("listener").start(this::listen);
    speaker.start();
    if (hop != null) {
      Thread.ofVirtual().name("hopper").start(() -> wander(hop));
    }
  }

  /** At random, so that no two move together; the mean is what was asked for. */
  private void wander(Duration hop) {
    long most = 2 * hop.toMillis();
    while (!stopsWithin(Duration.ofMillis(ThreadLocalRandom.current().nextLong(most) + 1))) {
      membership.feed().move();
    }
  }

  Membership membership() {
    return membership;
  }

  /** Says nothing new; what is under way may still be acknowledged. */
  void stop() {
    stopped.countDown();
  }

  /** Waits for what is under way, and gives it up then: it stays unknown. */
  void awaitSilence(Duration patience) throws InterruptedException {
    if (!speaker.join(patience)) {
      speaker.interrupt();
      speaker.join();
    }
  }

  /** Hears nothing any more. */
  void close() {
    closed = true;
    membership.feed().close();
  }

  private void listen() {
    try {
      while (!closed) {
        membership.feed().next(TICK).ifPresent(this::hear);
      }
    } catch (Problem e) {
      failed.accept(e);
    }
  }

  private void hear(Event event) {
    var message = event.json();
    var text = message.path("text").asText();
    long now = System.nanoTime();
    synchronized (deliveries) {
      Mark.of(text)
          .filter(mark -> mark.run().equals(run))
          .ifPresent(mark -> deliveries.see(number, mark.bot(), mark.number(), now));
      turns.hear(message.path("user").asText(), text);
    }
  }

  private void speak() {
    try {
      while (!stopsWithin(untilTurn())) {
        var remark = turn();
        if (remark.isPresent()) {
          post(remark.get());
        }
      }
    } catch (Problem e) {
      failed.accept(e);
    }
  }

  private Duration untilTurn() {
    synchronized (deliveries) {
      return Duration.ofNanos(Math.max(0, turns.dueNanos() - System.nanoTime()));
    }
  }

  /** What it says now; nothing while too much of what it said is missing somewhere. */
  private Optional<Remark> turn() {
    long now = System.nanoTime();
    synchronized (deliveries) {
      if (deliveries.isFull(number)) {
        turns.pass(now);
        return Optional.empty();
      }
      var say = turns.speak(now);
      var mark = new Mark(run, number, deliveries.send(number, now));
      return Optional.of(new Remark(say.to(), say.words(), mark));
    }
  }

  private void post(Remark remark) {
    var path = "/channels/" + Api.encoded(membership.channel()) + "/messages";
    var body =
        Output.JSON.createObjectNode().put("text", remark.text()).put("user", membership.name());
    int unknown = 0;
    do {
      try {
        if (unknown > 0) {
          membership.register(api);
        }
        api.post(path, body, remark.mark().key(), Duration.ZERO);
        synchronized (deliveries) {
          deliveries.acknowledge(number, remark.mark().number());
        }
        return;
      } catch (Problem e) {
        boolean unknownName = e.status() == 404 && ++unknown < MOST_UNKNOWN;
        if (!isStopped() && !unknownName && !Api.mayPass(e)) {
          throw e;
        }
      }
    } while (!stopsWithin(AGAIN));
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  /** Waits, but not beyond the stop. */
  private boolean stopsWithin(Duration time) {
    try {
      return stopped.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
