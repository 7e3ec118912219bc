package dev.batuta.messaging;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ChatMessage.AskSync;
import dev.batuta.codec.ChatMessage.Synced;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.log.SqliteOpLog;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.RepairBackoff;
import dev.batuta.messaging.search.MessageSearch;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messaging services of a server, on its own copy: registers names, takes messages, gives
 * history, and replicates all of it. What it has answered is on as many disks as configured.
 *
 * <p>It is deployed when it has fetched what the servers in reach hold.
 */
public final class MessagingVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(MessagingVerticle.class);

  /** A registry that is not reached must not keep a life from beginning. */
  private static final Duration WITHDRAWN_WITHIN = Duration.ofSeconds(5);

  private final Bus bus;
  private final MessagingSettings settings;
  private final LongSupplier timeMillis;
  private final Supplier<Optional<String>> coordinator;
  private final SecureRandom random = new SecureRandom();
  private final Promise<Feed> feed = Promise.promise();
  private final MessagingCounts counts = new MessagingCounts();
  private final ReopenBackoff pauses = new ReopenBackoff();

  /** What serves; the one before while a new one begins. */
  private volatile @Nullable Life life;

  /** Set where it is opened. */
  private volatile @Nullable MessageSearch search;

  /** Of the life that begins or serves. */
  private @Nullable Replication replication;

  /** What is to be closed at last; set where it is opened. */
  private volatile @Nullable OpLog newest;

  private volatile @Nullable String outage;
  private volatile boolean stopping;

  /**
   * The messaging of one server.
   *
   * @param timeMillis the node's corrected time
   * @param coordinator with whom to compare copies; any configured server while there is none
   */
  public MessagingVerticle(
      Bus bus,
      MessagingSettings settings,
      LongSupplier timeMillis,
      Supplier<Optional<String>> coordinator) {
    this.bus = bus;
    this.settings = settings;
    this.timeMillis = timeMillis;
    this.coordinator = coordinator;
  }

  /** The stream of messages for the gateway of this node; there once the log is open. */
  public Future<Feed> feed() {
    return feed.future();
  }

  /** How many ops of this copy nobody is shown yet; any thread. */
  public long unshown() {
    Future<Feed> stream = feed.future();
    return stream.succeeded() ? stream.result().unshown() : 0;
  }

  /** What was done with ops since this server started; safe on any thread. */
  public MessagingCounts counts() {
    return counts;
  }

  /** The copy of this server, once it is served. */
  public Optional<OpLog> log() {
    return Optional.ofNullable(life).map(Life::log);
  }

  /** A digest of all ops here: equal on servers that hold the same. */
  public Future<String> digest() {
    return log()
        .map(OpLog::digest)
        .orElseGet(() -> Future.failedFuture(new IllegalStateException("not started")));
  }

  /** What finds messages in the copy of this server, once that is open; any thread. */
  public Optional<MessageSearch> search() {
    return Optional.ofNullable(search);
  }

  /** Why this server takes no messages now, empty while it does; any thread. */
  public Optional<String> outage() {
    return Optional.ofNullable(outage);
  }

  @Override
  public Future<?> start() {
    Feed stream = new Feed(vertx, settings.shownAtOnce());
    return vertx
        .executeBlocking(this::open)
        .compose(opened -> begin(opened, stream))
        .compose(begun -> bus.serve(Addresses.messaging(settings.server()), this::answer))
        .onSuccess(
            ready -> {
              vertx.setPeriodic(RepairBackoff.FIRST.toMillis(), timer -> tick());
              vertx.setPeriodic(settings.syncInterval().toMillis(), timer -> sync());
            })
        .recover(
            failure ->
                vertx
                    .executeBlocking(this::closeSearch)
                    .transform(closed -> Future.failedFuture(failure)));
  }

  private OpLog open() {
    Origin self = new Origin(settings.server(), random.nextLong());
    OpLog opened =
        new SqliteOpLog(
            settings.folder().resolve(SqliteOpLog.FILE), self, bus.clock()::beforeSend, timeMillis);
    newest = opened;
    search = new MessageSearch(settings.folder().resolve("search.db"), settings.server());
    return opened;
  }

  /** Begins a life of this server: it serves once it has fetched what it lacks. */
  private Future<Void> begin(OpLog opened, Feed stream) {
    bus.clock().onReceive(opened.highestClock());
    Replication replicas = new Replication(bus, settings, opened, stream, counts, context);
    MessageSearch finds = Objects.requireNonNull(search);
    Life begun = new Life(opened, replicas, finds);
    replication = replicas;
    opened.ended().onFailure(why -> context.runOnContext(here -> goOn(begun, stream, why)));
    // A new disk is filled before: what comes to it then is nothing new.
    boolean isNew = !opened.complete();
    if (!isNew) {
      follow(begun, stream);
    }
    opened.onCommit(
        entries -> {
          committed(opened, replicas, stream, entries);
          finds.committed();
        });
    finds.follow(opened);
    return replicas
        .start()
        .compose(served -> catchUp(replicas))
        .onSuccess(
            caughtUp -> {
              if (!opened.ended().isComplete()) {
                serve(begun, stream, isNew);
              }
            });
  }

  private void follow(Life begun, Feed stream) {
    Replication replicas = begun.replicas();
    stream.open(
        begun.log(),
        () -> context.runOnContext(here -> replicas.others().forEach(replicas::compare)));
    feed.tryComplete(stream);
  }

  private void serve(Life begun, Feed stream, boolean isNew) {
    if (isNew) {
      follow(begun, stream);
    }
    life = begun;
    outage = null;
    LOG.atInfo()
        .addKeyValue("server", settings.server())
        .addKeyValue("incarnation", Long.toHexString(begun.log().self().incarnation()))
        .addKeyValue("acks", settings.acks())
        .addKeyValue("clock", bus.clock().value())
        .log("messaging ready");
  }

  /**
   * Goes on by another life once the log has ended by itself. Who asks meanwhile is told why, and
   * reads what can be read.
   */
  private void goOn(Life ended, Feed stream, Throwable why) {
    if (stopping) {
      return;
    }
    String reason = Objects.requireNonNullElse(why.getMessage(), why.toString());
    if (!reason.equals(outage)) {
      outage = reason;
      LOG.atWarn()
          .addKeyValue("server", settings.server())
          .addKeyValue("why", reason)
          .log("messages not taken");
    }
    vertx.setTimer(
        pauses.next(System.nanoTime()).toMillis(),
        again ->
            vertx
                .executeBlocking(() -> reopen(ended.log()))
                .compose(opened -> replace(ended, opened, stream, why))
                .onFailure(failure -> goOn(ended, stream, failure)));
  }

  /** Fails when another one has to be opened for it. */
  private Future<Void> replace(Life ended, OpLog opened, Feed stream, Throwable why) {
    stream.close(why);
    return withdrawn(ended.replicas())
        .transform(out -> stopping ? Future.failedFuture(why) : begin(opened, stream))
        .recover(failure -> giveUp(opened, failure));
  }

  private static Future<Void> withdrawn(@Nullable Replication replicas) {
    return replicas == null
        ? Future.succeededFuture()
        : replicas
            .stop()
            .timeout(WITHDRAWN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
            .otherwiseEmpty();
  }

  /**
   * Closes what did not begin, and fails; not where its log has ended by itself: who hears of that
   * goes on from it, and two who go on would open one file.
   */
  private Future<Void> giveUp(OpLog opened, Throwable why) {
    if (opened.ended().failed()) {
      return Future.succeededFuture();
    }
    return withdrawn(replication)
        .compose(
            out ->
                vertx.executeBlocking(
                    () -> {
                      opened.close();
                      return true;
                    }))
        .compose(
            closed ->
                opened.ended().failed() ? Future.succeededFuture() : Future.failedFuture(why));
  }

  private OpLog reopen(OpLog ended) {
    if (stopping) {
      throw new IllegalStateException("stopping");
    }
    OpLog opened = ended.reopen(random.nextLong());
    newest = opened;
    return opened;
  }

  private void tick() {
    Replication replicas = replication;
    if (replicas != null) {
      replicas.tick();
    }
  }

  /** Fetches from every server in reach, for a bounded time; what is left comes by repairs. */
  private Future<Void> catchUp(Replication replicas) {
    Promise<Void> enough = Promise.promise();
    long timer = vertx.setTimer(settings.startTimeout().toMillis(), late -> enough.tryComplete());
    Future.join(replicas.others().stream().map(replicas::compare).toList())
        .onComplete(
            (all, error) -> {
              vertx.cancelTimer(timer);
              replicas.tick();
              enough.tryComplete();
            });
    return enough.future();
  }

  /**
   * Compares this copy with the coordinator's now; that one with any.
   *
   * @return with whose, and how many ops moved
   */
  public Future<Synced> sync() {
    Replication replicas = replication;
    if (replicas == null) {
      return Future.failedFuture(starting());
    }
    List<String> others = replicas.others();
    String server = settings.server();
    if (others.isEmpty()) {
      return Future.succeededFuture(new Synced(server, null, 0));
    }
    String peer =
        coordinator
            .get()
            .filter(others::contains)
            .orElseGet(() -> others.get(ThreadLocalRandom.current().nextInt(others.size())));
    return replicas.compare(peer).map(moved -> new Synced(server, peer, moved));
  }

  private void committed(
      OpLog opened, Replication replicas, Feed stream, List<OpLog.Entry> entries) {
    List<Op> made =
        entries.stream()
            .map(OpLog.Entry::op)
            .filter(op -> op.origin().equals(opened.self()))
            .toList();
    counts.apply(made.size(), entries.size() - made.size());
    if (!made.isEmpty()) {
      context.runOnContext(here -> replicas.publish(made));
    }
    stream.committed(entries);
    if (LOG.isDebugEnabled()) {
      for (OpLog.Entry entry : entries) {
        LOG.atDebug()
            .addKeyValue("origin", entry.op().origin().server())
            .addKeyValue("incarnation", Long.toHexString(entry.op().origin().incarnation()))
            .addKeyValue("sequence", entry.op().sequence())
            .addKeyValue("kind", entry.content().getClass().getSimpleName())
            .addKeyValue("clock", entry.content().clock())
            .log("op applied");
      }
    }
  }

  private Future<? extends Message> answer(Envelope envelope) {
    Life serving = life;
    if (serving == null) {
      return Future.failedFuture(starting());
    }
    return envelope.message() instanceof AskSync ? sync() : serving.answer(envelope);
  }

  private Refused starting() {
    return new Refused(
        Kind.UNAVAILABLE,
        "server-starting",
        "The messages of %s are not open yet: ask another server.".formatted(settings.server()));
  }

  @Override
  public Future<?> stop() {
    stopping = true;
    Replication replicas = replication;
    return Future.join(
            bus.withdraw(Addresses.messaging(settings.server())),
            replicas == null ? Future.succeededFuture() : replicas.stop())
        .transform(withdrawn -> vertx.executeBlocking(this::close));
  }

  /** Behind whatever is being opened: blocking calls of a verticle come one after the other. */
  private boolean close() {
    try {
      return closeSearch();
    } finally {
      OpLog opened = newest;
      if (opened != null) {
        opened.close();
      }
    }
  }

  private boolean closeSearch() {
    MessageSearch finds = search;
    if (finds != null) {
      finds.close();
    }
    return true;
  }
}
