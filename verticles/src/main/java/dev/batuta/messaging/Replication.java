package dev.batuta.messaging;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.AntiEntropy;
import dev.batuta.messaging.replica.AntiEntropyEffect;
import dev.batuta.messaging.replica.AntiEntropyInput;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Held;
import dev.batuta.messaging.replica.LogUse;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Replica;
import dev.batuta.messaging.replica.ReplicationSettings;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Carries out, by bus and log, what {@link AntiEntropy} decides, and tells it what comes of it.
 *
 * <p>All of it runs on the context of its verticle; the log's answers are brought there.
 */
final class Replication {
  private static final Logger LOG = LoggerFactory.getLogger(Replication.class);
  private static final Duration ANSWER = Duration.ofSeconds(3);

  private final Bus bus;
  private final String server;
  private final List<String> others;
  private final OpLog log;
  private final Feed feed;
  private final Context context;
  private final Held held;
  private final AntiEntropy rules;
  private final Queue<AntiEntropyInput> inputs = new ArrayDeque<>();
  private final MessagingCounts counts;
  private final Map<Long, Waiter> awaited = new HashMap<>();
  private final Map<Long, Promise<Message>> asked = new HashMap<>();
  private final Map<String, List<Promise<Integer>>> comparing = new HashMap<>();
  private long numbers;
  private long nowNanos; // of the present step
  private boolean stepping;

  /** Who waits for enough servers, and since when. */
  private record Waiter(Promise<Void> promise, long sinceNanos) {}

  Replication(
      Bus bus,
      MessagingSettings settings,
      OpLog log,
      Feed feed,
      MessagingCounts counts,
      Context context) {
    this.bus = bus;
    this.server = settings.server();
    this.log = log;
    this.feed = feed;
    this.counts = counts;
    this.context = context;
    this.held = held(bus, log);
    ReplicationSettings told = settings.ofReplication(log.self());
    this.others = told.others();
    this.rules = new AntiEntropy(told, log.complete());
  }

  private static Held held(Bus bus, OpLog log) {
    return new Held() {
      @Override
      public VersionVector vector() {
        return log.vector();
      }

      @Override
      public boolean complete() {
        return log.complete();
      }

      @Override
      public long clock() {
        return bus.clock().value();
      }
    };
  }

  /** Begins to answer other replicas. */
  Future<Void> start() {
    return Future.all(
            bus.serve(Addresses.replica(server), this::answer),
            bus.listen(acksOf(server), this::hearHave),
            bus.listen(Addresses.REPLICATION, this::hearOps))
        .mapEmpty();
  }

  /** Answers nobody any more, and tells those who wait. */
  Future<Void> stop() {
    Refused unknown =
        new Refused(
            Kind.UNKNOWN,
            "publish-unknown",
            "It was kept on %s, and whether enough servers have it is not known: repeat with the same message id."
                .formatted(server));
    awaited.values().forEach(waiter -> waiter.promise().tryFail(unknown));
    Refused stopped =
        new Refused(
            Kind.UNAVAILABLE,
            "server-stopping",
            "The messages of %s are closed.".formatted(server));
    asked.values().forEach(promise -> promise.tryFail(stopped));
    comparing.values().forEach(all -> all.forEach(promise -> promise.tryFail(stopped)));
    return Future.join(
            bus.withdraw(Addresses.replica(server)),
            bus.withdraw(acksOf(server)),
            bus.withdraw(Addresses.REPLICATION))
        .mapEmpty();
  }

  private static String acksOf(String server) {
    return Addresses.replica(server) + ".acks";
  }

  /** Tells all servers what was made here; they answer with what they have. */
  void publish(List<Op> made) {
    step(new AntiEntropyInput.Made(made));
  }

  /** Completes when enough servers have an op that is on this server's disk. */
  Future<Void> acknowledged(OpId op, boolean repeated) {
    Promise<Void> promise = Promise.promise();
    long ticket = numbers++;
    awaited.put(ticket, new Waiter(promise, System.nanoTime()));
    step(new AntiEntropyInput.Awaited(ticket, op, repeated));
    return promise.future();
  }

  /** How many wait for other servers. */
  int waiting() {
    return rules.waiting();
  }

  /** Repairs what was lost on the way; to be called a few times a second. */
  void tick() {
    step(new AntiEntropyInput.Tick());
    counts.look(rules.waiting(), rules.lags(held));
  }

  /** The configured servers without this one. */
  List<String> others() {
    return others;
  }

  /**
   * Compares copies with another server and moves what either lacks, both ways.
   *
   * @return how many ops moved; of the comparison that runs for those who ask while it does
   */
  Future<Integer> compare(String other) {
    Promise<Integer> promise = Promise.promise();
    comparing.computeIfAbsent(other, peer -> new ArrayList<>(1)).add(promise);
    step(new AntiEntropyInput.CompareAsked(other));
    return promise.future();
  }

  private void hearOps(Envelope envelope) {
    if (envelope.message() instanceof Replicate replicate) {
      step(new AntiEntropyInput.Published(replicate));
    }
  }

  private void hearHave(Envelope envelope) {
    if (envelope.message() instanceof Have have) {
      step(new AntiEntropyInput.Told(have));
    }
  }

  private Future<? extends Message> answer(Envelope envelope) {
    long request = numbers++;
    return switch (envelope.message()) {
      case Replicate pushed -> asked(request, new AntiEntropyInput.PushedBy(request, pushed));
      case Fetch fetch -> asked(request, new AntiEntropyInput.PulledBy(request, fetch));
      case Have have -> asked(request, new AntiEntropyInput.ComparedBy(request, have));
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

  private Future<Message> asked(long request, AntiEntropyInput input) {
    Promise<Message> promise = Promise.promise();
    asked.put(request, promise);
    step(input);
    return promise.future();
  }

  /** One step at a time: what effects bring about at once comes after all of them. */
  private void step(AntiEntropyInput input) {
    inputs.add(input);
    if (stepping) {
      return;
    }
    stepping = true;
    try {
      for (@Nullable AntiEntropyInput next = inputs.poll(); next != null; next = inputs.poll()) {
        nowNanos = System.nanoTime();
        rules.step(nowNanos, held, next).forEach(this::carryOut);
      }
    } finally {
      stepping = false;
    }
  }

  private void carryOut(AntiEntropyEffect effect) {
    switch (effect) {
      case AntiEntropyEffect.Publish(var ops) -> bus.publish(Addresses.REPLICATION, ops);
      case AntiEntropyEffect.Tell(var peer, var have) -> bus.send(acksOf(peer), have);
      case AntiEntropyEffect.Compare(var peer, var have) ->
          ask(peer, have, Have.class, theirs -> new AntiEntropyInput.PeerHas(peer, theirs));
      case AntiEntropyEffect.Pull(var peer, var fetch) ->
          ask(peer, fetch, Replicate.class, ops -> new AntiEntropyInput.PeerGave(peer, ops));
      case AntiEntropyEffect.Push(var peer, var ops) ->
          ask(peer, ops, Have.class, theirs -> new AntiEntropyInput.PeerHas(peer, theirs));
      case AntiEntropyEffect.Take(var use, var ops) ->
          logged(
              use,
              log.take(ops)
                  .map(taken -> new AntiEntropyInput.Taken(use, taken.applied(), taken.gap())));
      case AntiEntropyEffect.Read(var use, var beyond, var limit) ->
          logged(use, log.beyond(beyond, limit).map(ops -> new AntiEntropyInput.Found(use, ops)));
      case AntiEntropyEffect.Mark(var complete) ->
          here(log.mark(complete))
              .onComplete((done, error) -> step(new AntiEntropyInput.MarkEnded()));
      case AntiEntropyEffect.Fold(var parents, var lasts) ->
          here(log.make(Draft.fold(parents, lasts)))
              .onSuccess(made -> reportFold(parents, lasts))
              .onFailure(why -> LOG.debug("fold not made: {}", why.getMessage()))
              .onComplete((made, error) -> step(new AntiEntropyInput.FoldEnded()));
      case AntiEntropyEffect.Answer(var request, var message) ->
          asker(request).tryComplete(message);
      case AntiEntropyEffect.Refuse(var request, var why) -> asker(request).tryFail(why);
      case AntiEntropyEffect.Confirm(var ticket) -> {
        Waiter waiter = waiter(ticket);
        counts.confirm(nowNanos - waiter.sinceNanos());
        waiter.promise().tryComplete();
      }
      case AntiEntropyEffect.Safe(var origin, var sequence) -> feed.safe(origin, sequence);
      case AntiEntropyEffect.GiveUp(var ticket, var why) -> {
        counts.giveUp();
        waiter(ticket).promise().tryFail(why);
      }
      case AntiEntropyEffect.Compared(var peer, var moved) -> {
        counts.compare(moved);
        report(peer, moved);
        comparers(peer).forEach(promise -> promise.tryComplete(moved));
      }
      case AntiEntropyEffect.NotCompared(var peer, var why) -> {
        counts.breakOff();
        LOG.debug("sync with {}: {}", peer, why.getMessage());
        comparers(peer).forEach(promise -> promise.tryFail(why));
      }
      case AntiEntropyEffect.NotKept(_, var why) ->
          LOG.warn("published ops not kept: {}", why.getMessage());
    }
  }

  private <M extends Message> void ask(
      String peer, ChatMessage message, Class<M> answer, Function<M, AntiEntropyInput> input) {
    bus.request(Addresses.replica(peer), message, answer, ANSWER)
        .onComplete(
            answered -> step(input.apply(answered)),
            why -> step(new AntiEntropyInput.PeerFailed(peer, why)));
  }

  private void logged(LogUse use, Future<? extends AntiEntropyInput> done) {
    here(done).onComplete(this::step, why -> step(new AntiEntropyInput.LogFailed(use, why)));
  }

  private Promise<Message> asker(long request) {
    return Objects.requireNonNull(asked.remove(request));
  }

  private Waiter waiter(long ticket) {
    return Objects.requireNonNull(awaited.remove(ticket));
  }

  private List<Promise<Integer>> comparers(String peer) {
    @Nullable List<Promise<Integer>> waiting = comparing.remove(peer);
    return waiting == null ? List.of() : waiting;
  }

  /** What a repair found equal, and nobody asked for, is no news: there may be four a second. */
  private void report(String other, int moved) {
    Replica.Counts counts = log.counts();
    LOG.atLevel(moved > 0 || comparing.containsKey(other) ? Level.INFO : Level.DEBUG)
        .addKeyValue("with", other)
        .addKeyValue("moved", moved)
        .addKeyValue("users", counts.users())
        .addKeyValue("channels", counts.channels())
        .addKeyValue("channelMessages", counts.channelMessages())
        .addKeyValue("directMessages", counts.directMessages())
        .addKeyValue("clock", bus.clock().value())
        .log("sync");
  }

  private static void reportFold(List<OpId> parents, List<OpId> lasts) {
    LOG.atInfo()
        .addKeyValue("origins", lasts.size())
        .addKeyValue("parents", parents.size())
        .log("origins that have ended are folded");
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
