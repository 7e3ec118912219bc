package dev.batuta.worker;

import dev.batuta.bus.Timers;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.task.Kinds;
import dev.batuta.task.TaskHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * What a worker does in this process.
 *
 * @param handlers of kinds that users added
 * @param loop runs something on the event loop of the worker, from any thread
 * @param crash ends the worker as a failure would
 * @param threads of handlers that have not ended, also of attempts that were given up
 * @param maxThreads bound of these: more are not begun
 */
record HandlerRuntime(
    TaskHandlers handlers, Executor loop, Runnable crash, AtomicInteger threads, int maxThreads)
    implements WorkerRuntime {

  @Override
  public List<String> kinds() {
    List<String> kinds = new ArrayList<>(Kinds.COMMON);
    handlers.kinds().stream().sorted().forEach(kinds::add);
    return List.copyOf(kinds);
  }

  @Override
  public Attempts attempts(Timers timers, Consumer<Outcome> ended) {
    return new AttemptRunner(timers, this, ended);
  }
}
