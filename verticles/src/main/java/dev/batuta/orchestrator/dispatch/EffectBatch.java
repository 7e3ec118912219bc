package dev.batuta.orchestrator.dispatch;

import dev.batuta.orchestrator.dispatch.DispatchEffect.Complete;
import dev.batuta.orchestrator.dispatch.DispatchEffect.End;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finished;
import dev.batuta.orchestrator.dispatch.DispatchEffect.GiveUp;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Lost;
import java.util.ArrayList;
import java.util.List;

/** The effects of one step; what is to be persisted is gathered into batches, which come last. */
final class EffectBatch {
  private final int batch;
  private List<DispatchEffect> effects = new ArrayList<>();
  private List<Lost> lost = new ArrayList<>();
  private List<End> ends = new ArrayList<>();
  private List<Finish> finished = new ArrayList<>();

  /**
   * @param batch most tasks of one effect that persists
   */
  EffectBatch(int batch) {
    this.batch = batch;
  }

  void add(DispatchEffect effect) {
    effects.add(effect);
  }

  void add(Lost attempt) {
    lost.add(attempt);
  }

  void add(End end) {
    ends.add(end);
  }

  void add(Finish finish) {
    finished.add(finish);
  }

  /** All since the last time. */
  List<DispatchEffect> take() {
    for (List<Lost> chunk : chunks(lost)) {
      effects.add(new GiveUp(chunk));
    }
    for (List<End> chunk : chunks(ends)) {
      effects.add(new Complete(chunk));
    }
    if (!finished.isEmpty()) {
      effects.add(new Finished(finished));
    }
    List<DispatchEffect> taken = effects;
    effects = new ArrayList<>();
    lost = new ArrayList<>();
    ends = new ArrayList<>();
    finished = new ArrayList<>();
    return taken;
  }

  private <T> List<List<T>> chunks(List<T> all) {
    List<List<T>> chunks = new ArrayList<>();
    for (int from = 0; from < all.size(); from += batch) {
      chunks.add(List.copyOf(all.subList(from, Math.min(all.size(), from + batch))));
    }
    return chunks;
  }
}
