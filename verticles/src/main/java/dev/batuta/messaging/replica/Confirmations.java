package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What waits until enough servers have it, authors and subscribers, and whether this server itself
 * counts: one with a new disk does once it has what enough others hold.
 */
final class Confirmations {
  private final Acks<Long> acks;

  /** Servers all of whose ops a new disk has got. */
  private final Set<String> fetched = new HashSet<>();

  private final SafeOps safe = new SafeOps();
  private boolean completing;

  Confirmations(ReplicationSettings settings, boolean complete) {
    this.acks = new Acks<>(settings.server(), settings.servers(), settings.acks());
    acks.heard(settings.server(), List.of(), true, complete);
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

  /** A server says how far it has some origins, or all. */
  void heard(AntiEntropyStep step, Have have, boolean all) {
    acks.heard(have.server(), have.vector(), all, have.complete());
    confirm(step);
    have.vector().forEach(at -> rise(step, new Origin(at.origin(), at.incarnation())));
  }

  /** A server publishes what is on its disk. */
  void published(AntiEntropyStep step, Replicate published) {
    if (!published.ops().isEmpty()) {
      ChatMessage.Op last = published.ops().getLast(); // of one origin, in its order
      if (last.origin().equals(published.server())) {
        Origin origin = new Origin(last.origin(), last.incarnation());
        acks.has(last.origin(), origin, last.sequence());
        rise(step, origin);
      }
    }
  }

  private void rise(AntiEntropyStep step, Origin origin) {
    if (!step.settings.shownAtOnce()) {
      long reached = acks.reached(origin, step.settings.shownAfter());
      if (safe.rise(origin, reached)) {
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
      missing.addAll(safe.look(step.held.vector(), step.now, before, acks::lacking));
    }
    if (!step.held.complete()) {
      step.settings.others().stream()
          .filter(other -> !fetched.contains(other))
          .forEach(missing::add);
    }
    return missing;
  }

  /** Everything that another server held is here. */
  void has(AntiEntropyStep step, String other) {
    if (!step.held.complete() && step.settings.others().contains(other)) {
      fetched.add(other);
      completeWhenFetched(step);
    }
  }

  void completeWhenFetched(AntiEntropyStep step) {
    if (!step.held.complete() && !completing && fetched.size() >= step.settings.completeAfter()) {
      completing = true;
      step.add(new AntiEntropyEffect.MarkComplete());
    }
  }

  /** The disk was marked, or not: the others learn whether this server counts. */
  void marked(AntiEntropyStep step) {
    completing = false;
    acks.heard(step.settings.server(), List.of(), true, step.held.complete());
    confirm(step);
    step.held.vector().entries().keySet().forEach(origin -> rise(step, origin));
    step.settings
        .others()
        .forEach(other -> step.add(new AntiEntropyEffect.Tell(other, step.all())));
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
