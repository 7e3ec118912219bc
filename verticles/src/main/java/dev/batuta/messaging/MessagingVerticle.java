package dev.batuta.messaging;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Created;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.log.SqliteOpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Names;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.RepairBackoff;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
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
  private static final int STANDARD_PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;
  private static final int MOST_WAITING = 100_000;

  private final Bus bus;
  private final MessagingSettings settings;
  private final LongSupplier timeMillis;
  private final Supplier<Optional<String>> coordinator;
  private final Promise<Feed> feed = Promise.promise();
  private final MessagingCounts counts = new MessagingCounts();
  private volatile @Nullable OpLog log;
  private @Nullable Replication replication;

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

  /** What was done with ops since this server started; safe on any thread. */
  public MessagingCounts counts() {
    return counts;
  }

  /** The copy of this server, once its log is open. */
  public Optional<OpLog> log() {
    return Optional.ofNullable(log);
  }

  /** A digest of all ops here: equal on servers that hold the same. */
  public Future<String> digest() {
    OpLog opened = log;
    return opened == null
        ? Future.failedFuture(new IllegalStateException("not started"))
        : opened.digest();
  }

  @Override
  public Future<?> start() {
    Origin self = new Origin(settings.server(), new SecureRandom().nextLong());
    return vertx
        .<OpLog>executeBlocking(
            () ->
                new SqliteOpLog(
                    settings.folder().resolve("messages.db"),
                    self,
                    bus.clock()::beforeSend,
                    timeMillis))
        .compose(this::start);
  }

  private Future<?> start(OpLog opened) {
    bus.clock().onReceive(opened.highestClock());
    log = opened;
    Feed stream = new Feed(vertx, settings.shownAtOnce());
    Replication replicas = new Replication(bus, settings, opened, stream, counts, context);
    replication = replicas;
    stream.open(
        opened, () -> context.runOnContext(here -> replicas.others().forEach(replicas::compare)));
    opened.onCommit(entries -> committed(opened, replicas, stream, entries));
    feed.complete(stream);
    return replicas
        .start()
        .compose(served -> catchUp(replicas))
        .compose(
            caughtUp ->
                bus.serve(
                    Addresses.messaging(settings.server()),
                    envelope -> answer(opened, replicas, envelope)))
        .onSuccess(
            ready -> {
              vertx.setPeriodic(RepairBackoff.FIRST.toMillis(), timer -> replicas.tick());
              vertx.setPeriodic(settings.syncInterval().toMillis(), timer -> sync());
              LOG.atInfo()
                  .addKeyValue("server", settings.server())
                  .addKeyValue("incarnation", Long.toHexString(opened.self().incarnation()))
                  .addKeyValue("acks", settings.acks())
                  .addKeyValue("clock", bus.clock().value())
                  .log("messaging ready");
            });
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

  /** Compares this copy with the coordinator's now; gives how many ops moved. */
  public Future<Integer> sync() {
    Replication replicas = replication;
    if (replicas == null) {
      return Future.failedFuture(new IllegalStateException("not started"));
    }
    List<String> others = replicas.others();
    if (others.isEmpty()) {
      return Future.succeededFuture(0);
    }
    String peer =
        coordinator
            .get()
            .filter(name -> !name.equals(settings.server()))
            .orElseGet(() -> others.get(ThreadLocalRandom.current().nextInt(others.size())));
    return replicas.compare(peer);
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

  private Future<? extends Message> answer(OpLog opened, Replication replicas, Envelope envelope) {
    if (!(envelope.message() instanceof ChatMessage request)) {
      return Future.failedFuture(unknownRequest(envelope.message()));
    }
    Names names = opened.names();
    return switch (request) {
      case ChatMessage.CreateUser create -> registered(opened, replicas, create);
      case ChatMessage.CreateChannel create -> created(opened, replicas, Draft.of(create));
      case ChatMessage.Publish publish -> posted(opened, replicas, Draft.of(publish));
      case ChatMessage.Direct direct -> posted(opened, replicas, Draft.of(direct));
      case ChatMessage.ListUsers list ->
          Future.succeededFuture(page(names, Names.Of.USER, list.after(), list.limit()));
      case ChatMessage.ListChannels list ->
          Future.succeededFuture(page(names, Names.Of.CHANNEL, list.after(), list.limit()));
      case ChatMessage.History history ->
          read(
              opened,
              replicas,
              Content.ofChannel(names.resolve(Names.Of.CHANNEL, history.channel())),
              history.after(),
              history.limit(),
              history.last());
      case ChatMessage.Conversation talk ->
          read(
              opened,
              replicas,
              Content.ofPair(
                  names.resolve(Names.Of.USER, talk.user()),
                  names.resolve(Names.Of.USER, talk.with())),
              talk.after(),
              talk.limit(),
              talk.last());
      case Created _, Posted _, ChatMessage.Names _, ChatMessage.Page _ ->
          Future.failedFuture(unknownRequest(request));
      case ChatMessage.Replicate _, ChatMessage.Have _, ChatMessage.Fetch _ ->
          Future.failedFuture(unknownRequest(request));
    };
  }

  private static Refused unknownRequest(Message message) {
    return new Refused(
        Kind.INVALID,
        "messaging-request",
        "The messaging service does not answer " + message.getClass().getSimpleName() + ".");
  }

  private Future<OpLog.Made> made(OpLog opened, Replication replicas, Draft draft) {
    if (replicas.waiting() >= MOST_WAITING) {
      return Future.failedFuture(
          new Refused(
              new Failure(
                  Kind.BUSY,
                  "messages-busy",
                  "%d messages wait for other servers: try again in a second."
                      .formatted(MOST_WAITING),
                  1000)));
    }
    return replicas
        .here(opened.make(draft))
        .compose(made -> replicas.acknowledged(made.id(), made.repeated()).map(enough -> made));
  }

  /**
   * A token's own name is registered at its first use, and answered as it is known from then on.
   */
  private Future<Created> registered(
      OpLog opened, Replication replicas, ChatMessage.CreateUser create) {
    Optional<String> known =
        create.own() ? opened.names().known(Names.Of.USER, create.name()) : Optional.empty();
    return known
        .map(name -> Future.succeededFuture(new Created(name)))
        .orElseGet(() -> created(opened, replicas, Draft.of(create)));
  }

  private Future<Created> created(OpLog opened, Replication replicas, Draft draft) {
    return made(opened, replicas, draft)
        .map(
            made ->
                switch (made.content()) {
                  case Content.User user ->
                      new Created(opened.names().shown(Names.Of.USER, user.name()));
                  case Content.Channel channel -> new Created(channel.name());
                  default -> throw new IllegalStateException("no creation: " + made);
                });
  }

  private Future<Posted> posted(OpLog opened, Replication replicas, Draft draft) {
    return made(opened, replicas, draft)
        .map(
            made ->
                switch (made.content()) {
                  case Content.Said said ->
                      OpLog.posted(opened.names(), made.id().origin(), made.id().sequence(), said);
                  default -> throw new IllegalStateException("no message: " + made);
                });
  }

  private static ChatMessage.Names page(
      Names names, Names.Of kind, @Nullable String after, int limit) {
    Names.Page page = names.page(kind, after, bounded(limit));
    return new ChatMessage.Names(page.items(), page.next());
  }

  private static Future<ChatMessage.Page> read(
      OpLog opened,
      Replication replicas,
      String conversation,
      @Nullable String after,
      int limit,
      boolean last) {
    return replicas
        .here(
            last
                ? opened.last(conversation, bounded(limit))
                : opened.read(conversation, after, bounded(limit)))
        .map(
            read ->
                new ChatMessage.Page(
                    read.entries().stream()
                        .map(
                            entry ->
                                OpLog.posted(
                                    opened.names(),
                                    entry.op().origin(),
                                    entry.op().sequence(),
                                    (Content.Said) entry.content()))
                        .toList(),
                    read.next()));
  }

  private static int bounded(int limit) {
    return limit <= 0 ? STANDARD_PAGE : Math.min(limit, LARGEST_PAGE);
  }

  @Override
  public Future<?> stop() {
    OpLog opened = log;
    Replication replicas = replication;
    if (opened == null || replicas == null) {
      return Future.succeededFuture();
    }
    return Future.join(bus.withdraw(Addresses.messaging(settings.server())), replicas.stop())
        .transform(withdrawn -> closed(opened));
  }

  private Future<Boolean> closed(OpLog opened) {
    return vertx.executeBlocking(
        () -> {
          opened.close();
          return true;
        });
  }
}
