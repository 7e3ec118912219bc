package dev.batuta.simulation.dispatch;

import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.WorkerMessage.Assignment;
import java.util.List;

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
        public void retried(long id, int next) {}

        @Override
        public void executing(String server, long term, String worker, List<Assignment> batch) {}

        @Override
        public void entered(long id, String user) {}
      };

  void accepted(long id);

  /** The number of the next run has changed. */
  void attempted(long id, int next);

  /** An outcome was written, by whoever works under this term. */
  void ended(long id, State state, int attempt, long term);

  /** A dead task is to run again. */
  void retried(long id, int next);

  /** A worker is about to execute a batch, if it may. */
  void executing(String server, long term, String worker, List<Assignment> batch);

  /** The ledger was changed. */
  void entered(long id, String user);
}
