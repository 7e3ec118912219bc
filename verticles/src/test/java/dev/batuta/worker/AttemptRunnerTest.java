package dev.batuta.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Timers;
import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.task.TaskContext;
import dev.batuta.task.TaskHandler;
import dev.batuta.task.TaskHandlers;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class AttemptRunnerTest {
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final Map<Long, Outcome> outcomes = new ConcurrentHashMap<>();
  private final AtomicInteger crashes = new AtomicInteger();
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final CountDownLatch stubborn = new CountDownLatch(1);
  private @Nullable AttemptRunner runner;

  @AfterEach
  void close() {
    stubborn.countDown();
    vertx.close().await();
  }

  /** A kind made of a name and a function. */
  private record Kind(String kind, Body body) implements TaskHandler {
    interface Body {
      @Nullable JsonObject run(JsonObject payload, TaskContext context) throws Exception;
    }

    @Override
    public @Nullable JsonObject run(JsonObject payload, TaskContext context) throws Exception {
      return body.run(payload, context);
    }
  }

  private void start(int maxThreads, Kind... kinds) {
    context.runOnContext(
        turn ->
            runner =
                new AttemptRunner(
                    Timers.of(vertx),
                    new HandlerRuntime(
                        TaskHandlers.of(List.of(kinds)),
                        action -> context.runOnContext(next -> action.run()),
                        crashes::incrementAndGet,
                        new AtomicInteger(),
                        maxThreads),
                    outcome -> outcomes.put(outcome.id(), outcome)));
  }

  private void run(long id, int attempt, long timeoutMillis, Payload payload) {
    Assignment task = new Assignment(id, attempt, timeoutMillis, payload);
    context.runOnContext(turn -> Objects.requireNonNull(runner).run(task));
  }

  private Outcome ended(long id) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> outcomes.containsKey(id));
    return Objects.requireNonNull(outcomes.get(id));
  }

  @Test
  void aThousandThatTakeTimeTakeItAtOnce() {
    start(10);
    AtomicInteger atOnce = new AtomicInteger();
    context.runOnContext(
        turn -> {
          AttemptRunner here = Objects.requireNonNull(runner);
          for (int id = 1; id <= 1000; id++) {
            here.run(new Assignment(id, 1, 0, new Compute(100, false)));
          }
          atOnce.set(here.running());
        });
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> outcomes.size() == 1000);
    assertThat(atOnce).hasValue(1000);
    assertThat(outcomes.values())
        .allSatisfy(
            outcome -> {
              assertThat(outcome.error()).isNull();
              assertThat(outcome.recorded()).isFalse();
              assertThat(outcome.finishedAtMillis() - outcome.startedAtMillis())
                  .isGreaterThanOrEqualTo(99);
            });
  }

  @Test
  void aHandlerAndWhatItLogsKnowTheTrace() {
    String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    start(
        10,
        new Kind(
            "TRACED",
            (payload, task) ->
                new JsonObject()
                    .put("given", task.traceparent().orElse(null))
                    .put("logged", MDC.get("traceId"))));
    context.runOnContext(
        turn ->
            Objects.requireNonNull(runner)
                .run(new Assignment(1, 1, 0, new Custom("TRACED", "{}"), traceparent)));
    run(2, 1, 0, new Custom("TRACED", "{}"));

    assertThat(new JsonObject(Objects.requireNonNull(result(1).json())))
        .isEqualTo(
            new JsonObject()
                .put("given", traceparent)
                .put("logged", "0af7651916cd43dd8448eb211c80319c"));
    assertThat(new JsonObject(Objects.requireNonNull(result(2).json())))
        .isEqualTo(new JsonObject().putNull("given").putNull("logged"));
  }

  private Result result(long id) {
    return Objects.requireNonNull(ended(id).result());
  }

  @Test
  void oneThatTakesNoTimeEndsAtOnce() {
    start(10);
    run(1, 1, 0, new Compute(0, false));
    assertThat(ended(1)).extracting(Outcome::result, Outcome::error).containsExactly(null, null);
  }

  @Test
  void oneThatTakesLongerThanItMayFails() {
    start(10);
    run(1, 1, 30, new Compute(86_400_000, false));
    assertThat(ended(1).error()).isEqualTo("no result within 30 ms");
  }

  @Test
  void aCrashComesAtTheFirstAttemptOnly() {
    start(10);
    run(1, 1, 0, new Compute(0, true));
    run(2, 2, 0, new Compute(0, true));
    assertThat(ended(2).error()).isNull();
    assertThat(crashes).hasValue(1);
    assertThat(outcomes).doesNotContainKey(1L);
  }

  @Test
  void aHandlerSeesItsPayloadAndMakesTheResult() {
    start(
        10,
        new Kind(
            "ECHO",
            (payload, task) ->
                payload
                    .put("id", task.id())
                    .put("attempt", task.attempt())
                    .put("virtual", Thread.currentThread().isVirtual())));
    run(7, 3, 0, new Custom("ECHO", "{\"a\":[1]}"));
    Result result = Objects.requireNonNull(ended(7).result());
    assertThat(result.json()).isEqualTo("{\"a\":[1],\"id\":\"7\",\"attempt\":3,\"virtual\":true}");
  }

  @Test
  void aHandlerSeesNumbersAsTheyWereSubmitted() {
    start(10, new Kind("ECHO", (payload, task) -> payload));
    String numbers =
        "{\"a\":1234567890123456.78,\"b\":[1.10,1E+400],\"c\":{\"d\":123456789012345678901}}";
    run(7, 1, 0, new Custom("ECHO", numbers));
    assertThat(Objects.requireNonNull(ended(7).result()).json()).isEqualTo(numbers);
  }

  @Test
  void aHandlerThatThrowsFailsItsAttemptWithTheMessage() {
    start(
        10,
        new Kind(
            "BAD",
            (payload, task) -> {
              throw new IllegalStateException("no disk");
            }),
        new Kind(
            "WORSE",
            (payload, task) -> {
              throw new StackOverflowError();
            }));
    run(1, 1, 0, new Custom("BAD", "{}"));
    run(2, 1, 0, new Custom("WORSE", "{}"));
    assertThat(ended(1).error()).isEqualTo("no disk");
    assertThat(ended(2).error()).isEqualTo("java.lang.StackOverflowError");
  }

  @Test
  void aResultThatIsTooLargeFails() {
    String large = "x".repeat(TaskMessage.MAX_JSON_BYTES);
    start(10, new Kind("LARGE", (payload, task) -> new JsonObject().put("a", large)));
    run(1, 1, 0, new Custom("LARGE", "{}"));
    assertThat(ended(1).error()).startsWith("the result has 16392 bytes as JSON, more than 16384");
  }

  @Test
  void aNumberThatJsonHasNotFailsInsteadOfTurningIntoAText() {
    start(
        10,
        new Kind(
            "NAN", (payload, task) -> new JsonObject().put("a", new JsonArray().add(Double.NaN))));
    run(1, 1, 0, new Custom("NAN", "{}"));
    assertThat(ended(1).error()).startsWith("the result has a number that JSON has not");
  }

  @Test
  void aResultThatCannotBeKeptFailsAndSaysWhere() {
    start(
        10,
        new Kind(
            "HALF",
            (payload, task) -> new JsonObject().put("a", new JsonArray().add(1).add("x\ud800y"))),
        new Kind("NAME", (payload, task) -> new JsonObject().put("\udc00", 1)),
        new Kind(
            "ERROR",
            (payload, task) -> {
              throw new IllegalStateException("no \ud800 disk");
            }));
    run(1, 1, 0, new Custom("HALF", "{}"));
    run(2, 1, 0, new Custom("NAME", "{}"));
    run(3, 1, 0, new Custom("ERROR", "{}"));
    assertThat(ended(1).error())
        .isEqualTo(
            "in the result: The text at /a/1 has half of a surrogate pair (\\ud800) as its"
                + " character 2: leave it out");
    assertThat(ended(2).error()).startsWith("in the result: The name at /\uFFFD has half");
    assertThat(ended(3).error()).isEqualTo("no \uFFFD disk");
  }

  @Test
  void anExternalOneThatIsNoObjectFailsHere() {
    start(10, new Kind("EXTERNAL", (payload, task) -> payload));
    run(1, 1, 0, new External("[1,2]"));
    run(2, 1, 0, new External("{\"a\":1}"));
    run(3, 1, 0, new External("null"));
    assertThat(ended(1).error()).isEqualTo("the payload is no JSON object: [1,2]");
    assertThat(ended(3).error()).isEqualTo("the payload is no JSON object: null");
    assertThat(Objects.requireNonNull(ended(2).result()).json()).isEqualTo("{\"a\":1}");
  }

  @Test
  void aHandlerThatOutlivesItsTimeIsGivenUpAndInterrupted() throws InterruptedException {
    start(
        10,
        new Kind(
            "SLOW",
            (payload, task) -> {
              assertThat(task.deadline()).isPresent();
              try {
                stubborn.await();
              } catch (InterruptedException over) {
                interrupted.countDown();
              }
              return payload;
            }));
    run(1, 1, 50, new Custom("SLOW", "{}"));
    assertThat(ended(1).error()).isEqualTo("no result within 50 ms");
    interrupted.await();
    assertThat(ended(1).result()).isNull();
  }

  @Test
  void thoseThatDoNotEndAreNotPiledUpWithoutBound() {
    start(
        1,
        new Kind(
            "STUBBORN",
            (payload, task) -> {
              int interruptions = 0;
              while (stubborn.getCount() > 0) {
                try {
                  stubborn.await();
                } catch (InterruptedException notNow) {
                  interruptions++;
                }
              }
              return payload.put("interruptions", interruptions);
            }));
    run(1, 1, 20, new Custom("STUBBORN", "{}"));
    assertThat(ended(1).error()).isEqualTo("no result within 20 ms");
    run(2, 1, 20, new Custom("STUBBORN", "{}"));
    assertThat(ended(2).error()).startsWith("1 handlers run here");
    stubborn.countDown();
    Awaitility.await()
        .until(
            () -> {
              outcomes.remove(3L);
              run(3, 1, 0, new Custom("STUBBORN", "{}"));
              return ended(3).error() == null;
            });
  }

  @Test
  void whatIsCancelledIsInterruptedAndEndsAtOnce() throws InterruptedException {
    CountDownLatch began = new CountDownLatch(1);
    start(
        10,
        new Kind(
            "SLOW",
            (payload, task) -> {
              began.countDown();
              try {
                stubborn.await();
              } finally {
                interrupted.countDown();
              }
              return payload;
            }));
    run(1, 4, 0, new Custom("SLOW", "{}"));
    began.await();
    context.runOnContext(
        turn -> {
          Objects.requireNonNull(runner).drop(1, 3, "of another attempt");
          Objects.requireNonNull(runner).drop(1, 4, "the task was cancelled");
        });
    assertThat(ended(1).error()).isEqualTo("the task was cancelled");
    interrupted.await();
  }

  @Test
  void whatIsAbandonedIsInterruptedAndSaysNothing() throws InterruptedException {
    CountDownLatch began = new CountDownLatch(1);
    start(
        10,
        new Kind(
            "SLOW",
            (payload, task) -> {
              began.countDown();
              try {
                stubborn.await();
              } finally {
                interrupted.countDown();
              }
              return payload;
            }));
    run(1, 1, 0, new Custom("SLOW", "{}"));
    run(2, 1, 0, new Compute(30, false));
    began.await();
    context.runOnContext(turn -> Objects.requireNonNull(runner).abandon());
    interrupted.await();
    vertx.timer(100).await();
    assertThat(outcomes).doesNotContainKey(1L);
  }
}
