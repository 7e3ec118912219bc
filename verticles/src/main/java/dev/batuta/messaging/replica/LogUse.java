package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage.Replicate;
import java.util.List;

/** What for the log was asked; its answer comes back with it. */
public sealed interface LogUse {
  /** A server published ops. */
  record Publication(Replicate published) implements LogUse {}

  /** Another replica pushes ops. */
  record PushedBy(long request, Replicate pushed) implements LogUse {}

  /**
   * Another replica compares: what it published before is kept first.
   *
   * @param folds that it has
   */
  record ComparedBy(long request, boolean setBack, List<OpId> folds) implements LogUse {}

  /** Another replica pulls ops. */
  record PulledBy(long request) implements LogUse {}

  /** Copies are compared with another server's, which this server began. */
  record Comparing(String peer) implements LogUse {}
}
