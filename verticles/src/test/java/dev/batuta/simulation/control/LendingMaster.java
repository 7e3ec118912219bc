package dev.batuta.simulation.control;

import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.LendingNews;
import dev.batuta.codec.WorkerMessage;
import dev.batuta.codec.WorkerMessage.Redirect;
import dev.batuta.lending.Lending;
import dev.batuta.lending.LendingEffect;
import dev.batuta.lending.LendingInput;
import dev.batuta.lending.LendingState;
import dev.batuta.lending.Peer;
import dev.batuta.lending.View;
import dev.batuta.orchestrator.dispatch.Dispatch;
import dev.batuta.orchestrator.dispatch.DispatchEffect;
import dev.batuta.orchestrator.dispatch.DispatchInput;
import dev.batuta.orchestrator.dispatch.DispatchSettings;
import dev.batuta.orchestrator.dispatch.FarmView;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The lending core and the farm of one master, wired as the verticles wire them. */
final class LendingMaster extends LendingNode {
  private static final long BEAT = 250 * LendingWorld.MILLI;
  private static final double SERVED_IN_A_SECOND = 20;

  private final Map<String, Peer.Load> loads = new HashMap<>();
  private final Map<String, Long> newest = new HashMap<>();
  private Dispatch dispatch = farm();
  private LendingState lending = lending();
  private double queued;

  /** Tasks a second that arrive. */
  double arrivals;

  LendingMaster(LendingWorld world, int index, String name) {
    super(world, index, name);
  }

  private static Dispatch farm() {
    return new Dispatch(DispatchSettings.of(1000, Duration.ofSeconds(1)), 1, 0, 1);
  }

  private LendingState lending() {
    return LendingState.initial(name(), world.mutation.thresholds(), nowMillis());
  }

  @Override
  void begin() {
    dispatch = farm();
    lending = lending();
    newest.clear();
    loads.clear();
    every(BEAT, this::beat);
    every(BEAT, this::tick);
    every(LendingWorld.SECOND, this::giveWork);
  }

  /** Nothing is left to do. */
  void empty() {
    queued = 0;
    arrivals = 0;
  }

  private void beat() {
    FarmView farm = view().farm();
    Peer.Load load = new Peer.Load(farm.queued(), farm.serving(), farm.borrowed(name(), live()));
    hear(name());
    for (LendingNode other : world.nodes()) {
      if (other != this) {
        tell(
            other,
            "heartbeat",
            () -> {
              other.hear(name());
              if (other instanceof LendingMaster master) {
                master.loads.put(name(), load);
              }
            });
      }
    }
  }

  private void tick() {
    dispatch.step(nowMillis(), new DispatchInput.Tick());
    double seconds = BEAT / 1e6;
    double served = dispatch.farm().serving() * SERVED_IN_A_SECOND * seconds;
    queued = Math.max(0, queued + arrivals * seconds - served);
    take(new LendingInput.Tick());
  }

  /** Tasks go to every worker in the list, also to one that went meanwhile. */
  private void giveWork() {
    for (FarmView.Worker listed : dispatch.farm().workers()) {
      if (!listed.leaving()) {
        LentWorker worker = world.worker(listed.name());
        tell(worker, "run", () -> worker.run(this, listed.registration()));
      }
    }
  }

  private View view() {
    FarmView farm = dispatch.farm();
    List<FarmView.Worker> workers =
        world.mutation == LendingMutation.NO_REST
            ? farm.workers().stream().map(LendingMaster::rested).toList()
            : farm.workers();
    List<Peer> peers =
        live().stream()
            .filter(peer -> !peer.equals(name()))
            .map(peer -> new Peer(peer, loads.get(peer)))
            .toList();
    return new View(new FarmView((int) queued, 0, 0, workers), peers);
  }

  private static FarmView.Worker rested(FarmView.Worker worker) {
    return new FarmView.Worker(
        worker.name(),
        worker.home(),
        worker.registration(),
        worker.outstanding(),
        worker.leaving(),
        1_000_000,
        worker.via());
  }

  private static LendingState restless(LendingState state) {
    return new LendingState(
        state.self(),
        state.thresholds(),
        state.number(),
        state.lookAtMillis(),
        state.calm(),
        state.requests(),
        state.coming(),
        state.releases(),
        state.loans(),
        state.away(),
        state.answers(),
        state.refused(),
        Map.of());
  }

  private void take(LendingInput input) {
    Lending.Step step = Lending.step(lending, nowMillis(), view(), input);
    lending = world.mutation == LendingMutation.NO_REST ? restless(step.next()) : step.next();
    step.effects().forEach(this::carryOut);
  }

  private void carryOut(LendingEffect effect) {
    switch (effect) {
      case LendingEffect.Send(String peer, LendingMessage message) -> {
        if (world.mutation != LendingMutation.NOTHING_IS_GIVEN_BACK
            || !(message instanceof CommandRelease)) {
          LendingMaster to = world.master(peer);
          tell(to, "lending", () -> to.take(new LendingInput.Heard(message)));
        }
      }
      case LendingEffect.Order(String worker, WorkerMessage order) -> {
        if (order instanceof Redirect) {
          world.invariants.lends(this);
        }
        LentWorker to = world.worker(worker);
        tell(to, "order", () -> to.obey(order));
      }
      case LendingEffect.Note(LendingNews news) -> {
        if (world.traces()) {
          String about = news.worker() + " " + news.peer() + " " + news.count();
          note(news.what() + " " + about + " " + news.reason());
        }
      }
    }
  }

  /** Whether it takes what a worker says; a newer number replaces the one before. */
  boolean accepts(String worker, long registration, DispatchInput input) {
    boolean turned =
        dispatch.step(nowMillis(), input).stream()
            .anyMatch(DispatchEffect.TurnAway.class::isInstance);
    if (turned && world.mutation != LendingMutation.MASTERS_TAKE_OLD_NUMBERS) {
      return false;
    }
    if (!(input instanceof DispatchInput.Left)) {
      world.invariants.accepted(this, worker, registration, newest.getOrDefault(worker, 0L));
    }
    newest.merge(worker, registration, Math::max);
    return true;
  }

  /** Whether the farm lists a worker under a number. */
  boolean holds(String worker, long registration) {
    return runs()
        && dispatch.farm().workers().stream()
            .anyMatch(
                listed -> listed.name().equals(worker) && listed.registration() == registration);
  }

  /** Own workers that take tasks and are not told to go. */
  long own() {
    return dispatch.farm().workers().stream()
        .filter(worker -> worker.home().equals(name()) && !worker.leaving())
        .filter(worker -> !lending.loans().containsKey(worker.name()))
        .count();
  }
}
