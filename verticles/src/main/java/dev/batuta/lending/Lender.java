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
import dev.batuta.orchestrator.dispatch.FarmView.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The side of lending that has workers to spare, and gets them back. */
final class Lender {
  private final LendingStep step;
  private final Borrower borrower;

  Lender(LendingStep step, Borrower borrower) {
    this.step = step;
    this.borrower = borrower;
  }

  // --- lending

  /** Answers a request; a repeated one as before. */
  void answer(WorkerRequest request) {
    Answer before = step.answers.get(request.borrower());
    if (before != null && before.number() == request.number()) {
      step.send(request.borrower(), before.message());
      return;
    }
    List<Worker> lent = List.of();
    String refusal = recall(request);
    if (refusal.isEmpty()) {
      lent = spare(request);
      refusal = lent.isEmpty() ? refusal(request.borrower()) : "";
    }
    LendingMessage answer =
        lent.isEmpty()
            ? new NoWorkers(step.self, request.number(), refusal)
            : new WorkersLent(
                step.self, request.number(), lent.stream().map(Worker::name).toList());
    step.answers.put(request.borrower(), new Answer(request.number(), answer));
    step.send(request.borrower(), answer);
    if (lent.isEmpty()) {
      step.note(What.REFUSED, "", request.borrower(), request.needed(), refusal);
    }
    lent.forEach(worker -> lend(worker, request.borrower()));
  }

  /** Who asks for workers while its own are here gets these first, if they can go. */
  private String recall(WorkerRequest request) {
    int staying = step.staying().size();
    int going = step.thresholds.surplus(step.farm.queued(), step.farm.running(), staying);
    List<Worker> recalled =
        borrower.borrowed().stream()
            .filter(worker -> worker.home().equals(request.borrower()))
            .sorted(LendingStep.LEAST_LOADED)
            .limit(Math.max(0, Math.min(going, request.needed())))
            .toList();
    borrower.release(recalled);
    return recalled.isEmpty() ? "" : recalled.size() + " of its own are on their way back";
  }

  /** Which workers can go: its own, the least loaded first, and none while it borrows itself. */
  private List<Worker> spare(WorkerRequest request) {
    if (borrows()) {
      return List.of();
    }
    List<Worker> staying = step.staying();
    int own = (int) staying.stream().filter(step::isOwn).count();
    int spare = step.thresholds.spare(step.farm.queued(), staying.size(), own);
    return staying.stream()
        .filter(worker -> step.isOwn(worker) && step.rested(worker))
        .filter(worker -> step.canServe(worker, request.borrower()))
        .sorted(LendingStep.LEAST_LOADED)
        .limit(Math.max(0, Math.min(spare, request.needed())))
        .toList();
  }

  private boolean borrows() {
    return !step.requests.isEmpty()
        || !step.coming.isEmpty()
        || step.staying().stream()
            .anyMatch(worker -> !step.isOwn(worker) && step.lives(worker.home()));
  }

  private String refusal(String borrower) {
    List<Worker> staying = step.staying();
    int own = (int) staying.stream().filter(step::isOwn).count();
    if (borrows()) {
      return "it borrows workers itself";
    }
    if (own <= step.thresholds.minWorkers()) {
      return "it has %d workers of its own and keeps %d"
          .formatted(own, step.thresholds.minWorkers());
    }
    if (step.thresholds.spare(step.farm.queued(), staying.size(), own) == 0) {
      return step.farm.queued() + " tasks wait for its " + staying.size() + " workers";
    }
    return staying.stream().noneMatch(worker -> step.isOwn(worker) && step.rested(worker))
        ? "its workers have just come"
        : "none of its workers speaks what " + borrower + " does";
  }

  private void lend(Worker worker, String to) {
    step.loans.put(
        worker.name(), new Loan(to, worker.registration(), 1, step.afterPause(1), false));
    redirect(worker.name(), to, worker.registration());
  }

  private void redirect(String worker, String to, long registration) {
    List<String> failover =
        step.peers.stream().map(Peer::name).filter(name -> !name.equals(to)).toList();
    step.order(worker, new Redirect(step.self, registration, to, step.self, failover));
  }

  // --- getting back

  /**
   * Expects workers, also such as it does not remember: it may have been started anew. Of those
   * that are back already the borrower has not heard.
   */
  void acknowledge(CommandRelease release) {
    List<String> back =
        release.workers().stream()
            .filter(name -> step.worker(name) != null && !step.away.containsKey(name))
            .toList();
    release.workers().stream()
        .filter(name -> !back.contains(name))
        .forEach(name -> step.away.put(name, new Away(release.borrower(), true)));
    step.send(release.borrower(), new ReleaseAck(step.self, release.workers()));
    if (!back.isEmpty()) {
      step.send(release.borrower(), new ReleaseCompleted(step.self, back));
    }
    welcomeBack();
  }

  /** Looks what has had its effect, and repeats what has not. */
  void reconcile() {
    LendingStep.each(step.loans).forEach(each -> reconcile(each.getKey(), each.getValue()));
    welcomeBack();
  }

  private void reconcile(String name, Loan loan) {
    Worker worker = step.worker(name);
    if (worker == null) {
      step.loans.remove(name);
      step.away.put(name, new Away(loan.borrower(), false));
      step.note(What.LENT, name, loan.borrower(), 1, "");
      return;
    }
    boolean anew = worker.registration() != loan.registration();
    boolean changedItsMind = loan.leaving() && !worker.leaving();
    boolean due = step.now >= loan.againAtMillis() && !worker.leaving();
    boolean hopeless = loan.tries() >= Thresholds.TRIES || isNeededHere();
    if (anew || changedItsMind || (due && hopeless)) {
      step.loans.remove(name);
      step.stays(name, loan.borrower(), "it was told to go and did not");
    } else if (due) {
      int tries = loan.tries() + 1;
      step.loans.put(
          name,
          new Loan(loan.borrower(), loan.registration(), tries, step.afterPause(tries), false));
      redirect(name, loan.borrower(), loan.registration());
    } else if (worker.leaving() && !loan.leaving()) {
      step.loans.put(
          name,
          new Loan(loan.borrower(), loan.registration(), loan.tries(), loan.againAtMillis(), true));
    }
  }

  /** Others have gone meanwhile: not even those that are kept are left. */
  private boolean isNeededHere() {
    return step.staying().stream().filter(step::isOwn).count() < step.thresholds.minWorkers();
  }

  private void welcomeBack() {
    Map<String, List<String>> completed = new TreeMap<>();
    for (Map.Entry<String, Away> each : LendingStep.each(step.away)) {
      if (step.worker(each.getKey()) != null) {
        step.away.remove(each.getKey());
        step.arrived(each.getKey());
        step.note(What.RETURNED, each.getKey(), each.getValue().borrower(), 1, "");
        if (each.getValue().released()) {
          completed
              .computeIfAbsent(each.getValue().borrower(), to -> new ArrayList<>())
              .add(each.getKey());
        }
      }
    }
    completed.forEach(
        (to, workers) -> step.send(to, new ReleaseCompleted(step.self, List.copyOf(workers))));
  }
}
