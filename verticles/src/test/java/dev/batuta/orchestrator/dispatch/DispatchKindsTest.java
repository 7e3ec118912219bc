package dev.batuta.orchestrator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.orchestrator.dispatch.DispatchEffect.GiveUp;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Load;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Mark;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Send;
import dev.batuta.orchestrator.dispatch.DispatchEffect.TurnAway;
import dev.batuta.orchestrator.dispatch.DispatchInput.Accepted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Adopted;
import dev.batuta.orchestrator.dispatch.DispatchInput.GaveUp;
import dev.batuta.orchestrator.dispatch.DispatchInput.Joined;
import dev.batuta.orchestrator.dispatch.DispatchInput.Left;
import dev.batuta.orchestrator.dispatch.DispatchInput.Loaded;
import dev.batuta.orchestrator.dispatch.DispatchInput.Marked;
import dev.batuta.orchestrator.dispatch.DispatchInput.Reported;
import dev.batuta.orchestrator.dispatch.DispatchInput.Tick;
import dev.batuta.orchestrator.dispatch.DispatchInput.Verdict;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.Kinds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A worker gets what it takes, and what nobody takes holds up nothing. */
class DispatchKindsTest {
  private static final List<String> ALSO_EXTERNAL =
      List.of("QUERY", "UPDATE", "TRANSFER", "COMPUTE", "EXTERNAL");
  private static final int LARGE = 16_000;

  private final TreeMap<Long, QueuedTask> store = new TreeMap<>();
  private final Map<String, List<Long>> sent = new HashMap<>();
  private final List<Integer> attempts = new ArrayList<>();
  private Dispatch dispatch = new Dispatch(DispatchWorld.SETTINGS, 1, 0, 1);
  private int biggest;
  private int largestPage;

  /** A store that answers at once, and workers that end at once what they are given. */
  private void give(DispatchInput first) {
    Deque<DispatchInput> inputs = new ArrayDeque<>(List.of(first));
    while (!inputs.isEmpty()) {
      for (DispatchEffect effect : dispatch.step(1, inputs.remove())) {
        switch (effect) {
          case Mark(long through, Scope of) -> inputs.add(new Marked(through, of));
          case Load(long after, int limit, Scope scope) -> {
            List<QueuedTask> page =
                store.tailMap(after, false).values().stream()
                    .limit(limit)
                    .map(task -> wanted(task, scope))
                    .toList();
            largestPage = Math.max(largestPage, page.stream().mapToInt(task -> task.weight).sum());
            inputs.add(new Loaded(page, page.size() < limit));
          }
          case Send(String worker, long registration, List<Assignment> batch) -> {
            List<Outcome> outcomes = new ArrayList<>();
            for (Assignment task : batch) {
              sent.computeIfAbsent(worker, none -> new ArrayList<>()).add(task.id());
              attempts.add(task.attempt());
              store.remove(task.id());
              outcomes.add(new Outcome(task.id(), task.attempt(), true, null, null, 0, 0));
            }
            inputs.add(new Reported(worker, registration, outcomes));
          }
          default -> {}
        }
        biggest = Math.max(biggest, dispatch.queue().size());
      }
    }
  }

  private static QueuedTask wanted(QueuedTask task, Scope scope) {
    boolean wanted = scope.kinds().contains(task.kind());
    Payload payload = wanted ? task.payload : new Custom(task.kind(), "");
    return new QueuedTask(task.id, payload, task.priority, 0, 0, task.attempt, 3);
  }

  private void accept(int count, int priority, LongFunction<Payload> payload) {
    for (int done = 0; done < count; done += 50) {
      int size = Math.min(50, count - done);
      long first = dispatch.reserve(size).orElseThrow();
      List<QueuedTask> tasks = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        tasks.add(new QueuedTask(first + i, payload.apply(first + i), priority, 0, 0, 1, 3));
      }
      tasks.forEach(task -> store.put(task.id, task));
      give(new Accepted(first, tasks));
    }
  }

  private void join(String worker, Collection<String> kinds) {
    give(new Joined(worker, "s", 1, 7, kinds));
  }

  private static Payload external(long id) {
    return new External("{}");
  }

  private static Payload query(long id) {
    return new Query("u");
  }

  @Test
  void whatNobodyTakesHoldsUpNoOtherAndTakesNoRoom() {
    accept(700, 9, DispatchKindsTest::external);
    accept(200, 0, DispatchKindsTest::query);
    join("w", Kinds.COMMON);
    assertThat(sent.get("w")).hasSize(200).isSorted();
    assertThat(store.values()).hasSize(700).allMatch(task -> task.kind().equals("EXTERNAL"));
    assertThat(dispatch.queue().size()).isZero();
    assertThat(dispatch.queue().pending()).isEqualTo(700);
  }

  @Test
  void aWorkerThatTakesOneCommonKindOnlyGetsThatAndHoldsUpNoOther() {
    accept(20, 9, DispatchKindsTest::query);
    accept(20, 0, id -> new Compute(0, false));
    join("computes", List.of("COMPUTE"));
    assertThat(sent.get("computes")).hasSize(20).isSorted();
    assertThat(store.values()).hasSize(20).allMatch(task -> task.kind().equals("QUERY"));
    join("w", Kinds.COMMON);
    assertThat(sent.get("w")).hasSize(20).isSorted();
    assertThat(store).isEmpty();
  }

  @Test
  void whatNobodyTakesCallsNoWorkersFromOthers() {
    accept(700, 9, DispatchKindsTest::external);
    accept(200, 0, DispatchKindsTest::query);
    assertThat(dispatch.farm().queued()).isEqualTo(200);
    assertThat(dispatch.farm().special()).isEqualTo(700);

    dispatch = new Dispatch(DispatchWorld.SETTINGS, 2, store.size(), 1);
    give(new Tick());
    assertThat(dispatch.farm().queued()).isEqualTo(200);
    assertThat(dispatch.farm().special()).isEqualTo(700);
    join("w", Kinds.COMMON);
    assertThat(dispatch.farm().queued()).isZero();
    assertThat(dispatch.farm().special()).isEqualTo(700);
  }

  @Test
  void aWorkerThatTakesOnlyItsOwnKindIsNotOneThatIsLentOrThatServesTheOthers() {
    join("x", List.of("EXTERNAL"));
    accept(200, 0, DispatchKindsTest::query);
    assertThat(dispatch.farm().workers()).isEmpty();
    assertThat(dispatch.farm().queued()).isEqualTo(200);
    assertThat(dispatch.workers("s")).hasSize(1);
  }

  @Test
  void ofTwoThatAreIdleWhoTakesOneKindOnlyIsGivenIt() {
    join("w", Kinds.COMMON);
    join("computes", List.of("COMPUTE"));
    join("z", Kinds.COMMON);
    accept(1, 0, id -> new Compute(0, false));
    accept(1, 0, DispatchKindsTest::query);
    assertThat(sent.get("computes")).hasSize(1);
    assertThat(sent.get("w")).hasSize(1);
  }

  @Test
  void itIsGivenInItsOrderToTheFirstWhoTakesIt() {
    accept(700, 0, DispatchKindsTest::external);
    join("w", Kinds.COMMON);
    biggest = 0;
    join("x", ALSO_EXTERNAL);
    assertThat(sent.get("x")).hasSize(700).isSorted();
    assertThat(biggest).isLessThan(100);
    assertThat(dispatch.queue().pending()).isZero();
    accept(20, 0, DispatchKindsTest::external);
    assertThat(sent.get("x")).hasSize(720);
  }

  @Test
  void aNewTermReadsPastWhatNobodyTakes() {
    accept(700, 0, DispatchKindsTest::external);
    accept(200, 0, DispatchKindsTest::query);
    dispatch = new Dispatch(DispatchWorld.SETTINGS, 2, store.size(), 1);
    join("w", Kinds.COMMON);
    assertThat(sent.get("w")).hasSize(200).isSorted();
    assertThat(dispatch.queue().pending()).isEqualTo(700);
    join("x", ALSO_EXTERNAL);
    assertThat(sent.get("x")).hasSize(700).isSorted();
    assertThat(dispatch.queue().pending()).isZero();
  }

  @Test
  void ofLargePayloadsLittleIsInMemory() {
    String large = "\"" + "x".repeat(LARGE) + "\"";
    accept(400, 0, id -> new External(large));
    biggest = 0;
    join("x", ALSO_EXTERNAL);
    assertThat(sent.get("x")).hasSize(400).isSorted();
    assertThat(biggest).isLessThanOrEqualTo(7 + 2);
    assertThat(largestPage).isLessThan(20 * LARGE / Weight.UNIT);
  }

  @Test
  void whenTheLastWhoTakesItLeavesItGoesBackAndIsReadAgain() {
    give(new Joined("slow", "s", 1, 1, List.of("EXTERNAL")));
    long first = dispatch.reserve(6).orElseThrow();
    List<QueuedTask> tasks =
        IntStream.range(0, 6)
            .mapToObj(i -> new QueuedTask(first + i, external(first + i), 0, 0, 0, 1, 3))
            .toList();
    tasks.forEach(task -> store.put(task.id, task));
    dispatch.step(1, new Accepted(first, tasks));
    assertThat(dispatch.queue().size()).isEqualTo(6);
    give(new Left("slow", 1, true));
    give(new Marked(first + 1000, new Scope.Kind("EXTERNAL"))); // until now nothing was sent
    assertThat(dispatch.queue().size()).isZero();
    assertThat(dispatch.queue().pending()).isEqualTo(6);
    join("x", ALSO_EXTERNAL);
    assertThat(sent.get("x")).hasSize(6).isSorted();
  }

  /** The reading began before the attempt was given up, and after nobody took its kind any more. */
  @Test
  void whatGoesBackDuringAReadingThatShowsAnEarlierAttemptComesWithItsLast() {
    long id = dispatch.reserve(1).orElseThrow();
    give(new Joined("first", "s", 1, 7, List.of("EXTERNAL")));
    dispatch.step(1, new Accepted(id, List.of(attempt(id, 1))));
    assertThat(dispatch.step(1, new Marked(id, new Scope.Kind("EXTERNAL"))))
        .anyMatch(effect -> effect instanceof Send);
    dispatch.step(1, new Adopted(1)); // of the common kinds it is read first
    assertThat(dispatch.step(1, new Loaded(List.of(), true)))
        .anyMatch(effect -> effect instanceof Load load && isOfExternal(load));

    GiveUp lost =
        dispatch.step(1, new Left("first", 1, false)).stream()
            .filter(GiveUp.class::isInstance)
            .map(GiveUp.class::cast)
            .findFirst()
            .orElseThrow();
    dispatch.step(1, new GaveUp(List.of(new Verdict(lost.lost().getFirst(), State.FAILED, 2))));
    dispatch.step(1_000_000, new Tick());
    dispatch.step(1_000_000, new Joined("other", "s", 1, 7, List.of("QUERY")));
    assertThat(dispatch.queue().size()).isZero();
    dispatch.step(1_000_000, new Joined("second", "s", 1, 7, List.of("EXTERNAL")));
    store.put(id, attempt(id, 2));
    give(new Loaded(List.of(attempt(id, 1)), true));

    assertThat(attempts).containsExactly(2);
  }

  private static QueuedTask attempt(long id, int attempt) {
    return new QueuedTask(id, external(id), 0, 0, 0, attempt, 3);
  }

  private static boolean isOfExternal(Load load) {
    return load.scope().equals(new Scope.Kind("EXTERNAL"));
  }

  @Test
  void aWorkerOfAnOlderVersionGetsWhatThatVersionKnows() {
    accept(20, 9, id -> new Transfer("a", "b", "1"));
    accept(20, 0, DispatchKindsTest::query);
    join("old", List.of());
    assertThat(sent.get("old")).hasSize(20);
    join("new", Kinds.COMMON);
    assertThat(sent.get("new")).hasSize(20);
  }

  @Test
  void aWorkerThatTakesTooManyKindsIsTurnedAway() {
    List<String> many = IntStream.rangeClosed(0, 64).mapToObj(i -> "K" + i).toList();
    assertThat(dispatch.step(1, new Joined("w", "s", 1, 7, many)))
        .singleElement()
        .isInstanceOf(TurnAway.class);
    assertThat(dispatch.step(1, new Joined("w", "s", 1, 7, List.of("no kind"))))
        .singleElement()
        .isInstanceOf(TurnAway.class);
  }
}
