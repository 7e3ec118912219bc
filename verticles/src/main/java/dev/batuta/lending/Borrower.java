package dev.batuta.lending;

import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.NoWorkers;
import dev.batuta.codec.LendingMessage.ReleaseAck;
import dev.batuta.codec.LendingMessage.ReleaseCompleted;
import dev.batuta.codec.LendingMessage.What;
import dev.batuta.codec.LendingMessage.WorkerRequest;
import dev.batuta.codec.LendingMessage.WorkersLent;
import dev.batuta.codec.WorkerMessage.Return;
import dev.batuta.lending.LendingState.Coming;
import dev.batuta.lending.LendingState.Release;
import dev.batuta.lending.LendingState.Request;
import dev.batuta.orchestrator.FarmView.Hand;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The side of lending that asks for workers, and gives them back. */
final class Borrower {
  private final Turn turn;

  Borrower(Turn turn) {
    this.turn = turn;
  }

  // --- comparing

  /** Compares the queue with the thresholds. */
  void look() {
    int queued = turn.farm.queued();
    int staying = turn.staying().size();
    int expected =
        turn.coming.size() + turn.requests.values().stream().mapToInt(Request::needed).sum();
    int there = staying + expected;
    int needed = turn.thresholds.needed(queued, there);
    if (there == 0 && needed == 0 && turn.farm.aside() > 0) {
      needed = 1; // What it takes is known when it is here.
    }
    boolean calm = needed == 0 && turn.thresholds.calm(queued, staying);
    turn.calm = calm ? Math.min(turn.calm + 1, Thresholds.CALM) : 0;
    if (needed > 0) {
      ask(needed);
    } else if (turn.calm >= Thresholds.CALM && expected == 0) {
      giveBack(surplus(staying));
    }
  }

  /** What waits aside is for whoever is here: it does not call one again that has just gone. */
  private int surplus(int staying) {
    int kept = turn.farm.aside() > 0 ? 1 : 0;
    int surplus = turn.thresholds.surplus(turn.farm.queued(), turn.farm.running(), staying);
    return Math.max(0, Math.min(surplus, staying - kept));
  }

  // --- asking

  /** Asks those who have workers of this server, or can spare some, for as many as they have. */
  private void ask(int needed) {
    List<Peer> able = new ArrayList<>(turn.peers);
    able.sort(Comparator.comparingInt(this::has).reversed().thenComparing(Peer::name));
    int missing = needed;
    for (Peer peer : able) {
      int wanted = Math.min(missing, has(peer));
      boolean open =
          turn.requests.containsKey(peer.name()) || turn.refused.containsKey(peer.name());
      if (wanted > 0 && !open) {
        missing -= wanted;
        Request request = new Request(turn.nextNumber(), wanted, 1, turn.afterPause(1));
        turn.requests.put(peer.name(), request);
        turn.send(peer.name(), new WorkerRequest(turn.self, request.number(), wanted));
        String why = (turn.farm.queued() + (long) turn.farm.aside()) + " tasks wait";
        turn.note(What.ASKED, "", peer.name(), wanted, why);
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
            turn.away.values().stream().filter(each -> each.borrower().equals(peer.name())).count();
    int spare =
        load.borrowed() > 0
            ? 0
            : turn.thresholds.spare(load.queued(), load.workers(), load.workers());
    return Math.max(own, spare);
  }

  void expect(WorkersLent lent) {
    Request request = turn.requests.get(lent.lender());
    if (request != null && request.number() == lent.number()) {
      turn.requests.remove(lent.lender());
      long until = turn.now + turn.thresholds.arrivalMillis();
      lent.workers().forEach(worker -> turn.coming.put(worker, new Coming(lent.lender(), until)));
    }
  }

  void doWithout(NoWorkers none) {
    Request request = turn.requests.get(none.lender());
    if (request != null && request.number() == none.number()) {
      giveUpOn(none.lender());
    }
  }

  private void giveUpOn(String peer) {
    turn.requests.remove(peer);
    turn.refused.put(peer, turn.now + 2 * turn.thresholds.interval().toMillis());
  }

  // --- giving back

  /** Begins to give back as many as there are of those that may go now. */
  private void giveBack(int most) {
    List<Hand> going =
        borrowed().stream()
            .filter(hand -> turn.lives(hand.home()))
            .sorted(Turn.LEAST_LOADED)
            .limit(most)
            .toList();
    release(going);
  }

  /** Those of others that may be sent home by now. */
  List<Hand> borrowed() {
    return turn.staying().stream().filter(hand -> !turn.isOwn(hand) && turn.rested(hand)).toList();
  }

  void release(List<Hand> going) {
    Map<String, List<String>> byOwner = new TreeMap<>();
    for (Hand hand : going) {
      turn.releases.put(
          hand.worker(),
          new Release(hand.home(), hand.registration(), false, 1, turn.afterPause(1)));
      byOwner.computeIfAbsent(hand.home(), owner -> new ArrayList<>()).add(hand.worker());
    }
    command(byOwner);
  }

  private void command(Map<String, List<String>> byOwner) {
    byOwner.forEach(
        (owner, workers) -> turn.send(owner, new CommandRelease(turn.self, List.copyOf(workers))));
  }

  void sendHome(ReleaseAck ack) {
    for (String worker : ack.workers()) {
      Release release = turn.releases.get(worker);
      if (release != null && !release.acknowledged() && release.owner().equals(ack.owner())) {
        turn.releases.put(
            worker,
            new Release(release.owner(), release.registration(), true, 1, turn.afterPause(1)));
        turn.order(worker, new Return(turn.self, release.registration()));
        turn.note(What.RELEASED, worker, release.owner(), 1, turn.farm.queued() + " tasks wait");
      }
    }
  }

  /** Believed only of workers that are not here any more: the owner's list may be an old one. */
  void complete(ReleaseCompleted completed) {
    for (String worker : completed.workers()) {
      Release release = turn.releases.get(worker);
      if (release != null
          && release.owner().equals(completed.owner())
          && turn.hand(worker) == null) {
        turn.releases.remove(worker);
      }
    }
  }

  // --- repeating

  /** Looks what has had its effect, and repeats what has not. */
  void settle() {
    for (Map.Entry<String, Coming> each : Turn.each(turn.coming)) {
      boolean here = turn.hand(each.getKey()) != null;
      if (here || turn.now >= each.getValue().untilMillis()) {
        turn.coming.remove(each.getKey());
      }
      if (here) {
        turn.note(What.BORROWED, each.getKey(), each.getValue().lender(), 1, "");
      }
    }
    Turn.each(turn.requests).forEach(each -> repeat(each.getKey(), each.getValue()));
    Map<String, List<String>> commands = new TreeMap<>();
    for (Map.Entry<String, Release> each : Turn.each(turn.releases)) {
      if (settle(each.getKey(), each.getValue())) {
        commands
            .computeIfAbsent(each.getValue().owner(), owner -> new ArrayList<>())
            .add(each.getKey());
      }
    }
    command(commands);
  }

  private void repeat(String peer, Request request) {
    if (!turn.lives(peer)) {
      turn.requests.remove(peer);
    } else if (turn.now >= request.againAtMillis()) {
      if (request.tries() >= Thresholds.TRIES) {
        giveUpOn(peer);
        return;
      }
      int tries = request.tries() + 1;
      turn.requests.put(
          peer, new Request(request.number(), request.needed(), tries, turn.afterPause(tries)));
      turn.send(peer, new WorkerRequest(turn.self, request.number(), request.needed()));
    }
  }

  /** Whether the owner is to be told, or asked, once more. */
  private boolean settle(String worker, Release release) {
    Hand hand = turn.hand(worker);
    boolean anew = hand != null && hand.registration() != release.registration();
    boolean leaving = hand != null && hand.leaving();
    boolean here = hand != null && !anew;
    if (anew || (!here && !release.acknowledged())) {
      turn.releases.remove(worker); // It went by itself, or came back.
      return false;
    }
    if (turn.now < release.againAtMillis() || leaving) {
      return false;
    }
    if (release.tries() >= Thresholds.TRIES) {
      turn.releases.remove(worker);
      if (here) {
        turn.stays(worker, release.owner(), "it was told to go home and did not");
      }
      return false;
    }
    int tries = release.tries() + 1;
    turn.releases.put(
        worker,
        new Release(
            release.owner(),
            release.registration(),
            release.acknowledged(),
            tries,
            turn.afterPause(tries)));
    if (here && release.acknowledged()) {
      turn.order(worker, new Return(turn.self, release.registration()));
      return false;
    }
    return true;
  }
}
