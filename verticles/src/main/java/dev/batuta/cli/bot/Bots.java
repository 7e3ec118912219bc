package dev.batuta.cli.bot;

import dev.batuta.cli.bot.Deliveries.Counts;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** All bots of a run. Safe on any thread. */
public final class Bots implements AutoCloseable {
  /** In a channel, so that what bots hear grows with their number and not with its square. */
  private static final int MEMBERS = 10;

  private static final int JOIN_AT_ONCE = 16;
  private static final Duration UNDER_WAY = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(50);

  private final List<Bot> bots = new ArrayList<>();
  private final Deliveries deliveries;
  private final CompletableFuture<Problem> failure = new CompletableFuture<>();

  /**
   * What is wanted.
   *
   * @param name that those of the bots begin with
   * @param rate messages a second of each
   * @param hop about how long each listens at one server before it goes on at another; null for as
   *     long as that one lives
   */
  public record Plan(String name, int count, double rate, @Nullable Duration hop) {
    int channels() {
      return Math.ceilDiv(count, MEMBERS);
    }

    /** Shared by all runs, so that bots of several processes meet. */
    String channel(int channel) {
      return channel == 0 ? "bots" : "bots-" + (channel + 1);
    }
  }

  /**
   * A bot as it stands.
   *
   * @param moves how often it went to another server, or came back to one, to hear
   */
  record Standing(
      String name, String channel, Counts counts, int moves, Latencies latencies, boolean reads) {}

  private Bots(Deliveries deliveries) {
    this.deliveries = deliveries;
  }

  /** Registers all, in their channels, and has them speak. */
  public static Bots begin(Api api, Plan plan) {
    var all = new Bots(new Deliveries(plan.count(), plan.channels()));
    var members = all.join(api, plan);
    var run = UUID.randomUUID().toString().substring(0, 8);
    long interval = Math.round(1e9 / plan.rate());
    long now = System.nanoTime();
    for (int i = 0; i < plan.count(); i++) {
      var member = members.get(i);
      var turns = new Turns(member.name(), interval, now + interval / plan.count() * i);
      all.bots.add(
          new Bot(
              member, api.beginningAt(i), i, run, turns, all.deliveries, all.failure::complete));
    }
    all.bots.forEach(bot -> bot.begin(plan.hop()));
    return all;
  }

  /** All of them, or none when one cannot join. */
  private List<Membership> join(Api api, Plan plan) {
    var joined = new ArrayList<Membership>();
    @Nullable Problem refusal = null;
    try (var threads = Executors.newFixedThreadPool(JOIN_AT_ONCE, Thread.ofVirtual().factory())) {
      var joining = new ArrayList<Future<Membership>>();
      for (int i = 0; i < plan.count(); i++) {
        int bot = i;
        joining.add(
            threads.submit(
                () ->
                    Membership.join(
                        api.beginningAt(bot),
                        plan.name() + "-" + (bot + 1),
                        plan.channel(deliveries.channel(bot)))));
      }
      for (var each : joining) {
        try {
          joined.add(each.get());
        } catch (ExecutionException e) {
          refusal =
              e.getCause() instanceof Problem problem
                  ? problem
                  : Problem.failed("internal", "this is a defect of Batuta: " + e.getCause());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refusal = Problem.unsure("interrupted", "interrupted while bots joined");
    }
    if (refusal != null) {
      joined.forEach(member -> member.feed().close());
      throw refusal;
    }
    return joined;
  }

  /** Why a bot ended unasked, empty while none did. */
  public Optional<Problem> failure() {
    return Optional.ofNullable(failure.getNow(null));
  }

  /**
   * Has them say nothing new; waits for answers, and then until all is seen, if that is in time.
   */
  public void stop(Duration settle) throws InterruptedException {
    bots.forEach(Bot::stop);
    long end = System.nanoTime() + UNDER_WAY.toNanos();
    for (var bot : bots) {
      bot.awaitSilence(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    }
    long until = System.nanoTime() + settle.toNanos();
    while (total().missing() > 0 && failure().isEmpty() && System.nanoTime() < until) {
      Thread.sleep(POLL);
    }
  }

  Counts total() {
    synchronized (deliveries) {
      return deliveries.total();
    }
  }

  List<Standing> standings() {
    synchronized (deliveries) {
      return IntStream.range(0, bots.size()).mapToObj(this::standing).toList();
    }
  }

  private Standing standing(int bot) {
    var member = bots.get(bot).membership();
    return new Standing(
        member.name(),
        member.channel(),
        deliveries.counts(bot),
        Math.max(0, member.feed().openings() - 1),
        deliveries.latencies(bot).copy(),
        member.feed().isOpen());
  }

  @Override
  public void close() {
    bots.forEach(Bot::stop);
    bots.forEach(Bot::close);
  }
}
