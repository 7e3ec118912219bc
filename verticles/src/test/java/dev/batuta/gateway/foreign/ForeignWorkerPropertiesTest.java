package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.gateway.foreign.Said.Manner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever a worker and its master do, in whatever order. */
class ForeignWorkerPropertiesTest {
  private static final long PATIENCE = WorkerTimes.DEFAULT.patience();

  private static final List<Manner> MANNERS =
      List.of(Manner.USUAL, Manner.BY_WORKER_ID, Manner.BY_FLAG);

  private final List<WorkerEffect> trace = new ArrayList<>();

  @Property(tries = 1_000)
  void itIsToldOneThingForEachThingThatItSaysAndEachTaskIsAnsweredForOnce(@ForAll long seed) {
    new World(new SplittableRandom(seed)).run(300);
  }

  private final class World {
    private final SplittableRandom random;
    private final ForeignWorker worker;
    private final boolean named;
    private final Map<Long, Integer> owed = new HashMap<>();
    private final Deque<Assignment> executing = new ArrayDeque<>();
    private final Set<Long> outstanding = new HashSet<>();
    private final Set<Long> reported = new HashSet<>();
    private final Set<Long> claimed = new HashSet<>();
    private long now = 1_000;
    private long talk = 1;
    private long nextTask = 1;
    private long registration;
    private long asked;
    private long askedAt;
    private boolean resting;
    private boolean gone;

    /** It has closed its only connection, and nothing more can come by that. */
    private boolean mute;

    private Updates shown = Updates.UNTRIED;

    World(SplittableRandom random) {
      this.random = random;
      this.named = random.nextBoolean();
      this.worker = new ForeignWorker(WorkerTimes.DEFAULT, named, Updates.UNTRIED);
    }

    void run(int steps) {
      for (int i = 0; i < steps && !gone; i++) {
        now += random.nextInt(20) == 0 ? random.nextInt(40_000) : random.nextInt(120);
        give(input());
        if (!gone) {
          give(new WorkerInput.Tick());
        }
        if (asked != 0 && !gone) {
          assertThat(now - askedAt).as("it waits for an answer").isLessThan(PATIENCE + 500);
        }
      }
      while (!gone && !executing.isEmpty()) {
        give(ended());
      }
      now += PATIENCE;
      give(new WorkerInput.Tick());
      if (!gone) {
        assertThat(owed.values()).as("all that it said is answered").allMatch(left -> left == 0);
      }
    }

    private WorkerInput input() {
      int kind = random.nextInt(12);
      if (mute && kind <= 5) {
        return new WorkerInput.Tick();
      }
      return switch (kind) {
        case 0, 1, 2 -> {
          asked = talk;
          askedAt = now;
          owed.merge(talk, 1, Integer::sum);
          yield new WorkerInput.Asked(talk, MANNERS.get(random.nextInt(MANNERS.size())));
        }
        case 3, 4 -> {
          owed.merge(talk, 1, Integer::sum);
          String id = random.nextInt(3) == 0 ? Long.toString(1 + random.nextLong(nextTask)) : null;
          yield new WorkerInput.Reported(
              talk, new Said.Result(null, null, true, null, id, null, null, null));
        }
        case 5 -> {
          boolean hears = random.nextBoolean();
          long closed = talk;
          talk += named ? 1 : 0;
          mute = !named;
          if (!hears) {
            owed.remove(closed);
            asked = 0;
          }
          yield new WorkerInput.Closed(closed, hears);
        }
        case 6, 7 -> assignment();
        case 8 -> ended();
        case 9 -> new WorkerInput.Welcomed(registration, 3);
        case 10 -> new WorkerInput.Unheard(registration, random.nextInt(4) == 0);
        default -> new WorkerInput.Tick();
      };
    }

    private WorkerInput assignment() {
      Assignment task = new Assignment(nextTask, 1, 0, payload());
      if (!worker.accepts(registration, 3, task)) {
        return new WorkerInput.Tick();
      }
      nextTask++;
      assertThat(resting).as("one that rests is given nothing").isFalse();
      outstanding.add(task.id());
      return new WorkerInput.Assigned(task);
    }

    private Payload payload() {
      return random.nextBoolean()
          ? new Query("u")
          : new Update("u", random.nextBoolean() ? Operation.SET : Operation.DEPOSIT, "1.00");
    }

    private WorkerInput ended() {
      Assignment task = executing.poll();
      if (task == null) {
        return new WorkerInput.Tick();
      }
      return random.nextInt(4) == 0
          ? new WorkerInput.Failed(task.id(), 1, "broken")
          : new WorkerInput.Executed(
              task.id(), 1, new Outcome(task.id(), 1, true, null, null, now, now));
    }

    private void give(WorkerInput input) {
      for (WorkerEffect effect : worker.step(now, input)) {
        trace.add(effect);
        check(effect);
      }
    }

    private void check(WorkerEffect effect) {
      assertThat(gone).as("nothing comes of one that is gone: %s", effect).isFalse();
      switch (effect) {
        case WorkerEffect.Say(long to, Word word) -> {
          int left = owed.getOrDefault(to, 0);
          assertThat(left).as("it spoke, and was not answered: %s", word).isPositive();
          owed.put(to, left - 1);
          if (to == asked && !(word instanceof Word.Ack || word instanceof Word.Nack)) {
            asked = 0;
          }
        }
        case WorkerEffect.PassOver(long to) ->
            assertThat(owed.merge(to, -1, Integer::sum)).as("it spoke").isNotNegative();
        case WorkerEffect.Shown(Updates updates) -> {
          assertThat(updates).as("one that reported an UPDATE knows them").isNotEqualTo(shown);
          assertThat(shown).isNotEqualTo(Updates.REPORTED);
          shown = updates;
        }
        case WorkerEffect.Register(long number, List<String> kinds) -> {
          assertThat(number).isGreaterThan(registration);
          registration = number;
          resting = false;
        }
        case WorkerEffect.Beat(_, int held, boolean leaving, boolean rests) -> {
          resting = rests;
          if (rests) {
            assertThat(held).as("what it was told it has begun").isZero();
            assertThat(executing).isEmpty();
          }
        }
        case WorkerEffect.Execute(_, Assignment task) -> {
          assertThat(outstanding).as("what is lost is not begun any more").contains(task.id());
          assertThat(claimed.add(task.id())).as("once").isTrue();
          executing.add(task);
        }
        case WorkerEffect.Report(_, Outcome outcome) -> {
          assertThat(outstanding).contains(outcome.id());
          assertThat(reported.add(outcome.id())).as("reported once").isTrue();
        }
        case WorkerEffect.Leave _ -> resting = false;
        case WorkerEffect.Forget() -> gone = true;
        case WorkerEffect.Lost(_, Assignment task, _, _) -> {
          assertThat(claimed).as("what was begun is not lost").doesNotContain(task.id());
          assertThat(outstanding.remove(task.id())).as("lost once").isTrue();
        }
        case WorkerEffect.Differs _ -> {}
      }
    }
  }
}
