package dev.batuta.lending;

import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.LendingNews;
import dev.batuta.codec.WorkerMessage;

/** What is to be done, in this order. Whatever is sent may be lost: it is sent again. */
public sealed interface LendingEffect {
  /** Tell a peer; it is one of the {@link View#peers} or has just been heard. */
  record Send(String peer, LendingMessage message) implements LendingEffect {}

  /** Tell a worker of the own farm: a Redirect or a Return. */
  record Order(String worker, WorkerMessage order) implements LendingEffect {}

  /** For the log, and for who looks on. */
  record Note(LendingNews news) implements LendingEffect {}
}
