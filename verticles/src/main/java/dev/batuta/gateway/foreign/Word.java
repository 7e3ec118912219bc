package dev.batuta.gateway.foreign;

import dev.batuta.codec.WorkerMessage.Assignment;

/** What a worker is told; {@link Words} has the JSON. */
sealed interface Word {
  record Task(Assignment task) implements Word {}

  record NoTask() implements Word {}

  /** Its result is recorded. */
  record Ack() implements Word {}

  /** Its result is not recorded, for a reason. */
  record Nack(Reason reason) implements Word {}

  /** It is to serve another master. */
  record Go(Order order) implements Word {}

  /** Why a result is not recorded. */
  enum Reason {
    NOTHING_OUTSTANDING("no-task-outstanding", "no task is outstanding for this worker"),
    OTHER_CONNECTION(
        "other-connection",
        "the worker's other connection is open: report there, or close it, or name worker and task"),
    ANOTHER_TASK(
        "another-task", "the result is not of the task that is outstanding for this worker"),
    GIVEN_UP("attempt-given-up", "the task was given to another worker meanwhile");

    final String code;
    final String sentence;

    Reason(String code, String sentence) {
      this.code = code;
      this.sentence = sentence;
    }
  }

  /** Where a worker is sent. */
  sealed interface Order {
    /** To the master that borrows it. */
    record Redirect(String target, java.util.List<String> failover) implements Order {}

    /** To the master that it belongs to. */
    record Return() implements Order {}
  }
}
