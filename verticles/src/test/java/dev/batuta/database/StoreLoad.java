package dev.batuta.database;

import static dev.batuta.database.TestDatabase.await;

import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * Loads the stores with a million tasks and prints how fast they are. Not a test: run its main with
 * the folder of a database and the number of tasks.
 */
public final class StoreLoad {
  private static final int BATCH = 500;
  private static final String SERVER = "load-server";

  private static long serverPid;

  private final TaskStore tasks;
  private final LedgerStore ledger;

  private StoreLoad(Database database) {
    this.tasks = new MySqlTaskStore(database);
    this.ledger = new MySqlLedgerStore(database);
  }

  public static void main(String[] arguments) {
    Path folder = Path.of(arguments.length > 0 ? arguments[0] : "target/store-load");
    int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
    int connections = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 4;
    Vertx vertx = Vertx.vertx();
    EmbeddedDatabase server = timed("start of MariaDB", () -> EmbeddedDatabase.start(folder, 0));
    serverPid = server.pid();
    try {
      timed("migrations", () -> Migrations.run(server.address()));
      StoreLoad load = new StoreLoad(Database.connect(vertx, server.address(), connections));
      load.plainTasks(count, connections);
      load.accounts(count / 5, connections, "10,000 accounts", n -> n * 7919 % 10_000);
      load.accounts(count / 5, connections, "one hot account", _ -> 0);
    } finally {
      await(vertx.close());
      timed(
          "stop of MariaDB",
          () -> {
            server.stop();
            return 0;
          });
    }
  }

  private static <T> T timed(String what, Supplier<T> work) {
    long start = System.nanoTime();
    T result = work.get();
    System.out.printf(Locale.ROOT, "%-46s %9.1f ms%n", what, (System.nanoTime() - start) / 1e6);
    return result;
  }

  /** So many batches, so many at a time. */
  private static void rate(String what, int count, int connections, IntFunction<Future<?>> batch) {
    int batches = count / BATCH;
    AtomicInteger next = new AtomicInteger();
    long start = System.nanoTime();
    Duration busy = busy();
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      running.add(oneByOne(next, batches, batch));
    }
    await(Future.all(running));
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%-46s %9.0f /s, MariaDB %5.1f us of a processor each%n",
        what + " (" + batches * BATCH + ")",
        batches * BATCH / seconds,
        busy().minus(busy).toNanos() / 1e3 / (batches * BATCH));
  }

  private static Duration busy() {
    return ProcessHandle.of(serverPid)
        .flatMap(handle -> handle.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  private static Future<?> oneByOne(AtomicInteger next, int batches, IntFunction<Future<?>> batch) {
    int number = next.getAndIncrement();
    return number >= batches
        ? Future.succeededFuture()
        : batch.apply(number).compose(_ -> oneByOne(next, batches, batch));
  }

  private void plainTasks(int count, int connections) {
    long term = timed("open", () -> await(tasks.open(SERVER))).term();
    NewTask task = new NewTask(new Update("12345678901", Operation.DEPOSIT, "0.01"), 5, 0, 0, 5);
    List<NewTask> batch = java.util.Collections.nCopies(BATCH, task);
    rate(
        "accept",
        count,
        connections,
        n -> tasks.accept(SERVER, term, "alice", "key-" + term + "-" + n, first(term, n), batch));
    timed("unfinished, first page of 10,000", () -> await(tasks.unfinished(SERVER, 0, 10_000)));
    rate(
        "complete",
        count,
        connections,
        n -> {
          List<Completion> ends = new ArrayList<>();
          for (int i = 0; i < BATCH; i++) {
            ends.add(
                new Completion(
                    first(term, n) + i, 1, State.DONE, "W1", null, null, 1_700_000_000_000L));
          }
          return tasks.complete(SERVER, term, ends);
        });
    timed("list of one page, no filter", () -> await(tasks.list(Filter.ALL, 0, 100)));
    timed("unfinished, nothing compacted", () -> await(tasks.unfinished(SERVER, 0, 1000)));
    var opened = timed("open, nothing compacted", () -> await(tasks.open(SERVER)));
    System.out.println(opened.counts());
    timed("open, all compacted", () -> await(tasks.open(SERVER)));
    timed("unfinished, all compacted", () -> await(tasks.unfinished(SERVER, 0, 1000)));
    for (State state : List.of(State.PENDING, State.DONE, State.DEAD)) {
      timed("list of " + state, () -> await(tasks.list(new Filter("alice", state, null), 0, 100)));
    }
  }

  private static long first(long term, int batch) {
    return TaskId.of(term, 1 + (long) batch * BATCH);
  }

  private void accounts(int count, int connections, String what, IntUnaryOperator account) {
    for (int i = 0; i < 10_000; i += 500) {
      List<Future<?>> opening = new ArrayList<>();
      for (int n = i; n < i + 500; n++) {
        opening.add(
            ledger.create(user(n), new BigDecimal("100.00"), BigDecimal.ZERO).otherwiseEmpty());
      }
      await(Future.join(opening));
    }
    long term = await(tasks.open(SERVER)).term();
    rate(
        "accept deposits",
        count,
        connections,
        n -> {
          List<NewTask> batch = new ArrayList<>();
          for (int i = 0; i < BATCH; i++) {
            batch.add(new NewTask(deposit(account, n, i), 5, 0, 0, 5));
          }
          return tasks.accept(SERVER, term, "alice", null, first(term, n), batch);
        });
    rate(
        "execute, " + what,
        count,
        connections,
        n -> {
          List<Assignment> batch = new ArrayList<>();
          for (int i = 0; i < BATCH; i++) {
            batch.add(new Assignment(first(term, n) + i, 1, 0, deposit(account, n, i)));
          }
          return ledger.execute(SERVER, term, "W1", batch);
        });
    var audit = timed("audit", () -> await(ledger.audit()));
    System.out.println("audit ok=" + audit.ok() + " total=" + audit.total());
  }

  private static Update deposit(IntUnaryOperator account, int batch, int place) {
    return new Update(user(account.applyAsInt(batch * BATCH + place)), Operation.DEPOSIT, "0.01");
  }

  private static String user(int number) {
    return "%011d".formatted(number);
  }
}
