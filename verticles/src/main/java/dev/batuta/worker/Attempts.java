package dev.batuta.worker;

import dev.batuta.codec.WorkerMessage.Assignment;

/**
 * Runs the attempts of one registration of a worker that are not the ledger's. All that is here
 * runs at once; who gives work bounds it. Belongs to one event loop.
 */
public interface Attempts {
  /** How many have begun and not ended. */
  int running();

  /** Begins an attempt; what becomes of it is heard once, unless it is abandoned. */
  void run(Assignment task);

  /** Ends an attempt that is not wanted any more, if it runs here. */
  void drop(long id, int attempt, String why);

  /** Nothing of what runs here is wanted any more, and nothing more is heard of it. */
  void abandon();
}
