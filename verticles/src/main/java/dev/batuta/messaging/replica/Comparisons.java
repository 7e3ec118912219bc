package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Comparison.Asking;
import dev.batuta.messaging.replica.Comparison.Pulling;
import dev.batuta.messaging.replica.Comparison.Pushing;
import dev.batuta.messaging.replica.Comparison.Reading;
import dev.batuta.messaging.replica.Comparison.Settling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The comparisons that this server began, one at a time with each other: ask what the other has,
 * pull what is missing here, push what was here at that moment and is missing there. Each round
 * moves something, so that it ends; one that moves nothing breaks off.
 *
 * <p>Ops that are only late are not sent again: what one server sends another arrives in its order,
 * so that what was published before a question is there before its answer is given, and what was
 * published before an answer is here before it is acted upon.
 */
final class Comparisons {
  /** Ops in one message at most. */
  static final int MOST_OPS = 500;

  private final Confirmations confirmations;
  private final RepairBackoff repairs = new RepairBackoff();
  private final Map<String, Comparison> running = new HashMap<>();

  Comparisons(Confirmations confirmations) {
    this.confirmations = confirmations;
  }

  /** Begins one, unless one runs with that server. */
  void begin(AntiEntropyStep step, String peer) {
    if (!running.containsKey(peer)) {
      var source = new Completion.Source(peer, 0, false, confirmations.round());
      become(new Comparison(source, step.mine(), false, 0, new Asking()));
      step.add(new AntiEntropyEffect.Compare(peer, step.all(confirmations.folds(peer), false)));
    }
  }

  /** Begins those whose time has come with servers that lack something, or have it. */
  void repair(AntiEntropyStep step, Set<String> wanted) {
    for (String peer : repairs.due(wanted, step.now)) {
      begin(step, peer);
      running.computeIfPresent(peer, (name, comparison) -> comparison.asRepair());
    }
  }

  /** The other said what it has: all of it at first, and then of what it was sent. */
  void peerHas(AntiEntropyStep step, String peer, Have have) {
    Comparison comparison = waitingFor(peer, have);
    switch (comparison.phase()) {
      case Asking() -> {
        Optional<VersionVector> theirs = step.vector(have);
        if (theirs.isEmpty()) {
          breakOff(step, peer, stuck(peer + " names folds that are not here"));
          return;
        }
        var said = confirmations.answered(step, comparison.source(), have, theirs.get());
        become(comparison.with(said).in(new Settling(theirs.get())));
        step.add(new AntiEntropyEffect.Take(new LogUse.Comparing(peer), List.of()));
      }
      case Pushing(var before, var sent) -> {
        confirmations.told(step, have);
        VersionVector theirs = before.copy();
        theirs.putAll(have.vector());
        if (before.covers(theirs)) {
          breakOff(step, peer, stuck(peer + " does not keep what it is sent"));
        } else {
          push(step, comparison.moving(sent), theirs);
        }
      }
      case Settling _, Pulling _, Reading _ -> throw unexpected(comparison, have);
    }
  }

  /** The other gave ops that were missing here. */
  void peerGave(AntiEntropyStep step, String peer, Replicate given) {
    switch (waitingFor(peer, given).phase()) {
      case Pulling _ -> step.keep(new LogUse.Comparing(peer), given);
      case Asking _, Settling _, Reading _, Pushing _ ->
          throw unexpected(waitingFor(peer, given), given);
    }
  }

  /** What the other gave, or had published before it answered, is on this disk. */
  void kept(AntiEntropyStep step, String peer, int applied) {
    Comparison comparison = waitingFor(peer, "ops kept");
    switch (comparison.phase()) {
      case Settling(var theirs) -> pull(step, comparison, theirs);
      case Pulling(var theirs, var before) -> {
        if (before.equals(step.mine())) {
          breakOff(step, peer, stuck(peer + " has ops that it does not give"));
        } else {
          pull(step, comparison.moving(applied), theirs);
        }
      }
      case Asking _, Reading _, Pushing _ -> throw unexpected(comparison, "ops kept");
    }
  }

  /** The log said what the other lacks. */
  void read(AntiEntropyStep step, String peer, List<Op> lacking) {
    Comparison comparison = waitingFor(peer, "ops read");
    switch (comparison.phase()) {
      case Reading(var theirs) -> {
        List<Op> sent =
            lacking.stream()
                .filter(op -> comparison.mine().covers(op.origin(), op.sequence()))
                .toList();
        if (sent.isEmpty() && !lacking.isEmpty()) {
          // All of it came between the question to the log and its answer.
          push(step, comparison, theirs);
        } else if (sent.isEmpty()) {
          end(step, comparison);
        } else {
          become(comparison.in(new Pushing(theirs, sent.size())));
          step.add(new AntiEntropyEffect.Push(peer, step.replicate(sent)));
        }
      }
      case Asking _, Settling _, Pulling _, Pushing _ -> throw unexpected(comparison, "ops read");
    }
  }

  void breakOff(AntiEntropyStep step, String peer, Throwable why) {
    running.remove(peer);
    step.add(new AntiEntropyEffect.NotCompared(peer, why));
  }

  private void pull(AntiEntropyStep step, Comparison comparison, VersionVector theirs) {
    String peer = comparison.peer();
    VersionVector mine = step.mine();
    // Ops of this very life of ours are here, whatever others say of them.
    VersionVector foreign = theirs.copy();
    foreign.put(step.settings.self(), 0);
    if (mine.covers(foreign)) {
      confirmations.fetched(step, comparison.source());
      push(step, comparison, theirs);
      return;
    }
    become(comparison.in(new Pulling(theirs, mine)));
    DeltaVector told = mine.delta(confirmations.folds(peer));
    Fetch fetch =
        new Fetch(step.settings.server(), told.positions(), MOST_OPS, told.basePositions());
    step.add(new AntiEntropyEffect.Pull(peer, fetch));
  }

  private void push(AntiEntropyStep step, Comparison comparison, VersionVector theirs) {
    become(comparison.in(new Reading(theirs)));
    LogUse use = new LogUse.Comparing(comparison.peer());
    step.add(new AntiEntropyEffect.Read(use, comparison.lackedBy(theirs, step.mine()), MOST_OPS));
  }

  private void end(AntiEntropyStep step, Comparison comparison) {
    running.remove(comparison.peer());
    // Who fetches until it counts may find nothing for as long as another server is away.
    if (comparison.repair() && (comparison.moved() > 0 || step.held.complete())) {
      repairs.succeeded(comparison.peer());
    }
    step.add(new AntiEntropyEffect.Compared(comparison.peer(), comparison.moved()));
  }

  private void become(Comparison comparison) {
    running.put(comparison.peer(), comparison);
  }

  private Comparison waitingFor(String peer, Object answer) {
    @Nullable Comparison comparison = running.get(peer);
    if (comparison == null) {
      throw new IllegalStateException(
          "no comparison with %s runs, and it answers %s".formatted(peer, answer));
    }
    return comparison;
  }

  private static IllegalStateException unexpected(Comparison comparison, Object answer) {
    return new IllegalStateException("%s does not wait for %s".formatted(comparison, answer));
  }

  private static Refused stuck(String why) {
    return new Refused(
        Kind.UNAVAILABLE, "sync-stuck", "The copies cannot be made equal now: " + why + ".");
  }
}
