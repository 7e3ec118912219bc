package dev.batuta.lending;

import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.LendingNews;
import dev.batuta.codec.LendingMessage.What;
import dev.batuta.codec.WorkerMessage;
import dev.batuta.codec.WorkerMessage.Via;
import dev.batuta.lending.LendingState.Answer;
import dev.batuta.lending.LendingState.Away;
import dev.batuta.lending.LendingState.Coming;
import dev.batuta.lending.LendingState.Loan;
import dev.batuta.lending.LendingState.Release;
import dev.batuta.lending.LendingState.Request;
import dev.batuta.orchestrator.dispatch.FarmView;
import dev.batuta.orchestrator.dispatch.FarmView.Worker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Collects what one step changes and does. */
final class LendingStep {
  /** Workers that are away and do not come back are remembered up to this many. */
  static final int MAX_AWAY = 10_000;

  static final Comparator<Worker> LEAST_LOADED =
      Comparator.comparingInt(Worker::outstanding).thenComparing(Worker::name);

  final String self;
  final Thresholds thresholds;
  final long now;
  final FarmView farm;
  final List<Peer> peers;
  private final Map<String, Set<Via>> spoken;
  final TreeMap<String, Request> requests;
  final TreeMap<String, Coming> coming;
  final TreeMap<String, Release> releases;
  final TreeMap<String, Loan> loans;
  final TreeMap<String, Away> away;
  final TreeMap<String, Answer> answers;
  final TreeMap<String, Long> refused;
  final TreeMap<String, Long> resting;
  int calm;
  private long number;
  private long lookAtMillis;
  private final List<LendingEffect> effects = new ArrayList<>(4);

  LendingStep(LendingState state, long now, View view) {
    this.self = state.self();
    this.thresholds = state.thresholds();
    this.now = now;
    this.farm = view.farm();
    this.peers = view.peers();
    this.spoken = view.spoken();
    this.requests = new TreeMap<>(state.requests());
    this.coming = new TreeMap<>(state.coming());
    this.releases = new TreeMap<>(state.releases());
    this.loans = new TreeMap<>(state.loans());
    this.away = new TreeMap<>(state.away());
    this.answers = new TreeMap<>(state.answers());
    this.refused = new TreeMap<>(state.refused());
    this.resting = new TreeMap<>(state.resting());
    this.calm = state.calm();
    this.number = state.number();
    this.lookAtMillis = state.lookAtMillis();
  }

  Lending.Step over() {
    while (away.size() > MAX_AWAY) {
      away.pollFirstEntry();
    }
    return new Lending.Step(
        new LendingState(
            self,
            thresholds,
            number,
            lookAtMillis,
            calm,
            Collections.unmodifiableMap(requests),
            Collections.unmodifiableMap(coming),
            Collections.unmodifiableMap(releases),
            Collections.unmodifiableMap(loans),
            Collections.unmodifiableMap(away),
            Collections.unmodifiableMap(answers),
            Collections.unmodifiableMap(refused),
            Collections.unmodifiableMap(resting)),
        effects);
  }

  boolean isTimeToLook() {
    if (now < lookAtMillis) {
      return false;
    }
    lookAtMillis = now + thresholds.interval().toMillis();
    return true;
  }

  void forgetPast() {
    refused.values().removeIf(until -> until <= now);
    resting.values().removeIf(until -> until <= now);
    answers.keySet().retainAll(peers.stream().map(Peer::name).toList());
  }

  long nextNumber() {
    return ++number;
  }

  long afterPause(int tries) {
    return now + thresholds.pauseMillis(tries);
  }

  @Nullable Worker worker(String name) {
    for (Worker worker : farm.workers()) {
      if (worker.name().equals(name)) {
        return worker;
      }
    }
    return null;
  }

  /** Those that are here, take tasks, and are not told to go. */
  List<Worker> staying() {
    return farm.workers().stream()
        .filter(worker -> !worker.leaving())
        .filter(worker -> !loans.containsKey(worker.name()))
        .filter(worker -> !releases.containsKey(worker.name()))
        .toList();
  }

  /**
   * Whether it may be sent elsewhere. Who was sent here stays for a while; who came by itself and
   * is at home may go at once. Of one that has no home, or another one, only its time here tells.
   */
  boolean rested(Worker worker) {
    String name = worker.name();
    boolean comes = away.containsKey(name) || coming.containsKey(name);
    boolean settled = worker.home().equals(self) || worker.sinceMillis() >= thresholds.restMillis();
    return settled && !comes && !resting.containsKey(name);
  }

  boolean isOwn(Worker worker) {
    return worker.isOf(self);
  }

  /** Whether a worker can serve a master: who does not speak what it speaks never hears of it. */
  boolean canServe(Worker worker, String master) {
    Set<Via> taken = spoken.get(master);
    return taken == null || taken.contains(worker.via());
  }

  boolean lives(String master) {
    return peers.stream().anyMatch(peer -> peer.name().equals(master));
  }

  /** The worker was sent here, and is left in peace for a while. */
  void arrived(String worker) {
    resting.put(worker, now + thresholds.restMillis());
  }

  /** The worker did not go, and is left in peace for longer. */
  void stays(String worker, String peer, String why) {
    resting.put(worker, now + 2 * thresholds.restMillis());
    note(What.STAYED, worker, peer, 1, why);
  }

  void send(String peer, LendingMessage message) {
    effects.add(new LendingEffect.Send(peer, message));
  }

  void order(String worker, WorkerMessage order) {
    effects.add(new LendingEffect.Order(worker, order));
  }

  void note(What what, String worker, String peer, int count, String reason) {
    effects.add(new LendingEffect.Note(new LendingNews(self, what, worker, peer, count, reason)));
  }

  /** The entries of a table that may be changed meanwhile. */
  static <V> List<Map.Entry<String, V>> each(Map<String, V> of) {
    return List.copyOf(new TreeMap<>(of).entrySet());
  }
}
