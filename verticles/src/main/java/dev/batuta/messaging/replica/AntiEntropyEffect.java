package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.Refused;
import java.util.List;

/**
 * What is to be done, in this order and before the next step: a receiver of two {@link Publish} in
 * the wrong order sees a gap and asks for what it is about to get.
 *
 * <p>{@link Compare}, {@link Pull}, {@link Push}, {@link Take}, {@link Read}, {@link Mark} and
 * {@link Fold} are each to be answered by one input, for good or bad and within a bounded time;
 * what follows them waits for that. So nobody is told of an op that is not on this disk: {@link
 * Answer} to a push, and {@link Tell} of a publication, are effects of the step that hears {@link
 * AntiEntropyInput.Taken}.
 */
public sealed interface AntiEntropyEffect {
  /** Tell all servers what was made here; may be lost on the way. */
  record Publish(Replicate ops) implements AntiEntropyEffect {}

  /** Tell a server what is on this disk; may be lost on the way. */
  record Tell(String peer, Have have) implements AntiEntropyEffect {}

  /**
   * Ask a replica what it has. Answered by {@link AntiEntropyInput.PeerHas} or {@link
   * AntiEntropyInput.PeerFailed}.
   */
  record Compare(String peer, Have have) implements AntiEntropyEffect {}

  /**
   * Ask a replica for ops. Answered by {@link AntiEntropyInput.PeerGave} or {@link
   * AntiEntropyInput.PeerFailed}.
   */
  record Pull(String peer, Fetch fetch) implements AntiEntropyEffect {}

  /**
   * Send a replica ops. Answered by {@link AntiEntropyInput.PeerHas} or {@link
   * AntiEntropyInput.PeerFailed}.
   */
  record Push(String peer, Replicate ops) implements AntiEntropyEffect {}

  /**
   * Apply what is new of ops and leave the rest. Answered by {@link AntiEntropyInput.Taken} or
   * {@link AntiEntropyInput.LogFailed}.
   */
  record Take(LogUse use, List<Op> ops) implements AntiEntropyEffect {}

  /**
   * Read at most {@code limit} ops beyond a vector. Answered by {@link AntiEntropyInput.Found} or
   * {@link AntiEntropyInput.LogFailed}.
   */
  record Read(LogUse use, VersionVector beyond, int limit) implements AntiEntropyEffect {}

  /**
   * Keep whether the disk has what it must have to count. Answered by {@link
   * AntiEntropyInput.MarkEnded}.
   */
  record Mark(boolean complete) implements AntiEntropyEffect {}

  /**
   * Make an op that is a fold, see {@link Folds}. Answered by {@link AntiEntropyInput.FoldEnded}.
   */
  record Fold(List<OpId> parents, List<OpId> lasts) implements AntiEntropyEffect {}

  /** Answer a replica that asked. */
  record Answer(long request, ChatMessage message) implements AntiEntropyEffect {}

  /** Tell a replica that asked why it gets no answer. */
  record Refuse(long request, Throwable why) implements AntiEntropyEffect {}

  /** Enough servers have what was waited for. */
  record Confirm(long ticket) implements AntiEntropyEffect {}

  /** A majority has an origin's ops up to this one: subscribers may be given them. */
  record Safe(Origin origin, long sequence) implements AntiEntropyEffect {}

  /** Too few servers said in time that they have what was waited for. */
  record GiveUp(long ticket, Refused why) implements AntiEntropyEffect {}

  /** Copies were equal for a moment, after {@code moved} ops went one way or the other. */
  record Compared(String peer, int moved) implements AntiEntropyEffect {}

  /** A comparison broke off; what had moved is kept. */
  record NotCompared(String peer, Throwable why) implements AntiEntropyEffect {}

  /** For the log: what a server published is not kept here; a comparison will fetch it. */
  record NotKept(String server, Throwable why) implements AntiEntropyEffect {}
}
