package dev.batuta.dispatchsimulation;

import dev.batuta.codec.TaskMessage.State;

/** Sees what is committed, as it is committed. */
public interface Witness {
  /** Sees nothing. */
  Witness NOBODY =
      new Witness() {
        @Override
        public void accepted(long id) {}

        @Override
        public void attempted(long id, int next) {}

        @Override
        public void ended(long id, State state, int attempt, long term) {}

        @Override
        public void entered(long id, String user) {}
      };

  void accepted(long id);

  /** The number of the next run has changed. */
  void attempted(long id, int next);

  /** An outcome was written, by whoever works under this term. */
  void ended(long id, State state, int attempt, long term);

  /** The ledger was changed. */
  void entered(long id, String user);
}
