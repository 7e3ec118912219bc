package dev.batuta.gateway.foreign;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.gateway.foreign.Said.Manner;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a {@link ForeignWorker}. A talk is a connection, by its number; none has the
 * number 0.
 */
sealed interface WorkerInput {
  /** It presents itself and asks. */
  record Asked(long talk, Manner manner) implements WorkerInput {}

  record Reported(long talk, Said.Result result) implements WorkerInput {}

  /**
   * It says nothing more on a connection.
   *
   * @param hears whether it can be answered there
   */
  record Closed(long talk, boolean hears) implements WorkerInput {}

  /** Its master sends it a task; only what {@link ForeignWorker#accepts}. */
  record Assigned(Assignment task) implements WorkerInput {}

  /** The task was cancelled. */
  record Dropped(long id, int attempt) implements WorkerInput {}

  /** Answer to {@link WorkerEffect.Execute}: the ledger has it; null when the attempt is over. */
  record Executed(long id, int attempt, @Nullable Outcome outcome) implements WorkerInput {}

  /** Answer to {@link WorkerEffect.Execute}: nothing was done, for good. */
  record Failed(long id, int attempt, String error) implements WorkerInput {}

  record Welcomed(long registration, long term) implements WorkerInput {}

  /**
   * @param outdated whether the farm knows a higher number
   */
  record Rejected(long registration, boolean outdated) implements WorkerInput {}

  /** A heartbeat was answered. */
  record Heard(long registration) implements WorkerInput {}

  /**
   * A heartbeat was not answered.
   *
   * @param fenced whether the farm does not know the registration
   */
  record Unheard(long registration, boolean fenced) implements WorkerInput {}

  /** A master spoke to it under a registration that it may have from another door. */
  record Superseded(long registration) implements WorkerInput {}

  /** It is to go elsewhere. */
  record Ordered(Word.Order order) implements WorkerInput {}

  record Tick() implements WorkerInput {}
}
