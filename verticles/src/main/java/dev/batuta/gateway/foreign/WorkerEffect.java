package dev.batuta.gateway.foreign;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import java.util.List;

/** What is to be done for a {@link ForeignWorker}, in the order in which it says so. */
sealed interface WorkerEffect {
  record Say(long talk, Word word) implements WorkerEffect {}

  /** One thing that it said on a connection has no answer any more. */
  record PassOver(long talk) implements WorkerEffect {}

  /** Ask the master to join; answered by Welcomed or Rejected. */
  record Register(long registration, List<String> kinds) implements WorkerEffect {}

  /** Say that it lives; answered by Heard or Unheard. */
  record Beat(long registration, int outstanding, boolean leaving, boolean resting)
      implements WorkerEffect {}

  /** What was not reported was never begun by it, and is given to others. */
  record Leave(long registration) implements WorkerEffect {}

  /**
   * Let the ledger execute a task; answered by Executed or Failed.
   *
   * @param term under which it was assigned
   */
  record Execute(long term, Assignment task) implements WorkerEffect {}

  /** Tell the master what became of an attempt, until it has acknowledged that. */
  record Report(long registration, Outcome outcome) implements WorkerEffect {}

  /** The worker's answer is not what the ledger says, or says another user or kind of task. */
  record Differs(Assignment task, Said.Result claimed, Outcome outcome) implements WorkerEffect {}

  /**
   * The worker was told a task, which it has lost; it leaves with that.
   *
   * @param registration under which it had it
   * @param failed what the master is told first, if that costs the task its attempt
   */
  record Lost(long registration, Assignment task, Outcome failed, Loss why)
      implements WorkerEffect {}

  /** It has shown something of UPDATEs. */
  record Shown(Updates updates) implements WorkerEffect {}

  /** The worker is gone; nothing more is to be given. */
  record Forget() implements WorkerEffect {}
}
