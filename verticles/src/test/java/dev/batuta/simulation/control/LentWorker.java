package dev.batuta.simulation.control;

import dev.batuta.codec.WorkerMessage;
import dev.batuta.codec.WorkerMessage.Redirect;
import dev.batuta.codec.WorkerMessage.Return;
import dev.batuta.orchestrator.dispatch.DispatchInput;
import dev.batuta.worker.Allegiance;
import dev.batuta.worker.Allegiance.Effect;
import dev.batuta.worker.Allegiance.Input;
import dev.batuta.worker.Allegiance.Registration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The allegiance of one worker, wired as the worker wires it. */
final class LentWorker extends LendingNode {
  private static final long HEARTBEAT = LendingWorld.SECOND;
  private static final long ANSWERED_WITHIN = LendingWorld.SECOND;
  private static final int GOODBYES = 3;

  private enum Answer {
    YES,
    FENCED,
    NOBODY_THERE,
    NONE
  }

  private final String home;
  private Allegiance allegiance;
  private long latest;
  private long first;
  private long drain;
  private boolean ordered;

  LentWorker(LendingWorld world, int index, String name, String home) {
    super(world, index, name);
    this.home = home;
    this.allegiance = new Allegiance(home);
  }

  @Override
  void begin() {
    allegiance = new Allegiance(home);
    first = 0;
    ordered = false;
    every(HEARTBEAT, () -> step(new Input.Tick(nowMillis(), live())));
  }

  private void step(Input input) {
    if (world.mutation == LendingMutation.WORKERS_ASK_ONCE && input instanceof Input.Rejected) {
      return;
    }
    allegiance.step(input).forEach(this::carryOut);
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Register(Registration registered) -> register(registered);
      case Effect.Serve(Registration registered, long term) -> {
        note("serves " + registered.master() + " under " + registered.registration());
        world.invariants.serves(this);
      }
      case Effect.Abandon(Registration registered) -> drain++;
      case Effect.Leave(Registration registered, boolean drained) -> leave(registered, drained, 1);
      case Effect.Beat(Registration registered, boolean leaving) -> beat(registered, leaving);
      case Effect.Drain(Registration registered) -> drain(registered);
      case Effect.Resume(Registration registered) -> {
        note("stays with " + registered.master());
        drain++;
        ordered = false;
      }
    }
  }

  private void register(Registration registered) {
    first = first == 0 ? registered.registration() : first;
    latest = onTheWire(registered);
    long number = latest;
    ask(
        registered.master(),
        number,
        new DispatchInput.Joined(name(), home, number, 10, List.of()),
        answer ->
            step(
                answer == Answer.YES
                    ? new Input.Welcomed(registered.registration(), 1)
                    : new Input.Rejected(registered.registration(), answer == Answer.FENCED)));
  }

  private long onTheWire(Registration registered) {
    return world.mutation == LendingMutation.ONE_NUMBER_FOR_ALL ? first : registered.registration();
  }

  private void beat(Registration registered, boolean leaving) {
    ask(
        registered.master(),
        onTheWire(registered),
        new DispatchInput.Alive(name(), onTheWire(registered), leaving),
        answer ->
            step(
                switch (answer) {
                  case YES -> new Input.Heard(registered.registration());
                  case FENCED -> new Input.Fenced(registered.registration());
                  case NOBODY_THERE -> new Input.Missed(registered.registration(), true);
                  case NONE -> new Input.Missed(registered.registration(), false);
                }));
  }

  private void leave(Registration registered, boolean drained, int tries) {
    ask(
        registered.master(),
        onTheWire(registered),
        new DispatchInput.Left(name(), onTheWire(registered), drained),
        answer -> {
          if (answer == Answer.NONE && tries < GOODBYES) {
            leave(registered, drained, tries + 1);
          }
        });
  }

  /** What runs comes to an end, most of the time soon. */
  private void drain(Registration registered) {
    long of = ++drain;
    boolean slow = world.slowTasks && world.random.nextInt(4) == 0;
    long longest = slow ? 20 * LendingWorld.SECOND : LendingWorld.SECOND / 2;
    after(
        world.random.nextLong(longest),
        () -> {
          if (drain == of) {
            if (ordered) {
              ordered = false;
              world.invariants.moves(this);
            }
            step(new Input.Drained(registered.registration()));
          }
        });
  }

  /** A request to a master, which may have an effect though no answer comes. */
  private void ask(
      String master, long registration, DispatchInput input, Consumer<Answer> answered) {
    LendingMaster to = world.master(master);
    boolean[] open = {true};
    Consumer<Answer> once =
        answer -> {
          if (open[0]) {
            open[0] = false;
            answered.accept(answer);
          }
        };
    after(ANSWERED_WITHIN, () -> once.accept(Answer.NONE));
    if (!to.runs() && world.network.reaches(index(), to.index()) && world.random.nextBoolean()) {
      after(LendingWorld.MILLI, () -> once.accept(Answer.NOBODY_THERE));
      return;
    }
    tell(
        to,
        "request",
        () -> {
          boolean accepted = to.accepts(name(), registration, input);
          to.tell(this, "answer", () -> once.accept(accepted ? Answer.YES : Answer.FENCED));
        });
  }

  /** An order of a master, to be refused under any number but the present one. */
  void obey(WorkerMessage order) {
    Registration now = allegiance.serving();
    switch (order) {
      case Redirect(var master, var registration, var target, _, List<String> failover) ->
          go(
              now,
              new Registration(master, registration),
              n -> new Input.Redirected(n, target, failover));
      case Return(var master, var registration) -> {
        if (world.mutation != LendingMutation.WORKERS_STAY_AWAY) {
          go(now, new Registration(master, registration), Input.Returned::new);
        }
      }
      default -> throw new IllegalArgumentException(order.toString());
    }
  }

  private void go(
      @Nullable Registration now, Registration of, java.util.function.LongFunction<Input> input) {
    boolean any = world.mutation == LendingMutation.WORKERS_OBEY_OLD_ORDERS;
    if (now == null || !(any || now.registration() == of.registration())) {
      return;
    }
    List<Effect> effects = allegiance.step(input.apply(now.registration()));
    if (effects.stream().anyMatch(Effect.Drain.class::isInstance)) {
      ordered = true;
      world.invariants.obeys(this, of.registration(), now.registration());
    }
    effects.forEach(this::carryOut);
  }

  /** Tasks of a master, to be refused under any number but the present one. */
  void run(LendingMaster from, long registration) {
    Registration now = allegiance.serving();
    boolean present = now != null && onTheWire(now) == registration;
    if (present || world.mutation == LendingMutation.WORKERS_TAKE_ANY_TASKS) {
      world.invariants.takes(this, from, registration);
    }
  }

  /** The number that it asked a master with last. */
  long latest() {
    return latest;
  }

  String home() {
    return home;
  }

  @Nullable Registration serving() {
    return runs() ? allegiance.serving() : null;
  }
}
