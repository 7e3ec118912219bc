package dev.batuta.orchestrator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.batuta.orchestrator.store.Scope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Higher priorities go first, and none waits for ever. */
class FairnessTest {
  private static final Set<String> QUERY = Set.of("QUERY");

  private static final int NEVER = Integer.MAX_VALUE;

  @Property(tries = 300)
  void everyLaneIsServedWithinItsPatienceWhateverComes(
      @ForAll long seed, @ForAll @IntRange(min = 10, max = 60) int patience) {
    assertThat(longestWait(seed, patience)).isLessThan(patience + ReadyQueue.PRIORITIES);
  }

  @Test
  void thePlainRuleWouldStarveTheLowest() {
    assertThat(longestWait(7, NEVER)).isGreaterThan(1000);
  }

  @Property(tries = 100)
  void mostOfWhatIsSentIsOfTheHighestThatWaits(@ForAll long seed) {
    int patience = 100;
    ReadyQueue queue = new ReadyQueue(patience);
    SplittableRandom random = new SplittableRandom(seed);
    long id = 1;
    int highest = 0;
    for (int round = 0; round < 3000; round++) {
      for (int priority = 0; priority < ReadyQueue.PRIORITIES; priority++) {
        queue.add(task(id++, priority));
      }
      QueuedTask turn = Objects.requireNonNull(queue.peek(QUERY));
      highest += turn.priority == 9 ? 1 : 0;
      queue.take(turn);
      QueuedTask other = Objects.requireNonNull(queue.peek(QUERY));
      if (random.nextInt(50) == 0) {
        queue.remove(other);
      }
    }
    assertThat(highest).isGreaterThanOrEqualTo(3000 - 3000 * ReadyQueue.PRIORITIES / patience);
  }

  /** How many others were sent at most while the first of a priority waited; some are cancelled. */
  private static int longestWait(long seed, int patience) {
    SplittableRandom random = new SplittableRandom(seed);
    ReadyQueue queue = new ReadyQueue(patience);
    List<Deque<QueuedTask>> waiting = new ArrayList<>();
    int[] waited = new int[ReadyQueue.PRIORITIES];
    for (int i = 0; i < ReadyQueue.PRIORITIES; i++) {
      waiting.add(new ArrayDeque<>());
    }
    int longest = 0;
    long id = 1;
    for (int round = 0; round < 2000; round++) {
      for (int i = random.nextInt(4); i > 0 || (round == 0 && i > -20); i--) {
        // High ones come all the time, others now and then.
        int priority = random.nextInt(3) > 0 ? 9 : random.nextInt(ReadyQueue.PRIORITIES);
        QueuedTask task = task(id++, priority);
        queue.add(task);
        waiting.get(priority).add(task);
      }
      if (random.nextInt(20) == 0) {
        int priority = random.nextInt(ReadyQueue.PRIORITIES);
        QueuedTask cancelled = waiting.get(priority).pollLast();
        if (cancelled != null) {
          queue.remove(cancelled);
        }
      }
      QueuedTask turn = queue.peek(QUERY);
      if (turn == null) {
        continue;
      }
      assertThat(turn).isSameAs(waiting.get(turn.priority).remove());
      queue.take(turn);
      for (int i = 0; i < ReadyQueue.PRIORITIES; i++) {
        waited[i] = i == turn.priority || waiting.get(i).isEmpty() ? 0 : waited[i] + 1;
        longest = Math.max(longest, waited[i]);
      }
    }
    return longest;
  }

  private static QueuedTask task(long id, int priority) {
    return new QueuedTask(id, new Query("u"), priority, 0, 0, 1, 3);
  }

  @Test
  void whatIsOnlyInTheStoreIsReadThoughHigherTasksKeepComing() {
    assertThat(roundsUntilTheLowAreSent(DispatchWorld.SETTINGS)).isLessThan(400);
  }

  /** One worker; as many of the highest come as it does, so that memory never runs empty. */
  private static int roundsUntilTheLowAreSent(DispatchSettings settings) {
    Dispatch dispatch = new Dispatch(settings, 1, 0, 1);
    TreeMap<Long, QueuedTask> store = new TreeMap<>();
    Deque<DispatchInput> inputs = new ArrayDeque<>();
    accept(dispatch, store, inputs, 100, 0);
    accept(dispatch, store, inputs, 30, 9);
    inputs.add(new Joined("w", "s", 1, 5, List.of()));
    for (int round = 0; round < 2000; round++) {
      Deque<DispatchInput> next = new ArrayDeque<>();
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
              batch.forEach(task -> store.remove(task.id()));
              List<Outcome> outcomes =
                  batch.stream()
                      .map(task -> new Outcome(task.id(), task.attempt(), true, null, null, 0, 0))
                      .toList();
              next.add(new Reported(worker, registration, outcomes));
              accept(dispatch, store, next, batch.size(), 9);
            }
            default -> {}
          }
        }
      }
      inputs = next;
      if (store.values().stream().noneMatch(task -> task.priority == 0)) {
        return round;
      }
    }
    throw new AssertionError("low ones wait");
  }

  private static void accept(
      Dispatch dispatch,
      Map<Long, QueuedTask> store,
      Deque<DispatchInput> inputs,
      int count,
      int priority) {
    long first = dispatch.reserve(count).orElseThrow();
    List<QueuedTask> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tasks.add(task(first + i, priority));
    }
    tasks.forEach(task -> store.put(task.id, task));
    inputs.add(new Accepted(first, tasks));
  }
}
