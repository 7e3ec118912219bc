package dev.batuta.lending;

import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.NoWorkers;
import dev.batuta.codec.LendingMessage.ReleaseAck;
import dev.batuta.codec.LendingMessage.What;
import dev.batuta.codec.LendingMessage.WorkerRequest;
import dev.batuta.codec.LendingMessage.WorkersLent;
import dev.batuta.codec.WorkerMessage.Return;
import dev.batuta.lending.LendingState.Coming;
import dev.batuta.lending.LendingState.Release;
import dev.batuta.lending.LendingState.Request;
import dev.batuta.orchestrator.dispatch.FarmView.Worker;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The side of lending that asks for workers, and gives them back. */
final class Borrower {
  private final LendingStep step;

  Borrower(LendingStep step) {
    this.step = step;
  }

  // --- comparing

  /** Compares the queue with the thresholds. */
  void look() {
    int queued = step.farm.queued();
    int staying = step.staying().size();
    int expected =
        step.coming.size() + step.requests.values().stream().mapToInt(Request::needed).sum();
    int there = staying + expected;
    int needed = step.thresholds.needed(queued, there);
    if (there == 0 && needed == 0 && step.farm.special() > 0) {
      needed = 1; // What it takes is known when it is here.
    }
    boolean calm = needed == 0 && step.thresholds.calm(queued, staying);
    step.calm = calm ? Math.min(step.calm + 1, Thresholds.CALM) : 0;
    if (needed > 0) {
      ask(needed);
    } else if (step.calm >= Thresholds.CALM && expected == 0) {
      giveBack(surplus(staying));
    }
  }

  /**
   * What is of special kinds is for whoever is here: it does not call one again that has just gone.
   */
  private int surplus(int staying) {
    int kept = step.farm.special() > 0 ? 1 : 0;
    int surplus = step.thresholds.surplus(step.farm.queued(), step.farm.running(), staying);
    return Math.max(0, Math.min(surplus, staying - kept));
  }

  // --- asking

  /** Asks those who have workers of this server, or can spare some, for as many as they have. */
  private void ask(int needed) {
    List<Peer> able = new ArrayList<>(step.peers);
    able.sort(Comparator.comparingInt(this::has).reversed().thenComparing(Peer::name));
    int missing = needed;
    for (Peer peer : able) {
      int wanted = Math.min(missing, has(peer));
      boolean open =
          step.requests.containsKey(peer.name()) || step.refused.containsKey(peer.name());
      if (wanted > 0 && !open) {
        missing -= wanted;
        Request request = new Request(step.nextNumber(), wanted, 1, step.afterPause(1));
        step.requests.put(peer.name(), request);
        step.send(peer.name(), new WorkerRequest(step.self, request.number(), wanted));
        String why = (step.farm.queued() + (long) step.farm.special()) + " tasks wait";
        step.note(What.ASKED, "", peer.name(), wanted, why);
      }
    }
  }

  /** How many workers a peer is believed to have for this server. */
  private int has(Peer peer) {
    Peer.Load load = peer.load();
    if (load == null) {
      return Integer.MAX_VALUE;
    }
    int own =
        (int)
            step.away.values().stream().filter(each -> each.borrower().equals(peer.name())).count();
    int spare =
        load.borrowed() > 0
            ? 0
            : step.thresholds.spare(load.queued(), load.workers(), load.workers());
    return Math.max(own, spare);
  }

  void expect(WorkersLent lent) {
    Request request = step.requests.get(lent.lender());
    if (request != null && request.number() == lent.number()) {
      step.requests.remove(lent.lender());
      long until = step.now + step.thresholds.arrivalMillis();
      lent.workers().forEach(worker -> step.coming.put(worker, new Coming(lent.lender(), until)));
    }
  }

  void doWithout(NoWorkers none) {
    Request request = step.requests.get(none.lender());
    if (request != null && request.number() == none.number()) {
      giveUpOn(none.lender());
    }
  }

  private void giveUpOn(String peer) {
    step.requests.remove(peer);
    step.refused.put(peer, step.now + 2 * step.thresholds.interval().toMillis());
  }

  // --- giving back

  /** Begins to give back as many as there are of those that may go now. */
  private void giveBack(int most) {
    List<Worker> going =
        borrowed().stream()
            .filter(worker -> step.lives(worker.home()))
            .sorted(LendingStep.LEAST_LOADED)
            .limit(most)
            .toList();
    release(going);
  }

  /** Those of others that may be sent home by now. */
  List<Worker> borrowed() {
    return step.staying().stream()
        .filter(worker -> !step.isOwn(worker) && step.rested(worker))
        .toList();
  }

  void release(List<Worker> going) {
    Map<String, List<String>> byOwner = new TreeMap<>();
    for (Worker worker : going) {
      step.releases.put(
          worker.name(),
          new Release(worker.home(), worker.registration(), false, 1, step.afterPause(1)));
      byOwner.computeIfAbsent(worker.home(), owner -> new ArrayList<>()).add(worker.name());
    }
    command(byOwner);
  }

  private void command(Map<String, List<String>> byOwner) {
    byOwner.forEach(
        (owner, workers) -> step.send(owner, new CommandRelease(step.self, List.copyOf(workers))));
  }

  void sendHome(ReleaseAck ack) {
    for (String worker : ack.workers()) {
      Release release = step.releases.get(worker);
      if (release != null && !release.acknowledged() && release.owner().equals(ack.owner())) {
        step.releases.put(
            worker,
            new Release(release.owner(), release.registration(), true, 1, step.afterPause(1)));
        step.order(worker, new Return(step.self, release.registration()));
        step.note(What.RELEASED, worker, release.owner(), 1, step.farm.queued() + " tasks wait");
      }
    }
  }

  // --- repeating

  /** Looks what has had its effect, and repeats what has not. */
  void reconcile() {
    for (Map.Entry<String, Coming> each : LendingStep.each(step.coming)) {
      boolean here = step.worker(each.getKey()) != null;
      if (here || step.now >= each.getValue().untilMillis()) {
        step.coming.remove(each.getKey());
      }
      if (here) {
        step.arrived(each.getKey());
        step.note(What.BORROWED, each.getKey(), each.getValue().lender(), 1, "");
      }
    }
    LendingStep.each(step.requests).forEach(each -> repeat(each.getKey(), each.getValue()));
    Map<String, List<String>> commands = new TreeMap<>();
    for (Map.Entry<String, Release> each : LendingStep.each(step.releases)) {
      if (reconcile(each.getKey(), each.getValue())) {
        commands
            .computeIfAbsent(each.getValue().owner(), owner -> new ArrayList<>())
            .add(each.getKey());
      }
    }
    command(commands);
  }

  private void repeat(String peer, Request request) {
    if (!step.lives(peer)) {
      step.requests.remove(peer);
    } else if (step.now >= request.againAtMillis()) {
      if (request.tries() >= Thresholds.TRIES) {
        giveUpOn(peer);
        return;
      }
      int tries = request.tries() + 1;
      step.requests.put(
          peer, new Request(request.number(), request.needed(), tries, step.afterPause(tries)));
      step.send(peer, new WorkerRequest(step.self, request.number(), request.needed()));
    }
  }

  /** Whether the owner is to be told once more: until it has acknowledged that, and not after. */
  private boolean reconcile(String name, Release release) {
    Worker worker = step.worker(name);
    if (worker == null || worker.registration() != release.registration()) {
      step.releases.remove(name); // It went, or came back.
      return false;
    }
    if (step.now < release.againAtMillis() || worker.leaving()) {
      return false;
    }
    if (release.tries() >= Thresholds.TRIES) {
      step.releases.remove(name);
      step.stays(name, release.owner(), "it was told to go home and did not");
      return false;
    }
    int tries = release.tries() + 1;
    step.releases.put(
        name,
        new Release(
            release.owner(),
            release.registration(),
            release.acknowledged(),
            tries,
            step.afterPause(tries)));
    if (release.acknowledged()) {
      step.order(name, new Return(step.self, release.registration()));
    }
    return !release.acknowledged();
  }
}
