package dev.batuta.messaging;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.DeltaVector;
import dev.batuta.messaging.replica.HighWatermark;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of messages of this server, for the gateway of the same node: channel and direct
 * messages that a majority has, in the order in which this server applies their ops, each once.
 *
 * <p>A position is an opaque text that holds what was delivered, good at every server: a subscriber
 * resumes anywhere and misses nothing. A server that lacks some of that has it fetched before it
 * delivers, as it could not tell another op of the same message; without a fold that a position
 * names it does not deliver at all. Memory is bounded whatever subscribers do: one that is paused,
 * or behind, is served from the log on disk once it goes on.
 */
public final class Feed {
  private static final Logger LOG = LoggerFactory.getLogger(Feed.class);
  private static final int BATCH = 256;

  /** How often what one had elsewhere is fetched; where it is on an erased disk it never comes. */
  private static final Duration FETCH_AGAIN = Duration.ofSeconds(1);

  private static final int MOST_FETCHES = 5;

  /** Takes messages; called on the context that subscribed, one at a time. */
  @FunctionalInterface
  public interface Subscriber {
    /**
     * One message.
     *
     * @param message in a channel, or direct to {@code to}
     * @param position where to resume after it; asked for on the same context only, and when that
     *     is later, where to resume after what came until then
     */
    void deliver(Posted message, Supplier<String> position);

    /**
     * A message that the filter does not let pass.
     *
     * @param position as for {@link #deliver}
     */
    default void passOver(Supplier<String> position) {}

    /** A user or a channel was created; it may be one that was created elsewhere before. */
    default void created(Content creation) {}
  }

  private final Vertx vertx;
  private final HighWatermark safe;
  private volatile Deliveries deliveries = new Deliveries();
  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final WakeRounds rounds;
  private final AtomicLong fetchedNanos = new AtomicLong(System.nanoTime() - FETCH_AGAIN.toNanos());
  private volatile Runnable fetch = () -> {};
  private volatile @Nullable OpLog log;

  /**
   * @param shownAtOnce whether subscribers get what this server alone has
   */
  Feed(Vertx vertx, boolean shownAtOnce) {
    this.vertx = vertx;
    this.safe = new HighWatermark(shownAtOnce);
    Context context = vertx.getOrCreateContext();
    this.rounds =
        new WakeRounds(
            subscriptions::size,
            System::nanoTime,
            (time, task) ->
                context.runOnContext(here -> vertx.setTimer(time.toMillis(), due -> task.run())),
            () -> subscriptions.forEach(Subscription::wake));
  }

  /**
   * Serves from a log.
   *
   * @param fetch has the ops that others have fetched; on any thread
   */
  void open(OpLog opened, Runnable fetch) {
    this.fetch = fetch;
    this.deliveries = new Deliveries();
    safe.startWith(opened.vector());
    this.log = opened;
  }

  /** The log has ended: subscribers go on by other subscriptions, once another log is open. */
  void close(Throwable why) {
    log = null;
    subscriptions.forEach(subscription -> subscription.lose(why));
  }

  /** Has what is missing here fetched, once in a while for however many subscribers. */
  private void fetch() {
    long last = fetchedNanos.get();
    long now = System.nanoTime();
    if (now - last >= FETCH_AGAIN.toNanos() && fetchedNanos.compareAndSet(last, now)) {
      fetch.run();
    }
  }

  /** Ops were committed; called by the log, in their order. */
  void committed(List<OpLog.Entry> entries) {
    if (entries.stream().anyMatch(this::mayBeShown)) {
      rounds.wake();
    }
  }

  /** Most ops are here before a majority has them: then nobody is woken until that is so. */
  private boolean mayBeShown(OpLog.Entry entry) {
    Op op = entry.op();
    // What a fold names a majority has.
    return entry.content() instanceof Content.Fold || safe.covers(op.origin(), op.sequence());
  }

  /** A majority has an origin's ops up to this one. */
  void safe(Origin origin, long sequence) {
    long before = safe.rise(origin, sequence);
    OpLog opened = log;
    if (opened != null && opened.held(origin) > before) {
      rounds.wake();
    }
  }

  /**
   * Delivers messages to a subscriber, on the caller's Vert.x context, until the subscription is
   * closed.
   *
   * @param position of the last message that was delivered, null to begin now
   * @throws Refused when the position is none of ours, there is no such channel or user, or the
   *     server has not started
   */
  public Subscription subscribe(
      @Nullable String position, MessageFilter filter, Subscriber subscriber) {
    OpLog opened = opened();
    Predicate<Content.Said> wanted = filter.resolved(opened.names());
    // The place before the vector: what is committed between the two is before this call.
    long now = opened.lastPosition();
    VersionVector held = opened.vector();
    DeltaVector from = position == null ? safe.within(held).delta() : StreamPosition.read(position);
    var subscription =
        new Subscription(opened, vertx.getOrCreateContext(), from, wanted, subscriber);
    subscriptions.add(subscription);
    Optional<VersionVector> delivered = held.folds().resolve(from);
    if (delivered.filter(held::equals).isPresent()) {
      subscription.begin(now, delivered.get());
    } else {
      subscription.beginBehind();
    }
    if (log != opened) {
      subscription.lose(starting());
    }
    return subscription;
  }

  /** The position of now: a subscriber that begins with it gets what comes after. */
  public String position() {
    return safe.token(safe.within(opened().vector()));
  }

  /** How many ops are here that a majority is not known to have; any thread. */
  long unshown() {
    OpLog opened = log;
    return opened == null ? 0 : safe.above(opened.vector());
  }

  private OpLog opened() {
    OpLog opened = log;
    if (opened == null) {
      throw starting();
    }
    return opened;
  }

  private static Refused starting() {
    return new Refused(
        Kind.UNAVAILABLE, "server-starting", "The messages of this server are not open yet.");
  }

  /** Recent ops after a position, or null when only the disk has them. */
  private @Nullable List<OpLog.Entry> after(long position, OpLog opened) {
    List<OpLog.Entry> found = opened.recent(position, BATCH);
    return found == null && position >= opened.lastPosition() ? List.of() : found;
  }

  /** One subscriber's place in the stream. Used on its context, except where said. */
  public final class Subscription {
    private final OpLog opened;
    private final Context context;

    /** What was delivered before it began. */
    private final DeltaVector from;

    private final Predicate<Content.Said> wanted;
    private final Subscriber subscriber;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Promise<Void> ended = Promise.promise();
    private VersionVector delivered = new VersionVector();
    private long position = -1;
    private boolean isBehind;
    private int fetches;
    private boolean reading;

    /** Where it stopped, for what a majority does not have yet. */
    private @Nullable OpId head;

    private volatile boolean paused;
    private volatile boolean closed;

    private Subscription(
        OpLog opened,
        Context context,
        DeltaVector from,
        Predicate<Content.Said> wanted,
        Subscriber subscriber) {
      this.opened = opened;
      this.context = context;
      this.from = from;
      this.wanted = wanted;
      this.subscriber = subscriber;
    }

    /** Delivers nothing until {@link #resume}; any thread. */
    public void pause() {
      paused = true;
    }

    /** Goes on after the last delivered message; any thread. */
    public void resume() {
      paused = false;
      wake();
    }

    /** Ends it; any thread. */
    public void close() {
      closed = true;
      subscriptions.remove(this);
      ended.tryComplete();
    }

    /**
     * Succeeds when it is closed, and fails when nothing more comes though nobody closed it: the
     * subscriber goes on by another one, behind the last position that it was given.
     */
    public Future<Void> ended() {
      return ended.future();
    }

    private void lose(Throwable why) {
      closed = true; // first: who hears of the end asks for the place behind all that came
      ended.tryFail(why);
      close();
    }

    /** Begins behind what was delivered, once that is here. */
    private void beginBehind() {
      context.runOnContext(
          here -> {
            isBehind = true;
            fetchAgain();
          });
    }

    private void place() {
      if (!isBehind || closed) {
        return;
      }
      VersionVector held = opened.vector();
      Optional<VersionVector> had = held.folds().resolve(from);
      boolean isLate = fetches == MOST_FETCHES;
      if (had.isPresent() && (isLate || held.covers(had.get()))) {
        isBehind = false;
        opened
            .positionBefore(had.get().copy())
            .onSuccess(at -> begin(at, had.get()))
            .onFailure(this::lose);
      } else if (isLate) {
        lose(StreamPosition.notHere());
      }
    }

    private void fetchAgain() {
      place();
      if (isBehind && !closed) {
        fetches++;
        fetch();
        vertx.setTimer(FETCH_AGAIN.toMillis(), late -> fetchAgain());
      }
    }

    private void begin(long at, VersionVector had) {
      context.runOnContext(
          here -> {
            delivered = had;
            position = at;
            pump();
          });
    }

    private void wake() {
      if (woken.compareAndSet(false, true)) {
        context.runOnContext(
            here -> {
              woken.set(false);
              pump();
            });
      }
    }

    private void pump() {
      if (position < 0) {
        place();
        return;
      }
      OpId unsafe = head;
      boolean waits = unsafe != null && !safe.covers(unsafe.origin(), unsafe.sequence());
      if (reading || paused || closed || waits) {
        return;
      }
      List<OpLog.Entry> entries = after(position, opened);
      if (entries == null) {
        reading = true;
        opened
            .since(position, BATCH)
            .onComplete((read, error) -> context.runOnContext(here -> arrived(read, error)));
      } else {
        deliver(entries);
      }
    }

    private void arrived(@Nullable List<OpLog.Entry> read, @Nullable Throwable error) {
      reading = false;
      if (read == null) {
        LOG.warn("subscription ended: the log cannot be read", error);
        lose(Objects.requireNonNull(error));
      } else {
        deliver(read);
      }
    }

    /** Delivers what a majority has, and comes back for what is behind these. */
    private void deliver(List<OpLog.Entry> entries) {
      for (OpLog.Entry entry : entries) {
        Op op = entry.op();
        if (paused || closed) {
          return;
        }
        if (!safe.covers(op.origin(), op.sequence())) {
          head = new OpId(op.origin(), op.sequence());
          return;
        }
        position = entry.position();
        if (delivered.covers(op.origin(), op.sequence())) {
          continue;
        }
        boolean known =
            opened.twins(position).stream()
                .anyMatch(twin -> delivered.covers(twin.origin(), twin.sequence()));
        delivered.put(op.origin(), op.sequence());
        if (!known) {
          try {
            hand(entry);
          } catch (RuntimeException defect) {
            LOG.error("subscription ended: its subscriber failed", defect);
            lose(defect);
          }
        }
      }
      if (!entries.isEmpty()) {
        wake();
      }
    }

    private void hand(OpLog.Entry entry) {
      switch (entry.content()) {
        case Content.Said said when wanted.test(said) ->
            subscriber.deliver(deliveries.posted(opened, entry, said), this::token);
        case Content.Said _ -> subscriber.passOver(this::token);
        case Content.User _, Content.Channel _ -> subscriber.created(entry.content());
        case Content.Unseen _ -> {}
      }
    }

    private String token() {
      return deliveries.token(safe, position, delivered);
    }
  }
}
