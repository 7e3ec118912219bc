package dev.batuta.worker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.batuta.bus.Timers;
import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.database.Results;
import dev.batuta.task.ExactNumbers;
import dev.batuta.task.TaskContext;
import dev.batuta.task.TaskHandler;
import dev.batuta.tracing.CurrentTrace;
import io.vertx.core.json.EncodeException;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs attempts in this process: COMPUTE by a timer, kinds that users added on virtual threads.
 * Belongs to one event loop.
 */
final class AttemptRunner implements Attempts {
  /** So long an abandoned timer may keep what it was for. */
  private static final long LOOK_MILLIS = 60_000;

  private static final ObjectReader PAYLOADS =
      ExactNumbers.mapper(new JsonFactory()).build().readerForMapOf(Object.class);

  private final Timers timers;
  private final HandlerRuntime runtime;
  private final Consumer<Outcome> ended;

  /** What runs, with the thread of a handler. */
  private final Map<Attempt, Optional<Thread>> running = new HashMap<>();

  private boolean over;

  /** One attempt of one task; never equal to another, also when one comes again. */
  private static final class Attempt {
    final Assignment task;
    final long startedAtMillis;

    Attempt(Assignment task, long startedAtMillis) {
      this.task = task;
      this.startedAtMillis = startedAtMillis;
    }
  }

  /**
   * @param ended hears what became of each attempt, later or before {@link #run} returns; not after
   *     {@link #abandon}
   */
  AttemptRunner(Timers timers, HandlerRuntime runtime, Consumer<Outcome> ended) {
    this.timers = timers;
    this.runtime = runtime;
    this.ended = ended;
  }

  @Override
  public int running() {
    return running.size();
  }

  @Override
  public void run(Assignment task) {
    Attempt attempt = new Attempt(task, timers.nowMillis());
    switch (task.payload()) {
      case Compute(long durationMillis, boolean crash, String _) -> {
        if (crash && task.attempt() == 1) {
          runtime.crash().run();
        } else if (durationMillis == 0) {
          ended.accept(outcome(attempt, null, null));
        } else {
          running.put(attempt, Optional.empty());
          compute(attempt, durationMillis, timeoutMillis(task));
        }
      }
      case External(String json) -> handle(attempt, json);
      case Custom(String _, String json) -> handle(attempt, json);
      case Query _, Update _, Transfer _ ->
          throw new IllegalArgumentException("task " + task.id() + " is the ledger's");
    }
  }

  private static long timeoutMillis(Assignment task) {
    return task.timeoutMillis() > 0 ? task.timeoutMillis() : Long.MAX_VALUE;
  }

  private void compute(Attempt attempt, long leftMillis, long timeLeftMillis) {
    long pauseMillis = Math.min(LOOK_MILLIS, Math.min(leftMillis, timeLeftMillis));
    timers.after(
        pauseMillis,
        () -> {
          if (over) {
            return;
          }
          if (pauseMillis == leftMillis) {
            end(attempt, null, null);
          } else if (pauseMillis == timeLeftMillis) {
            end(attempt, null, late(attempt));
          } else {
            compute(attempt, leftMillis - pauseMillis, timeLeftMillis - pauseMillis);
          }
        });
  }

  private void handle(Attempt attempt, String json) {
    Assignment task = attempt.task;
    TaskHandler handler = runtime.handlers().of(task.payload().kind()).orElse(null);
    if (handler == null) {
      ended.accept(
          outcome(attempt, null, "this worker has no handler of " + task.payload().kind()));
      return;
    }
    if (runtime.threads().incrementAndGet() > runtime.maxThreads()) {
      runtime.threads().decrementAndGet();
      ended.accept(
          outcome(
              attempt,
              null,
              runtime.maxThreads() + " handlers run here, most of them given up: they do not end"));
      return;
    }
    Optional<Instant> deadline =
        task.timeoutMillis() > 0
            ? Optional.of(Instant.ofEpochMilli(attempt.startedAtMillis + task.timeoutMillis()))
            : Optional.empty();
    TaskContext context =
        new TaskContext(
            Long.toString(task.id()),
            task.attempt(),
            deadline,
            Optional.ofNullable(task.traceparent()));
    Thread thread =
        Thread.ofVirtual()
            .name("task-" + task.id())
            .unstarted(() -> runHandler(attempt, handler, json, context));
    running.put(attempt, Optional.of(thread));
    thread.start();
    if (task.timeoutMillis() > 0) {
      watch(attempt, task.timeoutMillis());
    }
  }

  /** On a thread of its own. Whatever is thrown there is the end of this attempt, not of more. */
  private void runHandler(Attempt attempt, TaskHandler handler, String json, TaskContext context) {
    Result result = null;
    String error = null;
    try {
      CurrentTrace.mark(context.traceparent().orElse(null));
      Thread.currentThread().setContextClassLoader(handler.getClass().getClassLoader());
      JsonObject made = handler.run(payload(json), context);
      result = made == null ? null : checked(made);
    } catch (Throwable failed) {
      error = Objects.requireNonNullElseGet(failed.getMessage(), failed::toString);
    } finally {
      runtime.threads().decrementAndGet();
    }
    Result made = result;
    String why = error;
    runtime.loop().execute(() -> end(attempt, made, why));
  }

  /** With exact numbers: one with a fraction is a BigDecimal, not the double next to it. */
  private static JsonObject payload(String json) {
    try {
      Map<String, Object> members = PAYLOADS.readValue(json);
      if (members != null) {
        return new JsonObject(members);
      }
    } catch (JsonProcessingException | NumberFormatException other) {
      // Said below, as of null.
    }
    throw new IllegalArgumentException("the payload is no JSON object: " + json);
  }

  private static Result checked(JsonObject made) {
    new Walk().enter(made, 1);
    String json;
    try {
      json = made.encode();
    } catch (EncodeException | ClassCastException noJson) {
      throw new IllegalStateException(
          "the result cannot be written as JSON: " + noJson.getMessage(), noJson);
    }
    Optional<String> flaw = Results.flaw(json);
    if (flaw.isPresent()) {
      throw new IllegalStateException(flaw.get());
    }
    return Result.ofJson(json);
  }

  /** Refuses what the writer of JSON would not come to an end with, or would make a text of. */
  private static final class Walk {
    private int values;

    void enter(@Nullable Object value, int depth) {
      if (++values > TaskMessage.MAX_JSON_BYTES) {
        throw new IllegalStateException(
            "the result has more than %d values: keep it elsewhere"
                .formatted(TaskMessage.MAX_JSON_BYTES));
      }
      switch (value) {
        case Double number -> refuseUnless(Double.isFinite(number));
        case Float number -> refuseUnless(Float.isFinite(number));
        case JsonObject object -> enterAll(object.getMap().values(), depth);
        case Map<?, ?> map -> enterAll(map.values(), depth);
        case Iterable<?> items -> enterAll(items, depth);
        case null, default -> {}
      }
    }

    private void enterAll(Iterable<?> items, int depth) {
      if (depth > Results.MAX_DEPTH) {
        throw new IllegalStateException(Results.TOO_DEEP);
      }
      items.forEach(item -> enter(item, depth + 1));
    }

    private static void refuseUnless(boolean isFinite) {
      if (!isFinite) {
        throw new IllegalStateException(
            "the result has a number that JSON has not (NaN or Infinity): give a text or null");
      }
    }
  }

  /** Gives an attempt up when its time is over, whether its thread heeds that or not. */
  private void watch(Attempt attempt, long leftMillis) {
    long pauseMillis = Math.min(LOOK_MILLIS, leftMillis);
    timers.after(
        pauseMillis,
        () -> {
          Optional<Thread> thread = running.get(attempt);
          if (over || thread == null) {
            return;
          }
          if (pauseMillis < leftMillis) {
            watch(attempt, leftMillis - pauseMillis);
            return;
          }
          thread.ifPresent(Thread::interrupt);
          end(attempt, null, late(attempt));
        });
  }

  private static String late(Attempt attempt) {
    return "no result within " + attempt.task.timeoutMillis() + " ms";
  }

  private void end(Attempt attempt, @Nullable Result result, @Nullable String error) {
    if (running.remove(attempt) != null && !over) {
      ended.accept(outcome(attempt, result, error));
    }
  }

  private Outcome outcome(Attempt attempt, @Nullable Result result, @Nullable String error) {
    return new Outcome(
        attempt.task.id(),
        attempt.task.attempt(),
        false,
        result,
        error == null ? null : Results.reason(error),
        attempt.startedAtMillis,
        timers.nowMillis());
  }

  @Override
  public void drop(long id, int number, String why) {
    running.keySet().stream()
        .filter(attempt -> attempt.task.id() == id && attempt.task.attempt() == number)
        .findFirst()
        .ifPresent(
            attempt -> {
              Objects.requireNonNull(running.get(attempt)).ifPresent(Thread::interrupt);
              end(attempt, null, why);
            });
  }

  @Override
  public void abandon() {
    over = true;
    running.values().forEach(thread -> thread.ifPresent(Thread::interrupt));
    running.clear();
  }
}
