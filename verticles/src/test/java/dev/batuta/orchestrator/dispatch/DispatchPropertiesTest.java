package dev.batuta.orchestrator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Load;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Mark;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Send;
import dev.batuta.orchestrator.dispatch.DispatchInput.Accepted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Joined;
import dev.batuta.orchestrator.dispatch.DispatchInput.Loaded;
import dev.batuta.orchestrator.dispatch.DispatchInput.Marked;
import dev.batuta.orchestrator.dispatch.DispatchInput.Reported;
import dev.batuta.orchestrator.dispatch.DispatchWorld.Sabotage;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.Kinds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DispatchPropertiesTest {

  @Property(tries = 400)
  void noTaskIsLostNothingHappensTwiceAndBoundsHoldWhateverBreaks(@ForAll long seed) {
    new DispatchWorld(seed, Sabotage.NONE).run(40);
  }

  @ParameterizedTest
  @EnumSource(value = Sabotage.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void eachInvariantNoticesItsDefect(Sabotage sabotage) {
    assertThatThrownBy(
            () -> {
              for (long seed = 0; seed < 40; seed++) {
                new DispatchWorld(seed, sabotage).run(60);
              }
            })
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(
            switch (sabotage) {
              case SEND_TO_TWO -> " sent to ";
              case SEND_WHAT_IS_NOT_TAKEN -> " does not take ";
              case SEND_BEFORE_MARK -> "before the mark";
              case RETRY_BEFORE_GIVING_UP -> "sent before attempt";
              case FORGET_A_TASK, FORGET_AN_ADOPTION, FORGET_A_RETRY -> "was lost";
              case CANCEL_WHAT_HAS_ENDED -> "is cancelled";
              case MORE_THAN_CREDITS -> "credits";
              case UNBOUNDED_MEMORY -> "in memory";
              case NONE -> "";
            });
  }

  /** One worker, no faults; a queue far longer than what is kept in memory. */
  @Property(tries = 100)
  void withinAPriorityTasksGoOutInTheOrderOfAcceptance(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Dispatch dispatch = new Dispatch(DispatchWorld.SETTINGS, 1, 0, seed);
    TreeMap<Long, QueuedTask> store = new TreeMap<>();
    Map<Integer, Long> last = new HashMap<>();
    Deque<DispatchInput> inputs = new ArrayDeque<>();
    inputs.add(new Joined("w", "s", 1, 7, Kinds.COMMON));
    int sent = 0;
    for (int round = 0; round < 30; round++) {
      int count = 1 + random.nextInt(30);
      long first = dispatch.reserve(count).orElseThrow();
      List<QueuedTask> tasks = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        tasks.add(new QueuedTask(first + i, new Query("u"), random.nextInt(10), 0, 0, 1, 1));
      }
      tasks.forEach(task -> store.put(task.id, task));
      inputs.add(new Accepted(first, tasks));
    }
    int all = store.size();
    Map<Long, QueuedTask> accepted = Map.copyOf(store);
    while (!inputs.isEmpty()) {
      for (DispatchEffect effect : dispatch.step(1, inputs.remove())) {
        switch (effect) {
          case Mark(long through, Scope of) -> inputs.add(new Marked(through, of));
          case Load(long after, int limit, Scope _) -> {
            List<QueuedTask> page =
                store.tailMap(after, false).values().stream().limit(limit).toList();
            inputs.add(new Loaded(page, page.size() < limit));
          }
          case Send(String worker, long registration, List<Assignment> batch) -> {
            List<Outcome> outcomes = new ArrayList<>();
            for (Assignment task : batch) {
              QueuedTask queued = Objects.requireNonNull(accepted.get(task.id()));
              Long before = last.put(queued.priority, task.id());
              assertThat(before == null || before < task.id()).isTrue();
              store.remove(task.id());
              outcomes.add(outcome(task));
              sent++;
            }
            inputs.add(new Reported(worker, registration, outcomes));
          }
          default -> {}
        }
      }
    }
    assertThat(sent).isEqualTo(all);
  }

  private static Outcome outcome(Assignment task) {
    return new Outcome(task.id(), task.attempt(), true, null, null, 0, 0);
  }
}
