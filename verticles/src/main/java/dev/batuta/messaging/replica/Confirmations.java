package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What waits until enough servers have it, authors and subscribers, and whether this server itself
 * counts, which {@link Completion} says.
 */
final class Confirmations {
  private final Acks<Long> acks;
  private final SafeOps safe = new SafeOps();
  private Completion completion;
  private boolean marking;

  Confirmations(ReplicationSettings settings, boolean complete) {
    this.acks = new Acks<>(settings.server(), settings.servers(), settings.acks());
    this.completion = new Completion(settings);
    acks.isComplete(settings.server(), complete);
  }

  int waiting() {
    return acks.size();
  }

  /** See {@link AntiEntropy#lags}. */
  Map<String, Long> lags(Origin origin, long sequence) {
    return acks.lags(origin, sequence);
  }

  /**
   * Somebody waits from now on.
   *
   * @return whether it is still so after this step
   */
  boolean await(AntiEntropyStep step, long ticket, OpId op) {
    if (step.settings.acks() == AckPolicy.LOCAL) {
      step.add(new AntiEntropyEffect.Confirm(ticket));
      return false;
    }
    acks.add(op, ticket, step.now);
    return !confirm(step).contains(ticket);
  }

  /** The newest folds that the life of a server has that runs; none where it is not known. */
  List<OpId> folds(String server) {
    return acks.folds(server);
  }

  /** Whether all configured servers have said that they know what a fold is. */
  boolean allReadFolds() {
    return acks.allReadFolds();
  }

  /**
   * What a fold may list of this server's copy: origins that have ended, as far as is known, and
   * that a majority has as far as this server.
   */
  List<OpId> finished(AntiEntropyStep step) {
    int majority = AckPolicy.MAJORITY.of(step.settings.servers().size());
    return step.mine().recent().entrySet().stream()
        .filter(last -> !last.getKey().equals(step.settings.self()) && !acks.runs(last.getKey()))
        .filter(last -> acks.reached(last.getKey(), majority) >= last.getValue())
        .map(last -> new OpId(last.getKey(), last.getValue()))
        .toList();
  }

  /** In which round of fetching what is asked for now is asked for. */
  int round() {
    return completion.round();
  }

  /**
   * Another server compares its copy with this one.
   *
   * @return whether it lacks what it said before to have, and what is here
   */
  boolean compared(AntiEntropyStep step, String server, VersionVector theirs) {
    return acks.lacks(server, theirs, step.mine());
  }

  /**
   * A server answers how far it has all origins. So it is this life of it that runs, and lives that
   * were heard of before have ended: a question is answered once, and one at a time is asked.
   *
   * @return the server, as it said of itself
   */
  Completion.Source answered(
      AntiEntropyStep step, Completion.Source asked, Have have, VersionVector theirs) {
    acks.answered(have.server(), have.incarnation());
    heardAll(step, have, theirs);
    if (have.setBack()) {
      becomeIncomplete(step);
    }
    return new Completion.Source(
        asked.server(), have.incarnation(), acks.counts(have.server()), asked.round());
  }

  /**
   * A server says unasked how far it has some origins.
   *
   * @return false where that counts for nothing, because a life of it says so that has not answered
   */
  boolean told(AntiEntropyStep step, Have have) {
    if (!acks.runs(have.server(), have.incarnation())) {
      return !step.settings.others().contains(have.server());
    }
    acks.heard(have.server(), have.vector(), have.complete(), step.now);
    if (!have.base().isEmpty()) {
      step.vector(have).ifPresent(theirs -> acks.has(have.server(), theirs));
    }
    heard(step, have);
    return true;
  }

  /**
   * A server says unasked how far it has all origins.
   *
   * @return false as for {@link #told}
   */
  boolean toldAll(AntiEntropyStep step, Have have, VersionVector theirs) {
    if (!acks.runs(have.server(), have.incarnation())) {
      return !step.settings.others().contains(have.server());
    }
    heardAll(step, have, theirs);
    return true;
  }

  private void heardAll(AntiEntropyStep step, Have have, VersionVector theirs) {
    acks.heardAll(have.server(), theirs, have.complete(), step.mine(), step.now);
    heard(step, have);
  }

  private void heard(AntiEntropyStep step, Have have) {
    acks.folds(have.server(), DeltaVector.ids(have.folds()), have.readsFolds());
    confirm(step);
    have.vector().forEach(at -> rise(step, new Origin(at.origin(), at.incarnation())));
  }

  /**
   * A server publishes what is on its disk.
   *
   * @return false as for {@link #told}
   */
  boolean published(AntiEntropyStep step, Replicate published) {
    if (published.ops().isEmpty()) {
      return true;
    }
    ChatMessage.Op last = published.ops().getLast(); // of one origin, in its order
    if (!last.origin().equals(published.server())) {
      return true;
    }
    if (!acks.runs(published.server(), last.incarnation())) {
      return !step.settings.others().contains(published.server());
    }
    Origin origin = new Origin(last.origin(), last.incarnation());
    acks.has(last.origin(), origin, last.sequence(), step.now);
    rise(step, origin);
    return true;
  }

  private void rise(AntiEntropyStep step, Origin origin) {
    if (!step.settings.shownAtOnce()) {
      long reached = acks.reached(origin, step.settings.shownAfter());
      if (safe.rise(origin, reached, step.mine().folds())) {
        step.add(new AntiEntropyEffect.Safe(origin, reached));
      }
    }
  }

  /** Those who have waited too long are told that nobody knows. */
  void expire(AntiEntropyStep step) {
    ReplicationSettings settings = step.settings;
    for (long late : acks.expired(step.now - settings.ackTimeout().toNanos())) {
      step.add(new AntiEntropyEffect.GiveUp(late, unknown(settings)));
    }
  }

  /** The servers that something waits for, for longer than an answer takes. */
  Set<String> missing(AntiEntropyStep step) {
    long before = step.now - RepairBackoff.FIRST.toNanos();
    Set<String> missing = acks.lagging(before);
    if (!step.settings.shownAtOnce()) {
      // One that counts only now said so of some origins, and not of these.
      safe.lacking().forEach(origin -> rise(step, origin));
      missing.addAll(safe.look(step.mine(), step.now, before, acks::lacking));
    }
    if (!step.held.complete()) {
      missing.addAll(completion.wanted());
    }
    return missing;
  }

  /** Everything that another server held is here. */
  void fetched(AntiEntropyStep step, Completion.Source source) {
    if (!step.held.complete() && step.settings.others().contains(source.server())) {
      completion.fetched(source);
      completeWhenFetched(step);
    }
  }

  void completeWhenFetched(AntiEntropyStep step) {
    if (!step.held.complete() && completion.isReached()) {
      mark(step, true);
    }
  }

  /** What this server had was lost: it may be what others count on. */
  private void becomeIncomplete(AntiEntropyStep step) {
    if (step.held.complete()) {
      completion = new Completion(step.settings);
      mark(step, false);
    }
  }

  private void mark(AntiEntropyStep step, boolean complete) {
    if (!marking) {
      marking = true;
      step.add(new AntiEntropyEffect.Mark(complete));
    }
  }

  /** The disk was marked, or not: the others learn whether this server counts. */
  void marked(AntiEntropyStep step) {
    marking = false;
    acks.isComplete(step.settings.server(), step.held.complete());
    confirm(step);
    step.mine().recent().keySet().forEach(origin -> rise(step, origin));
    step.settings
        .others()
        .forEach(
            other -> step.add(new AntiEntropyEffect.Tell(other, step.all(folds(other), false))));
  }

  private List<Long> confirm(AntiEntropyStep step) {
    List<Long> confirmed = acks.acknowledged();
    confirmed.forEach(ticket -> step.add(new AntiEntropyEffect.Confirm(ticket)));
    return confirmed;
  }

  private static Refused unknown(ReplicationSettings settings) {
    return new Refused(
        Kind.UNKNOWN,
        "publish-unknown",
        "It is kept on %s, but too few of the %d servers confirmed it within %d ms: it may be lost or arrive later. Repeat with the same message id."
            .formatted(
                settings.server(), settings.servers().size(), settings.ackTimeout().toMillis()));
  }
}
