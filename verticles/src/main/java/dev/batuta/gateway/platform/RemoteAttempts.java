package dev.batuta.gateway.platform;

import dev.batuta.bus.Timers;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.database.Results;
import dev.batuta.gateway.platform.WorkerConversation.Input;
import dev.batuta.worker.Attempts;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one registration of a worker of the platform, which runs them elsewhere. Belongs
 * to one event loop.
 */
final class RemoteAttempts implements Attempts {
  private record Attempt(long id, int number) {}

  private final Timers timers;
  private final Conversation worker;
  private final Consumer<Outcome> ended;

  /** Those that have not ended, with the instant at which each began; one but for a moment. */
  private final Map<Attempt, Long> running = new HashMap<>();

  private boolean over;

  /** With the worker. */
  interface Conversation {
    /**
     * @param attempts of whom this is heard
     */
    void step(RemoteAttempts attempts, Input input);
  }

  RemoteAttempts(Timers timers, Conversation worker, Consumer<Outcome> ended) {
    this.timers = timers;
    this.worker = worker;
    this.ended = ended;
  }

  @Override
  public int running() {
    return running.size();
  }

  @Override
  public void run(Assignment task) {
    running.put(new Attempt(task.id(), task.attempt()), timers.nowMillis());
    worker.step(this, new Input.Assigned(task));
  }

  @Override
  public void drop(long id, int attempt, String why) {
    worker.step(this, new Input.Dropped(id, attempt, why));
  }

  @Override
  public void abandon() {
    over = true;
    Map.copyOf(running)
        .keySet()
        .forEach(each -> worker.step(this, new Input.Abandoned(each.id(), each.number())));
    running.clear();
  }

  /** How an attempt ended: Done or Failed. */
  void end(long id, int attempt, WorkerAnswer how) {
    Long startedAtMillis = running.remove(new Attempt(id, attempt));
    if (over || startedAtMillis == null) {
      return;
    }
    ended.accept(
        switch (how) {
          case WorkerAnswer.Done(String result) ->
              outcome(
                  id,
                  attempt,
                  startedAtMillis,
                  result == null ? null : Result.ofJson(result),
                  null);
          case WorkerAnswer.Failed(String why) ->
              outcome(id, attempt, startedAtMillis, null, Results.reason(why));
          case WorkerAnswer.Received() ->
              throw new IllegalArgumentException("task " + id + " has not ended");
        });
  }

  private Outcome outcome(
      long id, int attempt, long startedAtMillis, @Nullable Result result, @Nullable String error) {
    return new Outcome(id, attempt, false, result, error, startedAtMillis, timers.nowMillis());
  }
}
