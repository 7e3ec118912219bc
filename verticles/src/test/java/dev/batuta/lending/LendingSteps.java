package dev.batuta.lending;

import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.What;
import dev.batuta.codec.WorkerMessage.Redirect;
import dev.batuta.codec.WorkerMessage.Via;
import dev.batuta.lending.LendingEffect.Note;
import dev.batuta.lending.LendingEffect.Order;
import dev.batuta.orchestrator.dispatch.FarmView;
import dev.batuta.orchestrator.dispatch.FarmView.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The lending of {@code s1}, step by step, and what it sees meanwhile. */
abstract class LendingSteps {
  static final Thresholds THRESHOLDS = new Thresholds(100, 10, 1, Duration.ofSeconds(2));
  static final long LONG_AGO = 1_000_000;

  final List<Worker> workers = new ArrayList<>();
  final List<What> told = new ArrayList<>();
  final List<Peer> peers = new ArrayList<>();
  Map<String, Set<Via>> spoken = Map.of();
  LendingState state = LendingState.initial("s1", THRESHOLDS, 500);
  long now = 1_000;
  int queued;
  int running;
  int special;

  static Worker worker(String name, String home, int outstanding) {
    return new Worker(name, home, 7, outstanding, false, LONG_AGO, Via.BUS);
  }

  static Peer peer(String name, int queued, int workers, int borrowed) {
    return new Peer(name, new Peer.Load(queued, workers, borrowed));
  }

  /** What is sent and ordered; not what is told to who looks on. */
  List<LendingEffect> step(LendingInput input) {
    FarmView farm = new FarmView(queued, special, running, List.copyOf(workers));
    View view = new View(farm, List.copyOf(peers), spoken);
    Lending.Step step = Lending.step(state, now, view, input);
    state = step.next();
    step.effects().stream()
        .filter(Note.class::isInstance)
        .map(Note.class::cast)
        .forEach(note -> told.add(note.news().what()));
    return step.effects().stream().filter(effect -> !(effect instanceof Note)).toList();
  }

  List<LendingEffect> hear(LendingMessage message) {
    return step(new LendingInput.Heard(message));
  }

  List<LendingEffect> tickAfter(long millis) {
    now += millis;
    return step(new LendingInput.Tick());
  }

  static Order redirect(String worker, String to, String... failover) {
    return new Order(worker, new Redirect("s1", 7, to, "s1", List.of(failover)));
  }
}
