package dev.batuta.messaging.search;

import dev.batuta.messaging.log.OpLog;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the index follow a log, on one thread: it asks the log for what is behind the last op that it
 * has, and is only told that there may be more. It works at most half of the time, and waits for
 * nobody who publishes. Whatever fails here ends only search, and is tried again.
 */
final class Indexer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Indexer.class);
  private static final int BATCH = 1_000;

  /** Between two batches, so that what is said in this time costs one transaction. */
  private static final Duration GATHERING = Duration.ofMillis(100);

  /** After what time it looks for itself, where a log failed or a signal was lost. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private static final Duration LOG_ANSWERS = Duration.ofSeconds(10);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** So often a file may not be read or written before a new one is tried. */
  private static final int MOST_UNREAD = 3;

  /** So long a close waits for what is being done. */
  private static final Duration LAST_WORK = Duration.ofSeconds(2);

  /** What is to be followed; each is another one, also where the log is the same. */
  private static final class Wanted {
    private final OpLog log;

    /**
     * The position of the last op in it before others sent any: what it lacked then it has not,
     * even when as much has come since.
     */
    private final long began;

    Wanted(OpLog log) {
      this.log = log;
      this.began = log.lastPosition();
    }
  }

  /** What serves: the index follows this log. */
  record Serving(OpLog log, IndexReader reader) {}

  private final Path path;
  private final long roomBytes;
  private final SearchRefusal refusal;
  private final Semaphore signal = new Semaphore(0);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;

  private volatile @Nullable Wanted wanted;
  private volatile @Nullable Serving serving;
  private volatile Indexed indexed = Indexed.NOTHING;
  private volatile @Nullable String outage;
  private volatile @Nullable SQLException met; // by a reader

  // Of the thread.
  private @Nullable IndexFile file;
  private @Nullable IndexReader reader;
  private @Nullable Wanted followed;
  private @Nullable Wanted knownToBegin;
  private boolean begunAnew;
  private boolean hasNoRoom;
  private int unread;
  private Duration pause = Duration.ZERO;

  /**
   * @param roomBytes that are left on the disk to the log: the index does not grow into them
   */
  Indexer(Path path, long roomBytes, SearchRefusal refusal) {
    this.path = path.toAbsolutePath();
    this.roomBytes = roomBytes;
    this.refusal = refusal;
    this.thread =
        Thread.ofPlatform().name("search-index-" + refusal.server()).daemon().start(this::run);
  }

  /** Follows another log from now on, which nothing has come to since it was opened; any thread. */
  void follow(OpLog log) {
    wanted = new Wanted(log);
    serving = null;
    signal();
  }

  /** There may be more in the log; any thread. */
  void signal() {
    if (signal.availablePermits() == 0) {
      signal.release();
    }
  }

  /** What serves, null while nothing does; any thread. */
  @Nullable Serving serving() {
    return serving;
  }

  /** Up to where it follows the log; any thread. */
  Indexed indexed() {
    return indexed;
  }

  /** How many ops of the log are not in it yet; any thread. */
  long behind() {
    Wanted log = wanted;
    return log == null ? 0 : Math.max(0, log.log.lastPosition() - indexed.position());
  }

  /** Why nothing serves, empty while it does or is being opened; any thread. */
  Optional<String> outage() {
    return Optional.ofNullable(outage);
  }

  private void run() {
    try {
      while (!isStopped()) {
        Wanted log = wanted;
        if (log == null) {
          awaitSignal();
        } else {
          turn(log);
        }
      }
    } catch (InterruptedException stop) {
      LOG.debug("search index interrupted", stop);
    } finally {
      // Whoever ended this did so by an interrupt, which is not meant for what is still to be done.
      if (Thread.interrupted()) {
        LOG.debug("search index interrupted at its end");
      }
      closeFile();
    }
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private void awaitSignal() throws InterruptedException {
    if (signal.tryAcquire(LOOK_AGAIN.toNanos(), TimeUnit.NANOSECONDS)) {
      signal.drainPermits();
    }
  }

  /** Not longer than until it is stopped. */
  private void rest(Duration time) throws InterruptedException {
    if (stopped.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
      LOG.debug("search index stops");
    }
  }

  /** Does some of the work, and rests. */
  private void turn(Wanted log) throws InterruptedException {
    long began = System.nanoTime();
    try {
      boolean more = step(log);
      pause = Duration.ZERO;
      if (outage != null) {
        outage = null;
        LOG.atInfo().addKeyValue("file", path).log("search serves again");
      }
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      rest(more || took.compareTo(GATHERING) > 0 ? took : GATHERING);
      if (!more) {
        awaitSignal();
      }
    } catch (LogUnread unread) {
      // The log tells others why, and another life of it begins.
      LOG.debug("search index waits for its log", unread);
      awaitSignal();
    } catch (SQLException failure) {
      meetInTurn(failure);
    } catch (IOException | RuntimeException failure) {
      goAway(failure);
    }
  }

  private void meetInTurn(SQLException failure) throws InterruptedException {
    if (isStopped()) {
      LOG.debug("search index stops in its work", failure);
      return;
    }
    boolean isDamage =
        serving == null ? IndexDamage.isInOpening(failure) : IndexDamage.isIn(failure);
    if (IndexDamage.isUnread(failure)) {
      unread++;
      isDamage = unread >= MOST_UNREAD;
    }
    if (isDamage) {
      beginAnew(failure);
    } else {
      goAway(failure);
    }
  }

  /** One batch of the log; whether there is more. */
  private boolean step(Wanted wants)
      throws SQLException, IOException, LogUnread, InterruptedException {
    SQLException damage = met;
    if (damage != null) {
      met = null;
      throw damage;
    }
    Path folder = Objects.requireNonNull(path.getParent());
    Files.createDirectories(folder);
    IndexFile open = opened(wants);
    OpLog log = wants.log;
    if (open.indexed().position() >= log.lastPosition() || !hasRoom(folder)) {
      return false;
    }
    long from = open.indexed().position();
    List<OpLog.Entry> recent = log.recent(from, BATCH);
    List<OpLog.Entry> entries = recent == null ? await(log.since(from, BATCH)) : recent;
    if (entries.isEmpty()) {
      return false;
    }
    open.add(entries);
    indexed = open.indexed();
    begunAnew = false;
    return indexed.position() < log.lastPosition();
  }

  /** What is there is found also while the disk takes no more. */
  private boolean hasRoom(Path folder) throws IOException {
    boolean hasRoom = Files.getFileStore(folder).getUsableSpace() >= roomBytes;
    if (hasNoRoom == hasRoom) {
      hasNoRoom = !hasRoom;
      LOG.atWarn()
          .addKeyValue("file", path)
          .addKeyValue("grows", hasRoom)
          .addKeyValue("roomMegabytes", roomBytes >> 20)
          .log("search index leaves the disk to the messages");
    }
    return hasRoom;
  }

  /** The file, once it is known that it follows from this log. */
  private IndexFile opened(Wanted log) throws SQLException, LogUnread, InterruptedException {
    IndexFile open = file;
    if (open == null) {
      open = IndexFile.open(path, this::isStopped);
      file = open;
    }
    IndexReader reading = reader;
    if (reading == null) {
      reading = new IndexReader(path, refusal, IndexReader.ASKER_WAITS, this::meet);
      reader = reading;
    }
    if (followed != log) {
      check(open, log);
      if (followed == null) {
        examine(reading);
      }
      followed = log;
      indexed = open.indexed();
      serving = new Serving(log.log, reading);
      if (wanted != log) {
        serving = null;
      }
    }
    return open;
  }

  /**
   * Finds out whether the index follows from a log. A file that was set back or filled anew has
   * other ops in the places of some, whatever stands in the last one.
   */
  private void check(IndexFile open, Wanted wants)
      throws SQLException, LogUnread, InterruptedException {
    OpLog log = wants.log;
    Indexed at = open.indexed();
    if (knownToBegin != wants && wants.began < at.position()) {
      throw IndexDamage.found("the log was set back: it began with less than was indexed");
    }
    knownToBegin = wants;
    if (at.position() > 0) {
      List<OpLog.Entry> last = await(log.at(List.of(at.position())));
      if (last.isEmpty() || !last.getFirst().op().id().equals(at.last())) {
        throw IndexDamage.found("the log is another one, or has less than was indexed");
      }
    }
    for (IndexFile.Document sample : open.samples()) {
      List<OpLog.Entry> found = await(log.at(List.of(sample.position())));
      if (found.isEmpty() || found.getFirst().content().clock() != sample.clock()) {
        throw IndexDamage.found("the log has other messages than were indexed");
      }
    }
  }

  /** Looks at what SQLite did not, while it serves: that reads all of the file. */
  private void examine(IndexReader reading) {
    reading
        .examine(
            (connection, time) -> {
              long began = System.nanoTime();
              try {
                IndexFile.examine(connection);
              } catch (SQLException failure) {
                throw IndexDamage.isInOpening(failure)
                    ? IndexDamage.found(String.valueOf(failure.getMessage()))
                    : failure;
              }
              return Duration.ofNanos(System.nanoTime() - began);
            })
        .onSuccess(
            took ->
                LOG.atDebug()
                    .addKeyValue("file", path)
                    .addKeyValue("millis", took.toMillis())
                    .log("search index is whole"));
  }

  /**
   * What a reader of the file met, which ends search for all only where it is the file; any thread.
   */
  private void meet(SQLException failure) {
    if (IndexDamage.isIn(failure) || IndexDamage.isUnread(failure)) {
      met = failure;
      signal();
    }
  }

  /** The file is of no use; all that it had is in the log. */
  private void beginAnew(SQLException why) throws InterruptedException {
    closeFile();
    unread = 0;
    try {
      IndexDamage.throwAway(path);
    } catch (IOException failure) {
      goAway(failure);
      return;
    }
    LOG.atWarn()
        .addKeyValue("file", path)
        .addKeyValue("why", why.getMessage())
        .log("search index is begun anew from the message log");
    if (begunAnew) {
      goAway(why);
    }
    begunAnew = true;
  }

  private void goAway(Exception failure) throws InterruptedException {
    closeFile();
    String why = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    if (!why.equals(outage)) {
      outage = why;
      LOG.atWarn().addKeyValue("file", path).addKeyValue("why", why).log("search does not serve");
    }
    Duration longer = pause.multipliedBy(2);
    pause =
        pause.isZero() ? FIRST_PAUSE : longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    rest(pause);
  }

  private void closeFile() {
    serving = null;
    followed = null;
    IndexReader reading = reader;
    reader = null;
    if (reading != null) {
      reading.close();
    }
    met = null;
    IndexFile open = file;
    file = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException failure) {
        LOG.debug("search index did not close cleanly", failure);
      }
    }
  }

  /** The log did not answer. */
  private static final class LogUnread extends Exception {
    private static final long serialVersionUID = 1;

    LogUnread(Throwable why) {
      super(why);
    }
  }

  private static <T> T await(Future<T> asked) throws LogUnread, InterruptedException {
    try {
      return asked
          .toCompletionStage()
          .toCompletableFuture()
          .get(LOG_ANSWERS.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException failure) {
      throw new LogUnread(failure);
    }
  }

  /** Ends it, and waits a little for that. */
  @Override
  public void close() {
    stopped.countDown();
    thread.interrupt();
    try {
      if (!thread.join(LAST_WORK)) {
        LOG.atWarn().addKeyValue("file", path).log("search index goes on behind its end");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
