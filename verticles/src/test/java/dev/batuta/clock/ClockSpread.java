package dev.batuta.clock;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.ClockMessage.Round;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.election.ElectionVerticle;
import dev.batuta.election.MySqlEpochStore;
import dev.batuta.election.TestElection;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Measures how far the clocks of three servers are apart, over the real bus: skewed by -2 s, 0 and
 * 5 s, drifting by 200, 0 and -200 parts in a million. After each of the first rounds and once a
 * second for five minutes (or as many seconds as the first argument says). A program, because what
 * it measures depends on what else the machine does.
 */
public final class ClockSpread {
  private static final int ROUNDS_SHOWN = 3;
  private static final int DEFAULT_SECONDS = 300;
  private static final List<Duration> SKEWS =
      List.of(Duration.ofSeconds(-2), Duration.ZERO, Duration.ofSeconds(5));
  private static final List<Integer> DRIFTS = List.of(200, 0, -200);

  private ClockSpread() {}

  public static void main(String[] arguments) throws InterruptedException {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_SECONDS;
    List<NodeClock> clocks = new ArrayList<>();
    BlockingQueue<Long> rounds = new LinkedBlockingQueue<>();
    try (TestDatabase database = TestDatabase.fresh();
        TestCluster cluster = TestCluster.start("a", "b", "c")) {
      for (int i = 0; i < SKEWS.size(); i++) {
        clocks.add(new NodeClock(SKEWS.get(i), DRIFTS.get(i)));
      }
      TestCluster.await(
          cluster
              .node("a")
              .bus()
              .listen(
                  Addresses.SERVERS,
                  envelope -> {
                    if (envelope.message() instanceof Round round) {
                      rounds.add(round.round());
                    }
                  }));
      System.out.printf("before the first round: %d us%n", spread(clocks));
      for (int i = 0; i < SKEWS.size(); i++) {
        deploy(cluster.nodes().get(i), database, clocks.get(i));
      }
      for (int i = 1; i <= ROUNDS_SHOWN; i++) {
        rounds.take();
        // The adjustments are on their way when the round is announced; the small ones are slewed.
        pause(3);
        System.out.printf("after round %d: %d us%n", i, spread(clocks));
      }
      long[] spreads = new long[seconds];
      for (int i = 0; i < seconds; i++) {
        pause(1);
        spreads[i] = spread(clocks);
      }
      Arrays.sort(spreads);
      System.out.printf(
          "over %d s: p50 %d us, p99 %d us, max %d us%n",
          seconds, spreads[seconds / 2], spreads[seconds * 99 / 100], spreads[seconds - 1]);
    }
  }

  private static void deploy(TestNode node, TestDatabase database, NodeClock clock) {
    Database connected = Database.connect(node.vertx(), database.address(), 4);
    ElectionVerticle election = TestElection.of(node, new MySqlEpochStore(connected), () -> true);
    ClockVerticle verticle =
        new ClockVerticle(
            node.bus(),
            node.membership(),
            clock,
            new RequestCounter(),
            election::coordinates,
            new Rounds.Settings(
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                10,
                new Berkeley.Limits(Duration.ofSeconds(10), Duration.ofMillis(50))));
    TestCluster.await(node.vertx().deployVerticle(verticle));
    TestCluster.await(node.vertx().deployVerticle(election));
  }

  private static void pause(int seconds) throws InterruptedException {
    boolean never = new CountDownLatch(1).await(seconds, TimeUnit.SECONDS);
    assert !never;
  }

  /** Read one after another within microseconds; the clocks are of one machine. */
  private static long spread(List<NodeClock> clocks) {
    long[] readings = clocks.stream().mapToLong(clock -> clock.read().timeMicros()).toArray();
    long least = Math.min(readings[0], Math.min(readings[1], readings[2]));
    long most = Math.max(readings[0], Math.max(readings[1], readings[2]));
    return most - least;
  }
}
