package dev.batuta.orchestrator;

import dev.batuta.orchestrator.dispatch.DispatchEffect.End;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Lost;
import dev.batuta.orchestrator.dispatch.DispatchInput.Completed;
import dev.batuta.orchestrator.dispatch.DispatchInput.Verdict;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The ends of attempts as the store takes them, and what it answers as the queue takes it. Pure.
 */
final class StoredEnds {
  private StoredEnds() {}

  static List<Verdict> verdicts(List<Lost> lost, List<TaskStore.GaveUp> answers) {
    List<Verdict> verdicts = new ArrayList<>(lost.size());
    for (int i = 0; i < lost.size(); i++) {
      TaskStore.GaveUp answer = answers.get(i);
      verdicts.add(new Verdict(lost.get(i), answer.state(), answer.attempt()));
    }
    return verdicts;
  }

  static Completed completed(List<End> ends, List<Long> refused) {
    if (refused.isEmpty()) {
      return new Completed(ends, List.of());
    }
    Set<Long> ids = Set.copyOf(refused);
    Map<Boolean, List<End>> parts =
        ends.stream().collect(Collectors.partitioningBy(end -> ids.contains(end.id())));
    return new Completed(parts.getOrDefault(false, List.of()), parts.getOrDefault(true, List.of()));
  }

  static GivenUp row(Lost lost) {
    return new GivenUp(lost.id(), lost.attempt(), lost.error());
  }

  static Completion row(End end) {
    return new Completion(
        end.id(),
        end.attempt(),
        end.state(),
        end.worker(),
        end.result(),
        end.error(),
        end.startedAtMillis());
  }
}
