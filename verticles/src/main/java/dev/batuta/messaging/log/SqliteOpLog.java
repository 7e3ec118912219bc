package dev.batuta.messaging.log;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Names;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.Replica;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An {@link OpLog} in one SQLite file. One thread writes: it takes all that waits, in one
 * transaction, so that a thousand messages cost one flush of the disk.
 *
 * <p>SQLite works inside native calls, which would pin a virtual thread to its carrier for as long
 * as a flush takes: writer and readers are platform threads.
 */
public final class SqliteOpLog implements OpLog {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteOpLog.class);
  private static final int MOST_IN_ONE_COMMIT = 4_000;
  private static final long MOST_WAITING_BYTES = 64L << 20;

  /** What waits for the writer. */
  private sealed interface Work {
    Promise<?> promise();

    default int bytes() {
      return 0;
    }

    record Make(Draft draft, Promise<Made> promise) implements Work {
      @Override
      public int bytes() {
        return draft.bytes();
      }
    }

    record Take(List<Op> ops, int bytes, Promise<Taken> promise) implements Work {}

    record Mark(boolean complete, Promise<Void> promise) implements Work {}

    record Stop(Promise<Void> promise) implements Work {}
  }

  private final Origin self;
  private final LongSupplier clock;
  private final LongSupplier timeMillis;
  private final LogFile file;
  private final LogReader reader;
  private final BlockingQueue<Work> waiting = new LinkedBlockingQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final LogCounts writes = new LogCounts(waitingBytes::get);
  private final Thread writer;
  private volatile Consumer<List<Entry>> listener = entries -> {};
  private volatile Replica replica;
  private volatile VersionVector onDisk;
  private volatile Replica.Counts counts;
  private volatile long lastPosition;
  private volatile boolean complete;
  private volatile boolean stopped;

  /**
   * Opens a server's file, for one life of the server.
   *
   * @param path the file, made where there is none
   * @param self the server under a new random incarnation
   * @param clock gives the Lamport clock of a new op
   * @param timeMillis gives the time of a new op
   * @throws Refused when the file cannot be used; blocks while it opens
   */
  public SqliteOpLog(Path path, Origin self, LongSupplier clock, LongSupplier timeMillis) {
    this.self = self;
    this.clock = clock;
    this.timeMillis = timeMillis;
    this.file = LogFile.open(path);
    try {
      this.replica = load();
      this.complete = file.state(LogFile.COMPLETE) == 1;
      this.reader = new LogReader(path, file);
    } catch (SQLException failure) {
      throw damaged(path, failure);
    }
    this.onDisk = replica.vector().copy();
    this.counts = replica.counts();
    this.lastPosition = file.lastPosition();
    this.writer =
        Thread.ofPlatform().name("message-log-" + self.server()).daemon().start(this::run);
  }

  private Replica load() throws SQLException {
    Replica loaded = new Replica(self);
    file.load(loaded);
    return loaded;
  }

  private void run() {
    List<Work> batch = new ArrayList<>();
    while (!stopped) {
      batch.clear();
      try {
        batch.add(waiting.take());
      } catch (InterruptedException interrupted) {
        break;
      }
      waiting.drainTo(batch, MOST_IN_ONE_COMMIT - 1);
      batch.forEach(work -> waitingBytes.addAndGet(-work.bytes()));
      commit(batch);
    }
    stopped = true;
    List<Work> left = new ArrayList<>();
    waiting.drainTo(left);
    left.forEach(work -> work.promise().tryFail(stopping()));
    try {
      file.close();
    } catch (SQLException failure) {
      LOG.warn("message log did not close cleanly", failure);
    }
  }

  /** One transaction; nobody hears of anything before it is on the disk. */
  private void commit(List<Work> batch) {
    List<Entry> entries = new ArrayList<>();
    List<Runnable> answers = new ArrayList<>();
    try {
      for (Work work : batch) {
        answers.add(carryOut(work, entries));
      }
      long began = System.nanoTime();
      file.commit(replica);
      writes.flushed(System.nanoTime() - began);
    } catch (SQLException failure) {
      writes.failed();
      LOG.error("message log not written ops={}", entries.size(), failure);
      undo();
      batch.forEach(work -> work.promise().tryFail(unwritten(failure)));
      return;
    }
    onDisk = replica.vector().copy();
    counts = replica.counts();
    lastPosition = file.lastPosition();
    try {
      if (!entries.isEmpty()) {
        listener.accept(List.copyOf(entries));
      }
      answers.forEach(Runnable::run);
    } catch (RuntimeException defect) {
      LOG.error("a listener of the message log failed", defect);
    }
  }

  private Runnable carryOut(Work work, List<Entry> entries) throws SQLException {
    switch (work) {
      case Work.Make make -> {
        try {
          Made made = make(make.draft(), entries);
          return () -> make.promise().tryComplete(made);
        } catch (Refused refused) {
          return () -> make.promise().tryFail(refused);
        }
      }
      case Work.Take take -> {
        Taken taken = take(take, entries);
        return () -> take.promise().tryComplete(taken);
      }
      case Work.Mark mark -> {
        file.state(LogFile.COMPLETE, mark.complete() ? 1 : 0);
        return () -> {
          complete = mark.complete();
          mark.promise().tryComplete();
        };
      }
      case Work.Stop stop -> {
        stopped = true;
        return () -> stop.promise().tryComplete();
      }
    }
  }

  private Made make(Draft draft, List<Entry> entries) throws SQLException {
    Content content = draft.compose(replica.names(), clock.getAsLong(), timeMillis.getAsLong());
    if (content instanceof Content.Said said) {
      @Nullable Entry known = file.find(said);
      if (known == null && file.findKey(said) != null) {
        throw new Refused(
            Kind.CONFLICT,
            "key-reused",
            "The message id was used with another text or receiver: use a new one, or repeat the"
                + " same message.");
      }
      if (known == null && draft.isRetold()) {
        known = file.findSaid(said);
      }
      if (known != null) {
        return new Made(known.op().id(), known.content(), true);
      }
    }
    Op op = new Op(self, replica.nextSequence(), Content.encode(content));
    keep(op, content, entries);
    return new Made(op.id(), content, false);
  }

  private Taken take(Work.Take take, List<Entry> entries) throws SQLException {
    int applied = 0;
    boolean gap = false;
    for (Op op : take.ops()) {
      switch (replica.judge(op.origin(), op.sequence())) {
        case NEXT -> {
          keep(op, Content.decode(op.content().toArray()), entries);
          applied++;
        }
        case DUPLICATE -> {}
        case GAP -> gap = true;
      }
    }
    return new Taken(applied, gap);
  }

  private void keep(Op op, Content content, List<Entry> entries) throws SQLException {
    long position = file.append(op, content);
    replica.apply(op.origin(), op.sequence(), content);
    entries.add(new Entry(position, op, content));
  }

  /** What memory knows beyond the disk is forgotten. */
  private void undo() {
    try {
      file.rollback();
      replica = load();
    } catch (SQLException failure) {
      LOG.error("message log cannot be read any more: the server takes no more messages", failure);
      stopped = true;
    }
  }

  private <T> Future<T> enqueue(Work work, Promise<T> promise) {
    if (stopped) {
      return Future.failedFuture(stopping());
    }
    if (waitingBytes.addAndGet(work.bytes()) > MOST_WAITING_BYTES) {
      waitingBytes.addAndGet(-work.bytes());
      return Future.failedFuture(
          new Refused(
              new Failure(
                  Kind.BUSY,
                  "messages-busy",
                  "More messages wait for the disk of %s than it takes: try again in a second."
                      .formatted(self.server()),
                  1000)));
    }
    waiting.add(work);
    if (stopped && waiting.remove(work)) {
      promise.tryFail(stopping());
    }
    return promise.future();
  }

  private Refused stopping() {
    return new Refused(
        Kind.UNAVAILABLE,
        "server-stopping",
        "The message log of %s is closed: ask another server.".formatted(self.server()));
  }

  private Refused unwritten(SQLException failure) {
    return new Refused(
        Kind.UNAVAILABLE,
        "message-log-unwritten",
        "The disk of %s did not take the message (%s): free it, then repeat."
            .formatted(self.server(), failure.getMessage()));
  }

  private static Refused damaged(Path path, SQLException failure) {
    return new Refused(
        Kind.UNAVAILABLE,
        "message-log-damaged",
        "The message log %s cannot be read (%s): move it away, and this server fetches all from the others."
            .formatted(path, failure.getMessage()));
  }

  @Override
  public Future<Made> make(Draft draft) {
    Promise<Made> promise = Promise.promise();
    return enqueue(new Work.Make(draft, promise), promise);
  }

  @Override
  public Future<Taken> take(List<Op> ops) {
    Promise<Taken> promise = Promise.promise();
    int bytes = ops.stream().mapToInt(op -> 100 + op.content().length()).sum();
    return enqueue(new Work.Take(List.copyOf(ops), bytes, promise), promise);
  }

  @Override
  public Future<Void> mark(boolean complete) {
    Promise<Void> promise = Promise.promise();
    return enqueue(new Work.Mark(complete, promise), promise);
  }

  @Override
  public Origin self() {
    return self;
  }

  @Override
  public Names names() {
    return replica.names();
  }

  @Override
  public VersionVector vector() {
    return onDisk.copy();
  }

  @Override
  public long held(Origin origin) {
    return onDisk.of(origin);
  }

  @Override
  public Replica.Counts counts() {
    return counts;
  }

  @Override
  public long highestClock() {
    return replica.highestClock();
  }

  @Override
  public boolean complete() {
    return complete;
  }

  @Override
  public long lastPosition() {
    return lastPosition;
  }

  @Override
  public List<OpId> twins(long position) {
    return file.twins(position);
  }

  @Override
  public Future<List<Op>> beyond(VersionVector vector, int limit) {
    VersionVector mine = onDisk;
    return reader.ask(connection -> reader.beyond(connection, mine, vector, limit));
  }

  @Override
  public Future<List<Entry>> since(long position, int limit) {
    return reader.ask(connection -> reader.since(connection, position, limit));
  }

  @Override
  public Future<Long> positionBefore(VersionVector vector) {
    // The place before the vector: what is committed between the two is behind the place.
    long last = lastPosition;
    VersionVector mine = onDisk;
    return reader.ask(connection -> reader.positionBefore(connection, mine, vector, last));
  }

  @Override
  public Future<Read> read(String conversation, @Nullable String after, int limit) {
    return reader.ask(connection -> reader.read(connection, conversation, after, limit));
  }

  @Override
  public Future<Read> last(String conversation, int limit) {
    return reader.ask(connection -> reader.last(connection, conversation, limit));
  }

  @Override
  public Future<String> digest() {
    VersionVector mine = onDisk;
    return reader.ask(connection -> reader.digest(connection, mine));
  }

  @Override
  public LogCounts writes() {
    return writes;
  }

  @Override
  public void onCommit(Consumer<List<Entry>> listener) {
    this.listener = listener;
  }

  @Override
  public void close() {
    if (!stopped) {
      waiting.add(new Work.Stop(Promise.promise()));
    }
    try {
      writer.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    reader.close();
  }
}
