package dev.batuta.messaging.log;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Batch;
import dev.batuta.messaging.replica.Names;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.Replica;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
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
  /** How a server's own file is called. */
  public static final String FILE = "messages.db";

  private static final Logger LOG = LoggerFactory.getLogger(SqliteOpLog.class);
  private static final int MOST_IN_ONE_COMMIT = 4_000;
  private static final long MOST_WAITING_BYTES = 64L << 20;

  private final Origin self;
  private final LongSupplier clock;
  private final LongSupplier timeMillis;
  private final LogFile file;
  private final Replica replica;
  private final LogReader reader;
  private final Path path;
  private final LogRefusal refusal;
  private final LogScrub scrub;
  private final RecentOps recent = new RecentOps();
  private final BlockingQueue<LogWork> waiting = new LinkedBlockingQueue<>();
  private final LogCounts writes;
  private final Thread writer;
  private final Promise<Void> ended = Promise.promise();

  /** Why this takes nothing more, once it does not. */
  private final AtomicReference<@Nullable Refused> end = new AtomicReference<>();

  private volatile Consumer<List<Entry>> listener = entries -> {};
  private volatile VersionVector onDisk;
  private volatile Replica.Counts counts;
  private volatile long lastPosition;
  private volatile boolean complete;
  private volatile @Nullable SQLException damage;
  private volatile boolean closed;

  /**
   * Opens a server's file, for one life of the server. A damaged file is set aside under another
   * name, and a new one begun.
   *
   * @param path the file, made where there is none
   * @param self the server under a new random incarnation
   * @param clock gives the Lamport clock of a new op
   * @param timeMillis gives the time of a new op
   * @throws Refused when the file cannot be used; blocks while it opens
   */
  public SqliteOpLog(Path path, Origin self, LongSupplier clock, LongSupplier timeMillis) {
    this(path, self, clock, timeMillis, new LogCounts());
  }

  private SqliteOpLog(
      Path path, Origin self, LongSupplier clock, LongSupplier timeMillis, LogCounts writes) {
    this.path = path;
    this.refusal = new LogRefusal(self.server());
    this.self = self;
    this.clock = clock;
    this.timeMillis = timeMillis;
    this.writes = writes;
    this.file = LogFile.open(path, self);
    this.replica = file.replica();
    @Nullable LogReader opened = null;
    try {
      opened = new LogReader(path, file, this::meet, this::why);
      this.scrub = new LogScrub(path, this::meet, this::renew);
    } catch (SQLException failure) {
      if (opened != null) {
        opened.close();
      }
      close(file);
      throw refusal.unusable(path, failure);
    }
    this.reader = opened;
    this.complete = file.complete();
    this.onDisk = replica.vector().copy();
    this.counts = replica.counts();
    this.lastPosition = file.lastPosition();
    this.writer =
        Thread.ofPlatform().name("message-log-" + self.server()).daemon().start(this::run);
  }

  private void run() {
    List<LogWork> batch = new ArrayList<>();
    while (end.get() == null) {
      batch.clear();
      try {
        batch.add(waiting.take());
      } catch (InterruptedException interrupted) {
        end.compareAndSet(null, refusal.stopping());
      }
      waiting.drainTo(batch, MOST_IN_ONE_COMMIT - 1);
      batch.forEach(work -> writes.waits(-work.bytes()));
      commit(batch);
    }
    List<LogWork> left = new ArrayList<>();
    waiting.drainTo(left);
    left.forEach(work -> writes.waits(-work.bytes()));
    left.forEach(work -> work.promise().tryFail(why()));
    close(file);
    if (why().failure().code().equals(LogRefusal.STOPPING)) {
      ended.complete();
    } else {
      ended.fail(why());
    }
  }

  private static void close(LogFile file) {
    try {
      file.close();
    } catch (SQLException failure) {
      LOG.warn("message log did not close cleanly", failure);
    }
  }

  /** One transaction; nobody hears of anything before it is on the disk. */
  private void commit(List<LogWork> batch) {
    var transaction = new LogTransaction(file, self, clock, timeMillis);
    boolean written = false;
    try {
      for (LogWork work : batch) {
        transaction.carryOut(work);
      }
      file.write();
      written = true;
      long began = System.nanoTime();
      file.commit();
      writes.flushed(System.nanoTime() - began);
    } catch (SQLException | RuntimeException | Error failure) {
      // Memory knows more than the disk now, or less: this life is over. SQLite has ended the
      // transaction by itself, or the closing of the file does.
      meet(failure);
      Refused why = written ? refusal.unknown(failure) : why();
      batch.forEach(work -> work.promise().tryFail(why));
      return;
    }
    onDisk = replica.vector().copy();
    counts = replica.counts();
    recent.add(transaction.entries());
    lastPosition = file.lastPosition();
    complete = file.complete();
    try {
      if (!transaction.entries().isEmpty()) {
        listener.accept(List.copyOf(transaction.entries()));
      }
    } catch (RuntimeException defect) {
      LOG.error("a listener of the message log failed", defect);
    }
    transaction.answer();
  }

  /** What ends this life; any thread. */
  private void meet(Throwable failure) {
    boolean isDamage = LogDamage.isIn(failure);
    if (isDamage) {
      damage = (SQLException) failure;
    }
    if (end.compareAndSet(null, isDamage ? refusal.damaged(failure) : refusal.unwritten(failure))) {
      writes.failed();
      LOG.error("message log takes nothing more", failure);
      waiting.add(new LogWork.Wake(Promise.promise()));
    }
  }

  private void renew(long from, long to) {
    Promise<Void> promise = Promise.promise();
    enqueue(new LogWork.Renew(from, to, promise), promise)
        .onFailure(why -> LOG.debug("message index not made anew", why));
  }

  private <T> Future<T> enqueue(LogWork work, Promise<T> promise) {
    if (end.get() != null) {
      return Future.failedFuture(why());
    }
    if (writes.waits(work.bytes()) > MOST_WAITING_BYTES) {
      writes.waits(-work.bytes());
      return Future.failedFuture(refusal.busy());
    }
    waiting.add(work);
    if (end.get() != null && waiting.remove(work)) {
      writes.waits(-work.bytes());
      promise.tryFail(why());
    }
    return promise.future();
  }

  private Refused why() {
    Refused why = end.get();
    return why == null ? refusal.stopping() : why;
  }

  @Override
  public Future<List<Made>> make(Batch batch) {
    Promise<List<Made>> promise = Promise.promise();
    return enqueue(new LogWork.Make(batch, promise), promise);
  }

  @Override
  public Future<Taken> take(List<Op> ops) {
    @Nullable Refused why = end.get();
    if (ops.isEmpty() && why != null && why.failure().code().equals(LogRefusal.UNWRITTEN)) {
      // Nothing waits any more, and what is on the disk is what is told.
      return Future.succeededFuture(new Taken(0, false));
    }
    Promise<Taken> promise = Promise.promise();
    int bytes = ops.stream().mapToInt(op -> 100 + op.content().length()).sum();
    return enqueue(new LogWork.Take(List.copyOf(ops), bytes, promise), promise);
  }

  @Override
  public Future<Void> mark(boolean complete) {
    Promise<Void> promise = Promise.promise();
    return enqueue(new LogWork.Mark(complete, promise), promise);
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
  public List<Long> sameMessage(long position) {
    return file.sameMessage(position);
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
  public @Nullable List<Entry> recent(long position, int limit) {
    return recent.after(position, limit);
  }

  @Override
  public Future<List<Entry>> at(List<Long> positions) {
    return reader.ask(connection -> reader.at(connection, positions));
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
  public Future<Void> ended() {
    return ended.future();
  }

  @Override
  public OpLog reopen(long incarnation) {
    try {
      if (damage == null && !closed && Files.exists(path)) {
        LogConnection.prove(path);
      }
    } catch (SQLException failure) {
      if (!LogDamage.isIn(failure)) {
        writes.failed();
        throw refusal.unwritten(failure);
      }
      damage = failure;
    }
    close();
    SQLException met = damage;
    if (met != null && Files.exists(path)) {
      try {
        LogDamage.setAside(path, met);
      } catch (IOException failure) {
        throw refusal.unusable(path, failure);
      }
    }
    damage = null;
    Origin next = new Origin(self.server(), incarnation);
    return new SqliteOpLog(path, next, clock, timeMillis, writes);
  }

  @Override
  public void close() {
    if (end.compareAndSet(null, refusal.stopping())) {
      waiting.add(new LogWork.Wake(Promise.promise()));
    }
    try {
      writer.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    scrub.close();
    reader.close();
    closed = true;
  }
}
