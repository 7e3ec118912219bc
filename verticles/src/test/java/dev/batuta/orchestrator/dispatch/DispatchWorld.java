package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Complete;
import dev.batuta.orchestrator.dispatch.DispatchEffect.End;
import dev.batuta.orchestrator.dispatch.DispatchEffect.GiveUp;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Load;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Lost;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Mark;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Send;
import dev.batuta.orchestrator.dispatch.DispatchInput.Accepted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Adopted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Completed;
import dev.batuta.orchestrator.dispatch.DispatchInput.GaveUp;
import dev.batuta.orchestrator.dispatch.DispatchInput.Loaded;
import dev.batuta.orchestrator.dispatch.DispatchInput.Marked;
import dev.batuta.orchestrator.dispatch.DispatchInput.Tick;
import dev.batuta.orchestrator.dispatch.DispatchInput.Undelivered;
import dev.batuta.orchestrator.dispatch.DispatchInput.Verdict;
import dev.batuta.orchestrator.dispatch.DispatchInput.Withdrawn;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.TaskId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A simulated world around {@link Dispatch}: a store that commits and answers late, a bus that
 * loses, workers that crash, hang and repeat themselves, a server that is killed and started again.
 * Everything follows from a seed.
 */
final class DispatchWorld {
  /** A defect that is put in on purpose, to see that it is noticed. */
  enum Sabotage {
    NONE,
    SEND_TO_TWO,
    SEND_WHAT_IS_NOT_TAKEN,
    SEND_BEFORE_MARK,
    RETRY_BEFORE_GIVING_UP,
    FORGET_A_TASK,
    FORGET_AN_ADOPTION,
    CANCEL_WHAT_HAS_ENDED,
    FORGET_A_RETRY,
    MORE_THAN_CREDITS,
    UNBOUNDED_MEMORY
  }

  static final DispatchSettings SETTINGS =
      new DispatchSettings(
          1000,
          10,
          Duration.ofSeconds(1),
          20,
          40,
          15,
          Duration.ofMillis(20),
          Duration.ofSeconds(1),
          8);

  private static final long FIRST_TERM = 100;

  /** What waits in memory of a special kind. */
  private static final int ROOM = 10;

  /** Acceptances under way at once. */
  private static final int ACCEPTING = 8;

  private record Event(long at, long order, int life, Runnable action) {}

  final SplittableRandom random;
  final Sabotage sabotage;
  final SimulatedStore store;
  final List<SimulatedWorker> workers = new ArrayList<>();
  private final SimulatedPeople people;
  private final Map<String, String> attempts = new HashMap<>();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          (a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.order, b.order));
  Dispatch dispatch;
  private long now = 1_000_000;
  private long order;
  private long term = FIRST_TERM;
  private int life;
  private int accepting;
  private int biggest;
  boolean calm;

  DispatchWorld(long seed, Sabotage sabotage) {
    this.random = new SplittableRandom(seed);
    this.sabotage = sabotage;
    this.store = new SimulatedStore(sabotage);
    this.people = new SimulatedPeople(this);
    this.dispatch = open();
    for (int i = 1; i <= 4; i++) {
      workers.add(new SimulatedWorker(this, "w" + i, 1 + random.nextInt(25)));
    }
    always(50, () -> step(new Tick()));
  }

  /** Submits, breaks things for a while, lets everything recover, and looks whether all is well. */
  void run(int submissions) {
    int span = random.nextBoolean() ? 20_000 : 300;
    for (int i = 0; i < submissions; i++) {
      later(random.nextInt(span), 0, this::submit);
    }
    for (int i = 0; i < 12; i++) {
      later(random.nextInt(20_000), 0, this::breakSomething);
    }
    for (int i = 0; i < 3; i++) {
      int other = i;
      later(random.nextInt(20_000), 0, () -> adopt(other));
    }
    for (int i = 0; i < 2 * submissions; i++) {
      later(random.nextInt(20_000), 0, people::decideSomething);
    }
    advance(25_000);
    calm = true;
    // Now there is somebody for what nobody took.
    workers.getFirst().register();
    for (int minutes = 0; minutes < 30 && !allEnded(); minutes++) {
      advance(60_000);
    }
    check(allEnded(), "a task was lost: " + store.unfinished());
    store.rows.values().forEach(row -> check(row.effects <= 1, row.task.id + " took effect twice"));
    store.rows.values().forEach(SimulatedPeople::check);
    advance(10_000);
    check(dispatch.queue().load() == 0, dispatch.queue().load() + " tasks wait, it says");
    int bound = 4 * SETTINGS.highWater() + SETTINGS.page() + ACCEPTING * 30 + 3 * 2 * ROOM;
    check(biggest <= bound, biggest + " tasks in memory, bound " + bound);
  }

  private boolean allEnded() {
    return store.unfinished().isEmpty();
  }

  static void check(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError(message);
    }
  }

  // --- time

  private void advance(long millis) {
    long until = now + millis;
    Event next = events.peek();
    while (next != null && next.at <= until) {
      events.remove();
      now = next.at;
      if (next.life == 0 || next.life == life) {
        next.action.run();
      }
      next = events.peek();
    }
    now = until;
  }

  private void later(long millis, int ofLife, Runnable action) {
    events.add(new Event(now + millis, order++, ofLife, action));
  }

  /** Something that is over when the server is killed. */
  void answerSoon(Runnable action) {
    later(delay(), life, action);
  }

  /** Something that goes on whatever happens to the server. */
  void soon(Runnable action) {
    later(delay(), 0, action);
  }

  void after(long millis, Runnable action) {
    later(millis, 0, action);
  }

  void always(long millis, Runnable action) {
    later(
        millis,
        0,
        () -> {
          action.run();
          always(millis, action);
        });
  }

  private long delay() {
    return random.nextInt(20) == 0 && !calm ? random.nextInt(3000) : 1 + random.nextInt(30);
  }

  long now() {
    return now;
  }

  // --- the server

  private Dispatch open() {
    life++;
    term++;
    accepting = 0;
    people.serverOpens();
    int unfinished = store.open();
    DispatchSettings settings =
        sabotage == Sabotage.UNBOUNDED_MEMORY
            ? new DispatchSettings(
                1000,
                10,
                Duration.ofSeconds(1),
                900,
                900,
                15,
                Duration.ofMillis(20),
                Duration.ofSeconds(1),
                8)
            : SETTINGS;
    return new Dispatch(settings, term, unfinished, random.nextLong());
  }

  /** Gives an input and carries out what follows. Returns whether the worker was turned away. */
  boolean step(DispatchInput input) {
    boolean turnedAway = false;
    for (DispatchEffect effect : dispatch.step(now, input)) {
      turnedAway |= effect instanceof DispatchEffect.TurnAway;
      carryOut(effect);
    }
    biggest = Math.max(biggest, dispatch.queue().size());
    return turnedAway;
  }

  private void submit() {
    if (accepting >= ACCEPTING) {
      later(10, 0, this::submit);
      return;
    }
    int count = 1 + random.nextInt(30);
    OptionalLong reserved = dispatch.reserve(count);
    if (reserved.isEmpty()) {
      return;
    }
    accepting++;
    long first = reserved.getAsLong();
    List<QueuedTask> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long notBefore = random.nextInt(4) == 0 ? now + random.nextInt(10_000) : 0;
      int timeout = random.nextInt(10) == 0 ? 2000 : 0;
      tasks.add(SimulatedStore.queued(first + i, random.nextInt(3) * 4, notBefore, timeout, 1));
    }
    if (random.nextInt(10) == 0) {
      answerSoon(() -> release(new Withdrawn(first)));
      return;
    }
    answerSoon(
        () -> {
          store.accept(tasks);
          answerSoon(() -> release(new Accepted(first, told(tasks))));
        });
  }

  private List<QueuedTask> told(List<QueuedTask> tasks) {
    return sabotage == Sabotage.FORGET_A_TASK
        ? tasks.stream().filter(task -> task.id % 50 != 0).toList()
        : tasks;
  }

  /** Another server dies; its term is older or newer than the one in force here. */
  private void adopt(int other) {
    long foreign = other % 2 == 0 ? 1_000_000 + other : FIRST_TERM - 1 - other;
    List<QueuedTask> tasks = new ArrayList<>();
    int count = random.nextInt(200);
    for (int i = 1; i <= count; i++) {
      long id = TaskId.of(foreign, i);
      tasks.add(SimulatedStore.queued(id, random.nextInt(3) * 4, 0, 0, 1));
    }
    store.accept(tasks);
    people.cannotDecide(foreign);
    if (sabotage != Sabotage.FORGET_AN_ADOPTION) {
      answerSoon(
          () -> {
            people.canDecide(foreign);
            step(new Adopted(count));
          });
    }
  }

  private void release(DispatchInput input) {
    accepting--;
    step(input);
  }

  private void breakSomething() {
    if (random.nextInt(4) == 0) {
      dispatch = open();
    } else {
      workers.get(random.nextInt(workers.size())).breakDown();
    }
  }

  private void carryOut(DispatchEffect effect) {
    switch (effect) {
      case Mark(long through, Scope scope) ->
          answerSoon(
              () -> {
                store.mark(through, scope);
                answerSoon(() -> step(new Marked(through, scope)));
              });
      case GiveUp(List<Lost> lost) ->
          answerSoon(
              () -> {
                List<Verdict> verdicts = store.giveUp(lost);
                answerSoon(() -> step(new GaveUp(verdicts)));
              });
      case Complete(List<End> ends) ->
          answerSoon(
              () -> {
                List<End> refused = store.complete(ends);
                List<End> done = ends.stream().filter(end -> !refused.contains(end)).toList();
                answerSoon(() -> step(new Completed(done, refused)));
              });
      case Load(long after, int limit, Scope scope) ->
          answerSoon(
              () -> {
                List<QueuedTask> page = store.page(after, limit, scope);
                answerSoon(() -> step(new Loaded(told(page), page.size() < limit)));
              });
      case Send send -> send(send);
      case DispatchEffect.Finished(var tasks) ->
          tasks.forEach(
              task -> check(store.row(task.id()).hasEnded(), "told too early: " + task.id()));
      case DispatchEffect.Drop(String to, long registration, long id, int attempt) ->
          soon(() -> worker(to).drop(registration, id, attempt));
      case DispatchEffect.Welcome welcome -> {}
      case DispatchEffect.TurnAway turned -> {}
      case DispatchEffect.FarmChanged changed -> {}
    }
  }

  // --- the bus

  private void send(Send send) {
    for (Assignment task : send.tasks()) {
      String attempt = task.id() + "/" + task.attempt();
      String to = send.worker() + "#" + send.registration() + "@" + life;
      String before = attempts.putIfAbsent(attempt, to);
      check(before == null || before.equals(to), attempt + " sent to " + before + " and " + to);
      check(store.marked(store.row(task.id()).task), attempt + " sent before the mark");
      int present = store.row(task.id()).attempt;
      check(task.attempt() <= present, attempt + " sent before attempt " + present + " ended");
    }
    SimulatedWorker worker = worker(send.worker());
    boolean lost = !calm && random.nextInt(15) == 0;
    boolean acknowledged = !lost && (calm || random.nextInt(15) != 0);
    if (!lost) {
      worker.receive(send);
    }
    if (sabotage == Sabotage.SEND_TO_TWO && random.nextInt(20) == 0) {
      SimulatedWorker other = workers.get(random.nextInt(workers.size()));
      send(new Send(other.name, other.registration, send.tasks()));
    }
    if (!acknowledged || !worker.serves(send.registration())) {
      later(
          1000,
          life,
          () -> step(new Undelivered(send.worker(), send.registration(), send.tasks())));
    }
  }

  private SimulatedWorker worker(String name) {
    return workers.stream().filter(w -> w.name.equals(name)).findFirst().orElseThrow();
  }
}
