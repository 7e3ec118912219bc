package dev.batuta.worker;

import dev.batuta.bus.Timers;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.task.TaskHandlers;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What a worker can do beside the ledger. */
public interface WorkerRuntime {
  /** The kinds that it takes. */
  List<String> kinds();

  /**
   * Who runs what one registration is given.
   *
   * @param ended hears what became of each attempt, later or before {@link Attempts#run} returns;
   *     not after {@link Attempts#abandon}
   */
  Attempts attempts(Timers timers, Consumer<Outcome> ended);

  /**
   * That of a worker of this process with so many credits; as many threads again may be slow to
   * end.
   *
   * @param loop runs something on the event loop of the worker, from any thread
   * @param crash ends the worker as a failure would, without a goodbye; called on its event loop by
   *     a COMPUTE that asks for it
   */
  static WorkerRuntime of(TaskHandlers handlers, Executor loop, Runnable crash, int credits) {
    return new HandlerRuntime(handlers, loop, crash, new AtomicInteger(), 2 * credits);
  }
}
