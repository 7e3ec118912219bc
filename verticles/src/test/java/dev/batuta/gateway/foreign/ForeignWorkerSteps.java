package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignWorker.ALL_KINDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.gateway.foreign.Said.Manner;
import dev.batuta.gateway.foreign.WorkerEffect.Register;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A worker of another implementation, step by step. */
abstract class ForeignWorkerSteps {
  static final Assignment QUERY = new Assignment(5, 1, 0, new Query("u"));
  static final Assignment SET = new Assignment(6, 1, 0, new Update("u", Operation.SET, "7.50"));
  static final Said.Result OK = result(null, "99.99");

  ForeignWorker worker = new ForeignWorker(WorkerTimes.DEFAULT, true, Updates.UNTRIED);
  long now = 1_000;

  List<WorkerEffect> give(WorkerInput input) {
    return worker.step(now, input);
  }

  List<WorkerEffect> tickAfter(long millis) {
    now += millis;
    return give(new WorkerInput.Tick());
  }

  List<WorkerEffect> ask(long talk) {
    return give(new WorkerInput.Asked(talk, Manner.USUAL));
  }

  static Said.Result result(@Nullable String taskId, @Nullable String balance) {
    return new Said.Result(
        null,
        null,
        true,
        null,
        taskId,
        null,
        balance == null ? null : new BigDecimal(balance),
        null);
  }

  static Outcome recorded(Assignment task, String balance) {
    return new Outcome(
        task.id(), task.attempt(), true, new Result(Status.OK, balance, null), null, 1, 1);
  }

  WorkerInput executed(Assignment task, String balance) {
    return new WorkerInput.Executed(task.id(), task.attempt(), recorded(task, balance));
  }

  void register(long talk) {
    assertThat(ask(talk)).containsExactly(new Register(now, ALL_KINDS));
    assertThat(give(new WorkerInput.Welcomed(now, 3))).isEmpty();
  }

  WorkerEffect lost(long registration, Assignment task, Loss why) {
    Outcome failed = new Outcome(task.id(), task.attempt(), false, null, why.sentence, 0, now);
    return new WorkerEffect.Lost(registration, task, failed, why);
  }
}
