package dev.batuta.gateway.foreign;

import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.gateway.foreign.Said.Manner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The conversation with one worker of another implementation, which makes it a member of a farm.
 *
 * <p>Such a worker asks for one task at a time, so it is available to its master while it asks, and
 * for a moment after it has reported; else it rests, and whatever it was sent and has not been told
 * goes back. Its answer only says that it is done: what becomes of the accounts is the ledger's
 * matter, which executes the task then. A deposit or withdrawal has no form in the protocol and is
 * executed at once.
 *
 * <p>It says one thing at a time and is told one thing at a time. A task is lost when the worker
 * asks again before it reports, when it is silent for its lease, or, where only its connection
 * names it, with the connection. What is lost was not begun: the worker leaves the farm, which
 * gives the task to others as the same attempt, and comes back under a higher number; an answer to
 * it that comes late finds no task.
 *
 * <p>A pure core: no clock and no I/O. The state is changed in place; it belongs to one thread.
 */
final class ForeignWorker {
  static final List<String> ALL_KINDS = List.of("QUERY", "UPDATE");
  static final List<String> ONLY_QUERY = List.of("QUERY");

  private final WorkerTimes times;
  private final boolean named;
  private final List<WorkerEffect> effects = new ArrayList<>(4);
  private final FarmPlace place = new FarmPlace(effects);
  private final Turn turn = new Turn(effects);
  private final OutstandingTask task = new OutstandingTask();
  private long now;

  private Manner manner = Manner.USUAL;
  private Updates updates;
  private long heardAt;
  private long lingersUntil;

  private Word.@Nullable Order order;
  private boolean leaves;
  private boolean gone;

  /**
   * @param named whether it has an id, by which it is known on any connection
   * @param updates what it has shown of them, as far as is known
   */
  ForeignWorker(WorkerTimes times, boolean named, Updates updates) {
    this.times = times;
    this.named = named;
    this.updates = updates;
  }

  /**
   * One step.
   *
   * @param nowMillis since 1970, that never run back
   * @return what is to be done, in this order
   */
  List<WorkerEffect> step(long nowMillis, WorkerInput input) {
    now = nowMillis;
    effects.clear();
    if (!gone) {
      take(input);
    }
    return List.copyOf(effects);
  }

  private void take(WorkerInput input) {
    switch (input) {
      case WorkerInput.Asked(long from, Manner as) -> ask(from, as);
      case WorkerInput.Reported(long from, Said.Result result) -> report(from, result);
      case WorkerInput.Closed(long which, boolean hears) -> close(which, hears);
      case WorkerInput.Assigned(Assignment given) -> assign(given);
      case WorkerInput.Dropped(long id, int attempt) -> drop(id, attempt);
      case WorkerInput.Executed(long id, int attempt, Outcome outcome) ->
          executed(id, attempt, outcome);
      case WorkerInput.Failed(long id, int attempt, String error) ->
          notExecuted(id, attempt, error);
      case WorkerInput.Welcomed(long number, long of) -> welcome(number, of);
      case WorkerInput.Rejected(long number, boolean outdated) -> place.reject(number, outdated);
      case WorkerInput.Heard(long number) -> place.heard(number);
      case WorkerInput.Unheard(long number, boolean fenced) -> unheard(number, fenced);
      case WorkerInput.Superseded(long number) -> superseded(number);
      case WorkerInput.Ordered(Word.Order given) -> order(given);
      case WorkerInput.Tick() -> tick();
    }
  }

  /** Whether a task may be given under these. One that comes again is no other. */
  boolean accepts(long ofRegistration, long ofTerm, Assignment given) {
    return isUnder(ofRegistration)
        && ofTerm == place.term()
        && ((task.isNone() && !place.isResting()) || task.isSame(given.id(), given.attempt()));
  }

  /** Whether this registration is the present one. */
  boolean isUnder(long ofRegistration) {
    return !gone && place.isUnder(ofRegistration);
  }

  /** Whether it is so, and has begun nothing. */
  boolean isIdleUnder(long ofRegistration) {
    return isUnder(ofRegistration) && task.isIdle();
  }

  /** Whether this is the id of the task that it was told. */
  boolean isTold(@Nullable String taskId) {
    return task.isTold(taskId);
  }

  /** The connection on which it spoke last, 0 when that is closed. */
  long talk() {
    return turn.talk();
  }

  /** When it said something last, or was told a task. */
  long heardAt() {
    return heardAt;
  }

  /** How it presented itself last. */
  Manner manner() {
    return manner;
  }

  // --- what the worker says

  private void ask(long from, Manner as) {
    heardAt = now;
    manner = as;
    if (task.isTold()) {
      askInsteadOfReport(from == turn.talk());
    }
    turn.asks(from, now);
    if (order != null && task.isIdle()) {
      sendAway();
    } else if (task.isHeld()) {
      tell();
    } else if (task.isNone() && !place.isTaken()) {
      place.register(now, kinds());
    } else if (task.isNone() && place.isResting()) {
      place.wake(now, order != null);
    }
  }

  private void askInsteadOfReport(boolean sameConnection) {
    show(task.isUpdate() ? updates.missed(sameConnection) : updates);
    lose(sameConnection ? Loss.ASKED_AGAIN : Loss.CAME_AGAIN);
  }

  private void show(Updates shown) {
    if (updates != shown) {
      updates = shown;
      effects.add(new WorkerEffect.Shown(shown));
    }
  }

  private void report(long from, Said.Result result) {
    heardAt = now;
    turn.reports(from);
    if (task.isTold() && task.isOf(result)) {
      task.claim(result);
      show(task.isUpdate() ? Updates.REPORTED : updates);
      turn.owesAck(from);
      execute();
    } else if (task.isExecuting() && task.claimed() != null && task.isOf(result)) {
      turn.owesAck(from);
    } else if (task.isTold()) {
      turn.say(from, new Word.Nack(Word.Reason.ANOTHER_TASK));
    } else if (task.isOfLast(result)) {
      turn.say(from, new Word.Ack());
    } else {
      turn.say(from, new Word.Nack(Word.Reason.NOTHING_OUTSTANDING));
    }
  }

  private void close(long which, boolean hears) {
    if (which != turn.talk()) {
      return;
    }
    boolean asked = turn.close(hears);
    if (named) {
      if (asked && place.isTaken() && task.isIdle()) {
        rest();
      }
      return;
    }
    if (task.isTold()) {
      lose(Loss.CLOSED);
    }
    leaves = true;
    if (!task.isExecuting()) {
      forget();
    }
  }

  // --- its task

  private void assign(Assignment given) {
    if (task.isSame(given.id(), given.attempt())) {
      return;
    }
    task.hold(given, place.term());
    if (given.payload() instanceof Update update && update.operation() != Operation.SET) {
      execute();
    } else if (turn.isAsking()) {
      tell();
    }
  }

  private void tell() {
    Assignment held = task.task();
    if (held != null) {
      task.told();
      heardAt = now;
      turn.answer(new Word.Task(held));
    }
  }

  private void execute() {
    Assignment held = task.task();
    if (held != null) {
      effects.add(task.execute(held));
    }
  }

  private void executed(long id, int attempt, @Nullable Outcome outcome) {
    if (outcome == null) {
      notExecuted(id, attempt, "attempt " + attempt + " was given up");
      return;
    }
    Assignment done = task.task();
    Said.Result said = task.claimed();
    if (done == null || !isExecuting(id, attempt)) {
      return;
    }
    if (said != null && (Claims.differ(said, outcome) || Claims.namesOtherwise(done, said))) {
      effects.add(new WorkerEffect.Differs(done, said, outcome));
    }
    task.done(done);
    ended(outcome, new Word.Ack());
  }

  private void notExecuted(long id, int attempt, String error) {
    Assignment failed = task.task();
    if (failed != null && isExecuting(id, attempt)) {
      task.lost();
      ended(failure(failed, error), new Word.Nack(Word.Reason.GIVEN_UP));
    }
  }

  private boolean isExecuting(long id, int attempt) {
    return task.isExecuting() && task.isSame(id, attempt);
  }

  private void ended(Outcome outcome, Word word) {
    reportToMaster(outcome);
    if (turn.acknowledge(word)) {
      lingersUntil = now + times.linger();
    }
    if (leaves) {
      forget();
    } else if (order != null && turn.isAsking()) {
      sendAway();
    }
  }

  private void drop(long id, int attempt) {
    Assignment held = task.task();
    if (held != null && task.isHeld() && task.isSame(id, attempt)) {
      task.giveBack();
      reportToMaster(failure(held, "the task was cancelled"));
    }
  }

  /**
   * It has not begun what it was told, and leaves: under its old number nothing comes of that any
   * more.
   */
  private void lose(Loss why) {
    Assignment lost = task.task();
    if (lost != null) {
      task.lost();
      effects.add(
          new WorkerEffect.Lost(place.registration(), lost, failure(lost, why.sentence), why));
      place.leave();
    }
  }

  private Outcome failure(Assignment of, String why) {
    return new Outcome(of.id(), of.attempt(), false, null, why, 0, now);
  }

  private void reportToMaster(Outcome outcome) {
    if (place.isTaken()) {
      effects.add(new WorkerEffect.Report(place.registration(), outcome));
    }
  }

  // --- its place in the farm

  private List<String> kinds() {
    return updates.areGiven() && manner != Manner.BY_FLAG ? ALL_KINDS : ONLY_QUERY;
  }

  private void welcome(long number, long of) {
    if (place.welcome(now, number, of)) {
      if (leaves) {
        forget();
      } else if (!turn.isAsking() && task.isNone()) {
        rest();
      }
    }
  }

  /** The farm does not know it: what it was told, and has not reported, is given up there. */
  private void unheard(long number, boolean fenced) {
    if (!place.unheard(number, fenced)) {
      return;
    }
    if (task.isHeld() || task.isTold()) {
      task.lost();
    }
    if (turn.isAsking()) {
      place.register(now, kinds());
    }
  }

  /** It asked at another door: what is meant for it there must not come here. */
  private void superseded(long number) {
    if (named && place.isBelow(number) && !turn.isAsking() && !task.isExecuting()) {
      if (task.isTold()) {
        askInsteadOfReport(false);
      }
      forget();
    }
  }

  private void rest() {
    task.giveBack();
    place.rest(now, order != null);
  }

  private void forget() {
    task.giveBack();
    place.leave();
    gone = true;
    effects.add(new WorkerEffect.Forget());
  }

  private void order(Word.Order given) {
    order = given;
    if (turn.isAsking() && task.isIdle()) {
      sendAway();
    } else {
      place.beat(now, task.count(), true);
    }
  }

  private void sendAway() {
    if (order != null) {
      turn.answer(new Word.Go(order));
      forget();
    }
  }

  // --- time

  private void tick() {
    if (turn.isDue(now, place, times)) {
      turn.answer(new Word.NoTask());
      if (task.isNone() && place.isTaken()) {
        rest();
      }
    }
    if (task.isTold() && now - heardAt >= times.lease()) {
      lose(Loss.SILENT);
    }
    if (named && !task.isExecuting() && now - heardAt >= times.lease()) {
      forget();
      return;
    }
    boolean idle = !turn.isAsking() && task.isIdle();
    if (idle && !place.isResting() && place.isTaken() && now >= lingersUntil) {
      rest();
    }
    place.tick(now, task.count(), order != null, kinds());
  }
}
