package dev.batuta.orchestrator;

import dev.batuta.codec.TaskMessage.Counts;
import dev.batuta.codec.TaskMessage.Recent;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.StateCount;
import dev.batuta.codec.Text;
import dev.batuta.orchestrator.dispatch.Dispatch;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.TaskQueue;
import dev.batuta.task.Kinds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many tasks ended how, and the last of them. */
final class Tally {
  static final int RECENT = 20;

  private static final int MAX_ERROR = 200;
  private static final String SEE_THE_TASK = "see the task";

  private final Map<State, Long> ended = new EnumMap<>(State.class);
  private final Deque<Recent> recent = new ArrayDeque<>(RECENT);

  /** Starts from what the store counted. */
  Tally(Map<State, Long> counts) {
    add(counts);
  }

  /** Adds what had ended before it came here. */
  void add(Map<State, Long> counts) {
    counts.forEach(
        (state, count) -> {
          if (state.isFinal()) {
            ended.merge(state, count, Long::sum);
          }
        });
  }

  /** One that was DEAD runs again. */
  void retried() {
    ended.merge(State.DEAD, -1L, Long::sum);
  }

  void add(Finish finish) {
    ended.merge(finish.state(), 1L, Long::sum);
    if (recent.size() == RECENT) {
      recent.removeFirst();
    }
    Result result = finish.result();
    Result shown = result == null || result.json() != null ? null : result; // no long texts here
    recent.addLast(
        new Recent(
            finish.id(), finish.kind(), finish.state(), finish.worker(), shown, reason(finish)));
  }

  /** Everybody sees it, so it is only what Batuta itself says: a user's kind may tell more. */
  private static @Nullable String reason(Finish finish) {
    String error = finish.error();
    if (error != null && !Kinds.COMMON.contains(finish.kind())) {
      return SEE_THE_TASK;
    }
    return error == null ? null : Text.beginning(error, MAX_ERROR);
  }

  Counts counts(Dispatch dispatch, String server, List<String> heirOf) {
    TaskQueue queue = dispatch.queue();
    Map<State, Long> states = new EnumMap<>(ended);
    states.put(State.PENDING, queue.pending());
    states.put(State.RUNNING, (long) queue.running());
    states.put(State.FAILED, (long) queue.failed());
    List<StateCount> counts = new ArrayList<>();
    states.forEach((state, count) -> counts.add(new StateCount(state, count)));
    return new Counts(counts, dispatch.workers(server), List.copyOf(recent), heirOf);
  }
}
