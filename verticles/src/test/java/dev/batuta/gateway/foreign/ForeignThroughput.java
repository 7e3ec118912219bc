package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.query;

import dev.batuta.codec.TaskMessage.Counts;
import dev.batuta.codec.TaskMessage.Payload;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Many foreign workers on one server: what each costs, and how much they do, beside a native worker
 * in the same run. Arguments: how many, and how many queries.
 */
final class ForeignThroughput {
  private static final PrintStream OUT = System.out;
  private static final int BATCH = 10_000;
  private static final List<String> USERS =
      List.of("11111111111", "22222222222", "33333333333", "44444444444");

  private ForeignThroughput() {}

  public static void main(String[] args) {
    int workers = args.length > 0 ? Integer.parseInt(args[0]) : 2_000;
    int tasks = args.length > 1 ? Integer.parseInt(args[1]) : 60_000;
    idle(workers);
    for (int round = 0; round < 2; round++) {
      working(workers, tasks);
    }
    System.exit(0); // MariaDB is stopped by a hook
  }

  private static void idle(int workers) {
    try (ForeignFixture server = new ForeignFixture(WorkerTimes.DEFAULT)) {
      long before = usedBytes();
      try (Crowd crowd = Crowd.start(server.tcpPort(), workers, true)) {
        OUT.printf(
            "%,d idle foreign workers: %,d bytes of heap each%n",
            crowd.size(), (usedBytes() - before) / crowd.size());
      }
    }
  }

  private static long usedBytes() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static void working(int workers, int tasks) {
    try (ForeignFixture server = new ForeignFixture(WorkerTimes.DEFAULT)) {
      try (Crowd crowd = Crowd.start(server.tcpPort(), workers, false)) {
        OUT.printf("%,d foreign workers: %,d queries/s%n", crowd.size(), rate(server, tasks));
      }
      Awaitility.await()
          .atMost(ForeignFixture.LONG.multipliedBy(3))
          .until(() -> server.farm().isEmpty());
      server.startNativeWorker("native");
      OUT.printf("a native worker: %,d queries/s%n", rate(server, tasks));
      if (!server.audit().ok()) {
        throw new AssertionError("the ledger does not balance");
      }
    }
  }

  /** Queries in a second, of many that wait. */
  private static long rate(ForeignFixture server, int tasks) {
    Payload[] queries = new Payload[Math.min(BATCH, tasks)];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = query(USERS.get(i % USERS.size()));
    }
    long before = done(server.counts());
    long started = System.nanoTime();
    for (int i = 0; i < tasks / queries.length; i++) {
      server.submit(queries);
    }
    long all = (long) tasks / queries.length * queries.length;
    Awaitility.await()
        .atMost(ForeignFixture.LONG.multipliedBy(10))
        .until(() -> done(server.counts()) - before == all);
    return all * TimeUnit.SECONDS.toNanos(1) / (System.nanoTime() - started);
  }

  private static long done(Counts counts) {
    return counts.states().stream()
        .filter(state -> state.state().isFinal())
        .mapToLong(state -> state.count())
        .sum();
  }
}
