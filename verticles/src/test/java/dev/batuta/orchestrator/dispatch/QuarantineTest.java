package dev.batuta.orchestrator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Complete;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finished;
import dev.batuta.orchestrator.dispatch.DispatchEffect.GiveUp;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Mark;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Send;
import dev.batuta.orchestrator.dispatch.DispatchInput.Accepted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Alive;
import dev.batuta.orchestrator.dispatch.DispatchInput.Completed;
import dev.batuta.orchestrator.dispatch.DispatchInput.GaveUp;
import dev.batuta.orchestrator.dispatch.DispatchInput.Joined;
import dev.batuta.orchestrator.dispatch.DispatchInput.Marked;
import dev.batuta.orchestrator.dispatch.DispatchInput.Reported;
import dev.batuta.orchestrator.dispatch.DispatchInput.Tick;
import dev.batuta.orchestrator.dispatch.DispatchInput.Verdict;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.Kinds;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks that end the workers that run them, among many that do not. */
final class QuarantineTest {
  private static final int ATTEMPTS = 3;
  private static final int CREDITS = 8;

  private final Dispatch dispatch =
      new Dispatch(DispatchSettings.of(10_000, Duration.ofSeconds(1)), 7, 0, 1);
  private final Deque<DispatchEffect> effects = new ArrayDeque<>();
  private final Map<String, Long> registrations = new TreeMap<>();
  private final Map<Long, State> ended = new HashMap<>();

  /** What each worker was given and has not reported. */
  private final Map<String, List<Assignment>> held = new TreeMap<>();

  private Set<Long> poison = Set.of();
  private long endless;
  private long now = 1;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void aPoisonTaskEndsAloneAfterItsAttempts(int workers) {
    long first = accept(20);
    poison = Set.of(first + 3, first + 11);
    for (int i = 1; i <= workers; i++) {
      register("w" + i);
    }
    for (int turn = 0; turn < 400 && ended.size() < 20; turn++) {
      List.copyOf(held.keySet()).forEach(this::work);
      pass();
    }
    for (long id = first; id < first + 20; id++) {
      assertThat(ended).containsEntry(id, poison.contains(id) ? State.DEAD : State.DONE);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSuspectIsNotStarvedByAStreamOfOthers(boolean oneIsStuck) {
    if (oneIsStuck) {
      register("stuck");
      endless = accept(1, 500);
      // Its attempts are given up, and the worker is still at them.
      for (int turn = 0; turn < 300 && !ended.containsKey(endless); turn++) {
        pass();
      }
      assertThat(ended).containsEntry(endless, State.DEAD);
    }
    register("w1");
    long first = accept(1);
    for (int lost = 0; lost < ATTEMPTS - 1; lost++) {
      String with = awaitHeld(first);
      register(with);
    }
    for (int turn = 0; turn < 200 && !ended.containsKey(first); turn++) {
      accept(2 * CREDITS);
      List.copyOf(held.keySet()).forEach(this::work);
      pass();
    }
    assertThat(ended).containsEntry(first, State.DONE);
  }

  @Test
  void aSuspectDoesNotKeepAWorkerThatIsAtALongTask() {
    register("w1");
    long first = accept(1);
    for (int lost = 0; lost < ATTEMPTS - 1; lost++) {
      register(awaitHeld(first));
    }
    endless = accept(1);
    accept(3 * CREDITS);
    for (int turn = 0; turn < 400 && ended.size() < 3 * CREDITS + 1; turn++) {
      work("w1");
      pass();
    }
    assertThat(ended).containsEntry(first, State.DONE).hasSize(3 * CREDITS + 1);
  }

  /** Waits for the back-off of a task; says with whom it is. */
  private String awaitHeld(long id) {
    for (int turn = 0; turn < 100; turn++) {
      for (Map.Entry<String, List<Assignment>> each : held.entrySet()) {
        if (each.getValue().stream().anyMatch(task -> task.id() == id)) {
          return each.getKey();
        }
      }
      pass();
    }
    throw new AssertionError("task " + id + " is with no worker");
  }

  private void pass() {
    now += 100;
    registrations.forEach((name, number) -> give(new Alive(name, number, false)));
    give(new Tick());
  }

  /** A worker does half of what it has; poison ends it before it reports. */
  private void work(String worker) {
    List<Assignment> tasks = held.getOrDefault(worker, new ArrayList<>());
    if (tasks.stream().anyMatch(task -> poison.contains(task.id()))) {
      register(worker);
      return;
    }
    List<Assignment> done =
        tasks.stream().filter(task -> task.id() != endless).limit((tasks.size() + 1) / 2).toList();
    tasks.removeAll(done);
    List<Outcome> outcomes =
        done.stream()
            .map(task -> new Outcome(task.id(), task.attempt(), false, null, null, 0, 0))
            .toList();
    give(new Reported(worker, registrations.getOrDefault(worker, 0L), outcomes));
  }

  private void register(String worker) {
    held.put(worker, new ArrayList<>());
    long number = registrations.merge(worker, 1L, Long::sum);
    give(new Joined(worker, "s", number, CREDITS, Kinds.COMMON));
  }

  private long accept(int count) {
    return accept(count, 0);
  }

  private long accept(int count, long timeoutMillis) {
    long first = dispatch.reserve(count).orElseThrow();
    List<QueuedTask> tasks = new ArrayList<>();
    for (long id = first; id < first + count; id++) {
      tasks.add(new QueuedTask(id, new Query("alice"), 4, 0, timeoutMillis, 1, ATTEMPTS));
    }
    give(new Accepted(first, tasks));
    return first;
  }

  /** With a store that does at once what it is told. */
  private void give(DispatchInput input) {
    effects.addAll(dispatch.step(now, input));
    for (DispatchEffect next = effects.poll(); next != null; next = effects.poll()) {
      switch (next) {
        case Mark(long throughId, Scope scope) -> answer(new Marked(throughId, scope));
        case GiveUp(List<DispatchEffect.Lost> lost) ->
            answer(new GaveUp(lost.stream().map(QuarantineTest::verdict).toList()));
        case Complete(List<DispatchEffect.End> ends) -> answer(new Completed(ends, List.of()));
        case Send send -> {
          List<Assignment> with = held.computeIfAbsent(send.worker(), none -> new ArrayList<>());
          with.addAll(send.tasks());
          assertThat(with).hasSizeLessThanOrEqualTo(CREDITS);
        }
        case Finished(List<Finish> tasks) ->
            tasks.forEach(task -> assertThat(ended.put(task.id(), task.state())).isNull());
        default -> {}
      }
    }
  }

  private void answer(DispatchInput input) {
    effects.addAll(dispatch.step(now, input));
  }

  private static Verdict verdict(DispatchEffect.Lost lost) {
    return lost.attempt() == ATTEMPTS
        ? new Verdict(lost, State.DEAD, ATTEMPTS)
        : new Verdict(lost, State.FAILED, lost.attempt() + 1);
  }
}
