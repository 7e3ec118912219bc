package dev.batuta.worker;

import dev.batuta.task.Kinds;
import dev.batuta.task.TaskHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a worker can do beside the ledger.
 *
 * @param handlers of kinds that users added
 * @param loop runs something on the event loop of the worker, from any thread
 * @param crash ends the worker as a failure would, without a goodbye; called on its event loop by a
 *     COMPUTE that asks for it
 * @param threads of handlers that have not ended, also of attempts that were given up
 * @param maxThreads bound of these: more are not begun
 */
public record WorkerRuntime(
    TaskHandlers handlers, Executor loop, Runnable crash, AtomicInteger threads, int maxThreads) {

  /** That of a worker with so many credits; as many threads again may be slow to end. */
  public static WorkerRuntime of(
      TaskHandlers handlers, Executor loop, Runnable crash, int credits) {
    return new WorkerRuntime(handlers, loop, crash, new AtomicInteger(), 2 * credits);
  }

  /** The kinds that it takes. */
  public List<String> kinds() {
    List<String> kinds = new ArrayList<>(Kinds.COMMON);
    handlers.kinds().stream().sorted().forEach(kinds::add);
    return List.copyOf(kinds);
  }
}
