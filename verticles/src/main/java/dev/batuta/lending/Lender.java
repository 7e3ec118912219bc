package dev.batuta.lending;

import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.NoWorkers;
import dev.batuta.codec.LendingMessage.ReleaseAck;
import dev.batuta.codec.LendingMessage.ReleaseCompleted;
import dev.batuta.codec.LendingMessage.What;
import dev.batuta.codec.LendingMessage.WorkerRequest;
import dev.batuta.codec.LendingMessage.WorkersLent;
import dev.batuta.codec.WorkerMessage.Redirect;
import dev.batuta.lending.LendingState.Answer;
import dev.batuta.lending.LendingState.Away;
import dev.batuta.lending.LendingState.Loan;
import dev.batuta.orchestrator.FarmView.Hand;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The side of lending that has workers to spare, and gets them back. */
final class Lender {
  private final Turn turn;
  private final Borrower borrower;

  Lender(Turn turn, Borrower borrower) {
    this.turn = turn;
    this.borrower = borrower;
  }

  // --- lending

  /** Answers a request; a repeated one as before. */
  void answer(WorkerRequest request) {
    Answer before = turn.answers.get(request.borrower());
    if (before != null && before.number() == request.number()) {
      turn.send(request.borrower(), before.message());
      return;
    }
    List<Hand> lent = List.of();
    String refusal = recall(request);
    if (refusal.isEmpty()) {
      lent = spare(request);
      refusal = lent.isEmpty() ? refusal() : "";
    }
    LendingMessage answer =
        lent.isEmpty()
            ? new NoWorkers(turn.self, request.number(), refusal)
            : new WorkersLent(
                turn.self, request.number(), lent.stream().map(Hand::worker).toList());
    turn.answers.put(request.borrower(), new Answer(request.number(), answer));
    turn.send(request.borrower(), answer);
    if (lent.isEmpty()) {
      turn.note(What.REFUSED, "", request.borrower(), request.needed(), refusal);
    }
    lent.forEach(hand -> lend(hand, request.borrower()));
  }

  /** Who asks for workers while its own are here gets these first, if they can go. */
  private String recall(WorkerRequest request) {
    int staying = turn.staying().size();
    int going = turn.thresholds.surplus(turn.farm.queued(), turn.farm.running(), staying);
    List<Hand> recalled =
        borrower.borrowed().stream()
            .filter(hand -> hand.home().equals(request.borrower()))
            .sorted(Turn.LEAST_LOADED)
            .limit(Math.max(0, Math.min(going, request.needed())))
            .toList();
    borrower.release(recalled);
    return recalled.isEmpty() ? "" : recalled.size() + " of its own are on their way back";
  }

  /** Which workers can go: its own, the least loaded first, and none while it borrows itself. */
  private List<Hand> spare(WorkerRequest request) {
    if (borrows()) {
      return List.of();
    }
    List<Hand> staying = turn.staying();
    int own = (int) staying.stream().filter(turn::isOwn).count();
    int spare = turn.thresholds.spare(turn.farm.queued(), staying.size(), own);
    return staying.stream()
        .filter(hand -> turn.isOwn(hand) && turn.rested(hand))
        .sorted(Turn.LEAST_LOADED)
        .limit(Math.max(0, Math.min(spare, request.needed())))
        .toList();
  }

  private boolean borrows() {
    return !turn.requests.isEmpty()
        || !turn.coming.isEmpty()
        || turn.staying().stream().anyMatch(hand -> !turn.isOwn(hand) && turn.lives(hand.home()));
  }

  private String refusal() {
    List<Hand> staying = turn.staying();
    int own = (int) staying.stream().filter(turn::isOwn).count();
    if (borrows()) {
      return "it borrows workers itself";
    }
    if (own <= turn.thresholds.minWorkers()) {
      return "it has %d workers of its own and keeps %d"
          .formatted(own, turn.thresholds.minWorkers());
    }
    return turn.thresholds.spare(turn.farm.queued(), staying.size(), own) == 0
        ? turn.farm.queued() + " tasks wait for its " + staying.size() + " workers"
        : "its workers have just come";
  }

  private void lend(Hand hand, String to) {
    turn.loans.put(hand.worker(), new Loan(to, hand.registration(), 1, turn.afterPause(1), false));
    redirect(hand.worker(), to, hand.registration());
  }

  private void redirect(String worker, String to, long registration) {
    List<String> failover =
        turn.peers.stream().map(Peer::name).filter(name -> !name.equals(to)).toList();
    turn.order(worker, new Redirect(turn.self, registration, to, turn.self, failover));
  }

  // --- getting back

  /**
   * Expects workers, also such as it does not remember: it may have been started anew. Of those
   * that are back already the borrower has not heard.
   */
  void acknowledge(CommandRelease release) {
    List<String> back =
        release.workers().stream()
            .filter(worker -> turn.hand(worker) != null && !turn.away.containsKey(worker))
            .toList();
    release.workers().stream()
        .filter(worker -> !back.contains(worker))
        .forEach(worker -> turn.away.put(worker, new Away(release.borrower(), true)));
    turn.send(release.borrower(), new ReleaseAck(turn.self, release.workers()));
    if (!back.isEmpty()) {
      turn.send(release.borrower(), new ReleaseCompleted(turn.self, back));
    }
    welcomeBack();
  }

  /** Looks what has had its effect, and repeats what has not. */
  void settle() {
    Turn.each(turn.loans).forEach(each -> settle(each.getKey(), each.getValue()));
    welcomeBack();
  }

  private void settle(String worker, Loan loan) {
    Hand hand = turn.hand(worker);
    if (hand == null) {
      turn.loans.remove(worker);
      turn.away.put(worker, new Away(loan.borrower(), false));
      turn.note(What.LENT, worker, loan.borrower(), 1, "");
      return;
    }
    boolean anew = hand.registration() != loan.registration();
    boolean changedItsMind = loan.leaving() && !hand.leaving();
    boolean due = turn.now >= loan.againAtMillis() && !hand.leaving();
    boolean hopeless = loan.tries() >= Thresholds.TRIES || isNeededHere();
    if (anew || changedItsMind || (due && hopeless)) {
      turn.loans.remove(worker);
      turn.stays(worker, loan.borrower(), "it was told to go and did not");
    } else if (due) {
      int tries = loan.tries() + 1;
      turn.loans.put(
          worker,
          new Loan(loan.borrower(), loan.registration(), tries, turn.afterPause(tries), false));
      redirect(worker, loan.borrower(), loan.registration());
    } else if (hand.leaving() && !loan.leaving()) {
      turn.loans.put(
          worker,
          new Loan(loan.borrower(), loan.registration(), loan.tries(), loan.againAtMillis(), true));
    }
  }

  /** Others have gone meanwhile: not even those that are kept are left. */
  private boolean isNeededHere() {
    return turn.staying().stream().filter(turn::isOwn).count() < turn.thresholds.minWorkers();
  }

  private void welcomeBack() {
    Map<String, List<String>> completed = new TreeMap<>();
    for (Map.Entry<String, Away> each : Turn.each(turn.away)) {
      if (turn.hand(each.getKey()) != null) {
        turn.away.remove(each.getKey());
        turn.note(What.RETURNED, each.getKey(), each.getValue().borrower(), 1, "");
        if (each.getValue().released()) {
          completed
              .computeIfAbsent(each.getValue().borrower(), to -> new ArrayList<>())
              .add(each.getKey());
        }
      }
    }
    completed.forEach(
        (to, workers) -> turn.send(to, new ReleaseCompleted(turn.self, List.copyOf(workers))));
  }
}
