package dev.batuta.messaging;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Position;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.AckPolicy;
import dev.batuta.messaging.replica.Acks;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.RepairBackoff;
import dev.batuta.messaging.replica.Replica;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this server's copy and the others' the same: publishes what is made here, takes what others
 * publish, and compares copies where something was lost on the way.
 *
 * <p>All of it runs on the context of its verticle; the log's answers are brought there.
 */
final class Replication {
  private static final Logger LOG = LoggerFactory.getLogger(Replication.class);
  private static final Duration ANSWER = Duration.ofSeconds(3);
  private static final int MOST_OPS = 500;
  private static final int MOST_BYTES = 512 * 1024;

  private final Bus bus;
  private final MessagingSettings settings;
  private final OpLog log;
  private final Context context;
  private final Acks<Promise<Void>> acks;
  private final Map<String, Future<Integer>> comparing = new HashMap<>();
  private final Set<String> fetched = new HashSet<>();
  private boolean completing;

  Replication(Bus bus, MessagingSettings settings, OpLog log, Context context) {
    this.bus = bus;
    this.settings = settings;
    this.log = log;
    this.context = context;
    this.acks = new Acks<>(settings.server(), settings.servers(), settings.acks());
    acks.heard(settings.server(), List.of(), true, log.complete());
  }

  /** Begins to answer other replicas. */
  Future<Void> start() {
    return Future.all(
            bus.serve(Addresses.replica(settings.server()), this::answer),
            bus.listen(acksOf(settings.server()), this::hearHave),
            bus.listen(Addresses.REPLICATION, this::hearOps))
        .mapEmpty();
  }

  /** Answers nobody any more. */
  Future<Void> stop() {
    return Future.join(
            bus.withdraw(Addresses.replica(settings.server())),
            bus.withdraw(acksOf(settings.server())),
            bus.withdraw(Addresses.REPLICATION))
        .mapEmpty();
  }

  private static String acksOf(String server) {
    return Addresses.replica(server) + ".acks";
  }

  /** Tells all servers what was made here; they answer with what they have. */
  void publish(List<Op> made) {
    List<ChatMessage.Op> chunk = new ArrayList<>();
    int bytes = 0;
    for (Op op : made) {
      if (chunk.size() == MOST_OPS || bytes + op.content().length() > MOST_BYTES) {
        bus.publish(Addresses.REPLICATION, new Replicate(settings.server(), List.copyOf(chunk)));
        chunk.clear();
        bytes = 0;
      }
      chunk.add(op.wire());
      bytes += op.content().length();
    }
    if (!chunk.isEmpty()) {
      bus.publish(Addresses.REPLICATION, new Replicate(settings.server(), List.copyOf(chunk)));
    }
  }

  /** Completes when enough servers have an op that is on this server's disk. */
  Future<Void> acknowledged(OpId op, boolean repeated) {
    if (settings.acks() == AckPolicy.LOCAL) {
      return Future.succeededFuture();
    }
    Promise<Void> promise = Promise.promise();
    acks.add(op, promise, System.nanoTime());
    acknowledge();
    if (repeated && !promise.future().isComplete()) {
      others().forEach(this::compare);
    }
    return promise.future();
  }

  /** How many wait for other servers. */
  int waiting() {
    return acks.size();
  }

  /** Repairs what was lost on the way; to be called a few times a second. */
  void tick(RepairBackoff repairs) {
    long now = System.nanoTime();
    for (Promise<Void> late : acks.expired(now - settings.ackTimeout().toNanos())) {
      late.tryFail(unknown());
    }
    Set<String> wanted = new HashSet<>(acks.lagging(now - RepairBackoff.FIRST.toNanos()));
    if (!log.complete()) {
      others().stream().filter(other -> !fetched.contains(other)).forEach(wanted::add);
      completeWhenFetched();
    }
    for (String other : repairs.due(wanted, now)) {
      compare(other)
          .onSuccess(moved -> repairs.succeeded(other))
          .onFailure(error -> LOG.debug("repair with {}: {}", other, error.getMessage()));
    }
  }

  private Refused unknown() {
    return new Refused(
        Kind.UNKNOWN,
        "publish-unknown",
        "It is kept on %s, but too few of the %d servers confirmed it within %d ms: it may be lost or arrive later. Repeat with the same message id."
            .formatted(
                settings.server(), settings.servers().size(), settings.ackTimeout().toMillis()));
  }

  /** The configured servers without this one. */
  List<String> others() {
    return settings.servers().stream().filter(name -> !name.equals(settings.server())).toList();
  }

  private void hearOps(Envelope envelope) {
    if (envelope.message() instanceof Replicate replicate
        && !replicate.server().equals(settings.server())) {
      take(replicate.ops())
          .onSuccess(
              taken -> {
                bus.send(acksOf(replicate.server()), touched(replicate.ops()));
                if (taken.gap()) {
                  compare(replicate.server());
                }
              })
          .onFailure(error -> LOG.warn("published ops not kept: {}", error.getMessage()));
    }
  }

  private void hearHave(Envelope envelope) {
    if (envelope.message() instanceof Have have) {
      heard(have, false);
    }
  }

  private Future<? extends Message> answer(Envelope envelope) {
    return switch (envelope.message()) {
      case Replicate replicate -> take(replicate.ops()).map(taken -> touched(replicate.ops()));
      case Fetch fetch ->
          here(log.beyond(VersionVector.of(fetch.vector()), bounded(fetch.limit())))
              .map(ops -> new Replicate(settings.server(), ops.stream().map(Op::wire).toList()));
      case Have have -> {
        heard(have, true);
        if (log.vector().covers(VersionVector.of(have.vector()))) {
          has(have.server());
        }
        yield Future.succeededFuture(all());
      }
      default ->
          Future.failedFuture(
              new Refused(
                  Kind.INVALID,
                  "replica-request",
                  "A replica does not answer "
                      + envelope.message().getClass().getSimpleName()
                      + ": send Replicate, Fetch or Have."));
    };
  }

  private static int bounded(int limit) {
    return Math.max(1, Math.min(limit, MOST_OPS));
  }

  private Future<OpLog.Taken> take(List<ChatMessage.Op> ops) {
    return here(log.take(ops.stream().map(Op::of).toList()));
  }

  private Have all() {
    return new Have(
        settings.server(), log.vector().positions(), bus.clock().value(), log.complete());
  }

  private Have touched(List<ChatMessage.Op> ops) {
    VersionVector vector = log.vector();
    List<Position> positions =
        ops.stream()
            .map(op -> new Origin(op.origin(), op.incarnation()))
            .distinct()
            .map(o -> new Position(o.server(), o.incarnation(), vector.of(o)))
            .toList();
    return new Have(settings.server(), positions, bus.clock().value(), log.complete());
  }

  private void heard(Have have, boolean all) {
    acks.heard(have.server(), have.vector(), all, have.complete());
    acknowledge();
  }

  private void acknowledge() {
    acks.acknowledged().forEach(Promise::tryComplete);
  }

  /**
   * Compares copies with another server and moves what either lacks, both ways.
   *
   * @return how many ops moved; the same future for those who ask while it runs
   */
  Future<Integer> compare(String other) {
    Future<Integer> running = comparing.get(other);
    if (running != null) {
      return running;
    }
    Future<Integer> comparison =
        bus.request(Addresses.replica(other), all(), Have.class, ANSWER)
            .compose(
                theirs -> {
                  heard(theirs, true);
                  VersionVector vector = VersionVector.of(theirs.vector());
                  return pull(other, vector)
                      .compose(
                          pulled -> {
                            has(other);
                            return push(other, vector).map(pushed -> pulled + pushed);
                          });
                });
    if (!comparison.isComplete()) {
      comparing.put(other, comparison);
      comparison.onComplete((moved, error) -> comparing.remove(other));
    }
    return comparison.onSuccess(moved -> report(other, moved));
  }

  private void report(String other, int moved) {
    Replica.Counts counts = log.counts();
    LOG.atInfo()
        .addKeyValue("with", other)
        .addKeyValue("moved", moved)
        .addKeyValue("users", counts.users())
        .addKeyValue("channels", counts.channels())
        .addKeyValue("channelMessages", counts.channelMessages())
        .addKeyValue("directMessages", counts.directMessages())
        .addKeyValue("clock", bus.clock().value())
        .log("sync");
  }

  /** Fetches what another server has beyond this one, until nothing is left. */
  private Future<Integer> pull(String other, VersionVector theirs) {
    Promise<Integer> done = Promise.promise();
    pull(other, theirs, 0, done);
    return done.future();
  }

  private void pull(String other, VersionVector theirs, int before, Promise<Integer> done) {
    VersionVector mine = log.vector();
    // Ops of this very life of ours are here, whatever others say of them.
    theirs.put(log.self(), 0);
    if (mine.covers(theirs)) {
      done.complete(before);
      return;
    }
    bus.request(
            Addresses.replica(other),
            new Fetch(settings.server(), mine.positions(), MOST_OPS),
            Replicate.class,
            ANSWER)
        .compose(replicate -> take(replicate.ops()))
        .onFailure(done::tryFail)
        .onSuccess(
            taken -> {
              if (mine.equals(log.vector())) {
                done.tryFail(stuck(other + " has ops that it does not give"));
              } else {
                pull(other, theirs, before + taken.applied(), done);
              }
            });
  }

  /** Sends what another server lacks, until it lacks nothing. */
  private Future<Integer> push(String other, VersionVector theirs) {
    Promise<Integer> done = Promise.promise();
    push(other, theirs, 0, done);
    return done.future();
  }

  private void push(String other, VersionVector theirs, int before, Promise<Integer> done) {
    here(log.beyond(theirs, MOST_OPS))
        .compose(
            ops ->
                ops.isEmpty()
                    ? Future.succeededFuture(Optional.<Integer>empty())
                    : give(other, theirs, ops).map(Optional::of))
        .onFailure(done::tryFail)
        .onSuccess(
            given -> {
              if (given.isEmpty()) {
                done.complete(before);
              } else {
                push(other, theirs, before + given.get(), done);
              }
            });
  }

  private Future<Integer> give(String other, VersionVector theirs, List<Op> ops) {
    var replicate = new Replicate(settings.server(), ops.stream().map(Op::wire).toList());
    return bus.request(Addresses.replica(other), replicate, Have.class, ANSWER)
        .compose(
            have -> {
              heard(have, false);
              VersionVector before = theirs.copy();
              theirs.putAll(have.vector());
              return before.covers(theirs)
                  ? Future.failedFuture(stuck(other + " does not keep what it is sent"))
                  : Future.succeededFuture(ops.size());
            });
  }

  private static Refused stuck(String why) {
    return new Refused(
        Kind.UNAVAILABLE, "sync-stuck", "The copies cannot be made equal now: " + why + ".");
  }

  /** Everything that another server held is here. */
  private void has(String other) {
    if (!log.complete() && others().contains(other)) {
      fetched.add(other);
      completeWhenFetched();
    }
  }

  /** A new disk counts once it has what enough other servers hold. */
  private void completeWhenFetched() {
    if (log.complete() || completing || fetched.size() < settings.completeAfter()) {
      return;
    }
    completing = true;
    here(log.markComplete())
        .onComplete(
            (done, error) -> {
              completing = false;
              acks.heard(settings.server(), List.of(), true, log.complete());
              acknowledge();
              others().forEach(other -> bus.send(acksOf(other), all()));
            });
  }

  /** Brings an answer of the log to this context. */
  <T> Future<T> here(Future<T> future) {
    Promise<T> promise = Promise.promise();
    future.onComplete(
        (value, error) ->
            context.runOnContext(
                onContext -> {
                  if (error == null) {
                    promise.complete(value);
                  } else {
                    promise.fail(error);
                  }
                }));
    return promise.future();
  }
}
