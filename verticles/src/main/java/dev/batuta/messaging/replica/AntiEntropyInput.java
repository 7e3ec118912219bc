package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Replicate;
import java.util.List;

/** What happens to a replica. */
public sealed interface AntiEntropyInput {
  /** Time passed; to be given a few times a second. */
  record Tick() implements AntiEntropyInput {}

  /** Ops were made here, in this order, and are on this server's disk. */
  record Made(List<Op> ops) implements AntiEntropyInput {}

  /**
   * Somebody waits until enough servers have an op that is on this server's disk.
   *
   * @param ticket told in {@link AntiEntropyEffect.Confirm} or {@link AntiEntropyEffect.GiveUp},
   *     one of which follows
   * @param repeated whether the op was there before it was asked for
   */
  record Awaited(long ticket, OpId op, boolean repeated) implements AntiEntropyInput {}

  /** The copies are to be compared now; {@link AntiEntropyEffect.Compared} or its failure tells. */
  record CompareAsked(String peer) implements AntiEntropyInput {}

  /** A server published what was made there. */
  record Published(Replicate ops) implements AntiEntropyInput {}

  /** A server tells how far it has some ops, or all. */
  record Told(Have have) implements AntiEntropyInput {}

  /**
   * Another replica compares its copy with this one.
   *
   * @param request told in the {@link AntiEntropyEffect.Answer}
   */
  record ComparedBy(long request, Have have) implements AntiEntropyInput {}

  /** Another replica asks for what it lacks. */
  record PulledBy(long request, Fetch fetch) implements AntiEntropyInput {}

  /** Another replica sends what this one lacks. */
  record PushedBy(long request, Replicate ops) implements AntiEntropyInput {}

  /** The answer to {@link AntiEntropyEffect.Compare} and {@link AntiEntropyEffect.Push}. */
  record PeerHas(String peer, Have have) implements AntiEntropyInput {}

  /** The answer to {@link AntiEntropyEffect.Pull}. */
  record PeerGave(String peer, Replicate ops) implements AntiEntropyInput {}

  /** What a peer was asked for did not come. */
  record PeerFailed(String peer, Throwable why) implements AntiEntropyInput {}

  /**
   * The answer to {@link AntiEntropyEffect.Take}.
   *
   * @param applied how many were new
   * @param gap whether some were left, because ops before them are missing
   */
  record Taken(LogUse use, int applied, boolean gap) implements AntiEntropyInput {}

  /** The answer to {@link AntiEntropyEffect.Read}: in the order of their origins. */
  record Found(LogUse use, List<Op> ops) implements AntiEntropyInput {}

  /** The log did not do what it was asked for. */
  record LogFailed(LogUse use, Throwable why) implements AntiEntropyInput {}

  /** {@link AntiEntropyEffect.Fold} has ended, for good or bad. */
  record FoldEnded() implements AntiEntropyInput {}

  /** {@link AntiEntropyEffect.Mark} has ended; {@link Held#complete} tells how. */
  record MarkEnded() implements AntiEntropyInput {}
}
