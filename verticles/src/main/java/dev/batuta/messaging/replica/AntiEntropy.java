package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rules by which all copies become and stay the same: ops go to everybody when they are made
 * (direct mail), and two servers at a time compare what they have and move what either lacks, both
 * ways, a bounded number of ops in one message (anti-entropy by push and pull: Demers et al. 1987,
 * "Epidemic Algorithms for Replicated Database Maintenance"). Direct mail may be lost; comparing
 * finds what is missing, and soon where somebody waits for it.
 *
 * <p>Deterministic: no clock, no random, no I/O. Effects are to be carried out as {@link
 * AntiEntropyEffect} says. The state is changed in place, as in the core of dispatch, because
 * 100,000 messages that wait for other servers cannot be copied for each step; the ops themselves
 * are not in it, but in the log. An instance belongs to one thread.
 */
public final class AntiEntropy {
  private static final int MOST_BYTES = 512 * 1024;

  private final ReplicationSettings settings;
  private final Confirmations confirmations;
  private final Comparisons comparisons;
  private final Folding folding;

  /**
   * A replica that starts.
   *
   * @param complete false when the disk is new or was set back
   */
  public AntiEntropy(ReplicationSettings settings, boolean complete) {
    this.settings = settings;
    this.confirmations = new Confirmations(settings, complete);
    this.comparisons = new Comparisons(confirmations);
    this.folding = new Folding(confirmations);
  }

  /** How many wait for other servers. */
  public int waiting() {
    return confirmations.waiting();
  }

  /**
   * How many of the ops that this server made since it started each other server has not said that
   * it has; after the start of that one, or of this one, until they have compared.
   */
  public Map<String, Long> lags(Held held) {
    return confirmations.lags(settings.self(), held.vector().of(settings.self()));
  }

  /**
   * One step.
   *
   * @param nowNanos monotonic, in nanoseconds of any scale
   * @param held what this server has at this moment
   * @return what is to be done, in this order
   * @throws IllegalStateException for the answer to an effect that there was not
   */
  public List<AntiEntropyEffect> step(long nowNanos, Held held, AntiEntropyInput input) {
    AntiEntropyStep step = new AntiEntropyStep(settings, nowNanos, held);
    switch (input) {
      case AntiEntropyInput.Tick() -> tick(step);
      case AntiEntropyInput.Made(var ops) -> publish(step, ops);
      case AntiEntropyInput.Awaited awaited -> await(step, awaited);
      case AntiEntropyInput.CompareAsked(var peer) -> comparisons.begin(step, peer);
      case AntiEntropyInput.Published(var published) -> {
        if (!published.server().equals(settings.server())) {
          if (!confirmations.published(step, published)) {
            comparisons.begin(step, published.server());
          }
          step.keep(new LogUse.Publication(published), published);
        }
      }
      case AntiEntropyInput.Told(var have) -> {
        if (!confirmations.told(step, have)) {
          comparisons.begin(step, have.server());
        }
      }
      case AntiEntropyInput.ComparedBy(var request, var have) -> compared(step, request, have);
      case AntiEntropyInput.PulledBy(var request, var fetch) -> pulled(step, request, fetch);
      case AntiEntropyInput.PushedBy(var request, var pushed) ->
          step.keep(new LogUse.PushedBy(request, pushed), pushed);
      case AntiEntropyInput.PeerHas(var peer, var have) -> comparisons.peerHas(step, peer, have);
      case AntiEntropyInput.PeerGave(var peer, var ops) -> comparisons.peerGave(step, peer, ops);
      case AntiEntropyInput.PeerFailed(var peer, var why) -> comparisons.breakOff(step, peer, why);
      case AntiEntropyInput.Taken taken -> taken(step, taken);
      case AntiEntropyInput.Found(var use, var ops) -> found(step, use, ops);
      case AntiEntropyInput.LogFailed(var use, var why) -> failed(step, use, why);
      case AntiEntropyInput.MarkEnded() -> confirmations.marked(step);
      case AntiEntropyInput.FoldEnded() -> folding.ended();
    }
    return step.effects;
  }

  /** Tells who has waited in vain, and repairs what was lost on the way. */
  private void tick(AntiEntropyStep step) {
    confirmations.expire(step);
    confirmations.completeWhenFetched(step);
    comparisons.repair(step, confirmations.missing(step));
    folding.look(step);
  }

  /** Direct mail: all servers get it, and answer with what they have. */
  private static void publish(AntiEntropyStep step, List<Op> made) {
    List<Op> chunk = new ArrayList<>();
    int bytes = 0;
    for (Op op : made) {
      boolean full =
          chunk.size() == Comparisons.MOST_OPS || bytes + op.content().length() > MOST_BYTES;
      if (full && !chunk.isEmpty()) {
        step.add(new AntiEntropyEffect.Publish(step.replicate(chunk)));
        chunk.clear();
        bytes = 0;
      }
      chunk.add(op);
      bytes += op.content().length();
    }
    if (!chunk.isEmpty()) {
      step.add(new AntiEntropyEffect.Publish(step.replicate(chunk)));
    }
  }

  private void await(AntiEntropyStep step, AntiEntropyInput.Awaited awaited) {
    boolean waits = confirmations.await(step, awaited.ticket(), awaited.op());
    if (waits && awaited.repeated()) {
      // It was published before: nobody answers to that any more.
      settings.others().forEach(other -> comparisons.begin(step, other));
    }
  }

  private void compared(AntiEntropyStep step, long request, Have have) {
    Optional<VersionVector> theirs = step.vector(have);
    boolean setBack =
        theirs.isPresent() && confirmations.compared(step, have.server(), theirs.get());
    // Who names folds that are not here takes this life for another one: the answer tells it.
    if (theirs.isPresent() && !confirmations.toldAll(step, have, theirs.get())) {
      comparisons.begin(step, have.server());
    }
    if (!step.held.complete() && settings.others().contains(have.server())) {
      comparisons.begin(step, have.server());
    }
    LogUse use = new LogUse.ComparedBy(request, setBack, DeltaVector.ids(have.folds()));
    step.add(new AntiEntropyEffect.Take(use, List.of()));
  }

  private static void pulled(AntiEntropyStep step, long request, Fetch fetch) {
    step.vector(fetch.base(), fetch.vector())
        .ifPresentOrElse(
            theirs ->
                step.add(
                    new AntiEntropyEffect.Read(
                        new LogUse.PulledBy(request),
                        theirs,
                        Math.clamp(fetch.limit(), 1, Comparisons.MOST_OPS))),
            () -> step.add(new AntiEntropyEffect.Refuse(request, unknownFolds(step, fetch))));
  }

  private static Refused unknownFolds(AntiEntropyStep step, Fetch fetch) {
    return new Refused(
        Kind.UNAVAILABLE,
        "sync-stuck",
        "%s names folds that %s does not have: compare the copies again."
            .formatted(fetch.server(), step.settings.server()));
  }

  private void taken(AntiEntropyStep step, AntiEntropyInput.Taken taken) {
    switch (taken.use()) {
      case LogUse.Publication(var published) -> {
        String origin = published.server();
        Have touched = step.touched(published.ops());
        toldOf(origin).forEach(other -> step.add(new AntiEntropyEffect.Tell(other, touched)));
        if (taken.gap()) {
          comparisons.begin(step, origin);
        }
      }
      case LogUse.PushedBy(var request, var pushed) ->
          step.add(new AntiEntropyEffect.Answer(request, step.touched(pushed.ops())));
      case LogUse.ComparedBy(var request, var setBack, var folds) ->
          step.add(new AntiEntropyEffect.Answer(request, step.all(folds, setBack)));
      case LogUse.Comparing(var peer) -> comparisons.kept(step, peer, taken.applied());
      case LogUse.PulledBy pulled ->
          throw new IllegalStateException("nothing was to be kept for " + pulled);
    }
  }

  /**
   * Who hears that a publication is kept: its server, which tells its author, and all where that
   * server and one other are no majority.
   */
  private Set<String> toldOf(String server) {
    Set<String> told = new LinkedHashSet<>(List.of(server));
    boolean areMajority = settings.shownAfter() <= 2 && settings.servers().contains(server);
    if (!settings.shownAtOnce() && !areMajority) {
      told.addAll(settings.others());
    }
    return told;
  }

  private void found(AntiEntropyStep step, LogUse use, List<Op> ops) {
    switch (use) {
      case LogUse.PulledBy(var request) ->
          step.add(new AntiEntropyEffect.Answer(request, step.replicate(ops)));
      case LogUse.Comparing(var peer) -> comparisons.read(step, peer, ops);
      case LogUse.Publication _, LogUse.PushedBy _, LogUse.ComparedBy _ ->
          throw new IllegalStateException("nothing was to be read for " + use);
    }
  }

  private void failed(AntiEntropyStep step, LogUse use, Throwable why) {
    switch (use) {
      case LogUse.Publication(var published) ->
          step.add(new AntiEntropyEffect.NotKept(published.server(), why));
      case LogUse.PushedBy(var request, _) -> step.add(new AntiEntropyEffect.Refuse(request, why));
      case LogUse.PulledBy(var request) -> step.add(new AntiEntropyEffect.Refuse(request, why));
      case LogUse.ComparedBy(var request, _, _) ->
          step.add(new AntiEntropyEffect.Refuse(request, why));
      case LogUse.Comparing(var peer) -> comparisons.breakOff(step, peer, why);
    }
  }
}
