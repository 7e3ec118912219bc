package dev.batuta.simulation;

import dev.batuta.codec.WorkerMessage;
import dev.batuta.codec.WorkerMessage.Redirect;
import dev.batuta.codec.WorkerMessage.Return;
import dev.batuta.orchestrator.DispatchInput;
import dev.batuta.worker.Allegiance;
import dev.batuta.worker.Allegiance.Effect;
import dev.batuta.worker.Allegiance.Input;
import dev.batuta.worker.Allegiance.Service;
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
      case Effect.Register(Service service) -> register(service);
      case Effect.Serve(Service service, long term) -> {
        note("serves " + service.master() + " under " + service.registration());
        world.invariants.serves(this);
      }
      case Effect.Abandon(Service service) -> drain++;
      case Effect.Leave(Service service) -> leave(service, 1);
      case Effect.Beat(Service service, boolean leaving) -> beat(service, leaving);
      case Effect.Drain(Service service) -> drain(service);
      case Effect.Resume(Service service) -> {
        note("stays with " + service.master());
        drain++;
        ordered = false;
      }
    }
  }

  private void register(Service service) {
    first = first == 0 ? service.registration() : first;
    latest = onTheWire(service);
    long number = latest;
    ask(
        service.master(),
        number,
        new DispatchInput.Joined(name(), home, number, 10, List.of()),
        answer ->
            step(
                answer == Answer.YES
                    ? new Input.Welcomed(service.registration(), 1)
                    : new Input.Rejected(service.registration(), answer == Answer.FENCED)));
  }

  private long onTheWire(Service service) {
    return world.mutation == LendingMutation.ONE_NUMBER_FOR_ALL ? first : service.registration();
  }

  private void beat(Service service, boolean leaving) {
    ask(
        service.master(),
        onTheWire(service),
        new DispatchInput.Alive(name(), onTheWire(service), leaving),
        answer ->
            step(
                switch (answer) {
                  case YES -> new Input.Heard(service.registration());
                  case FENCED -> new Input.Fenced(service.registration());
                  case NOBODY_THERE -> new Input.Missed(service.registration(), true);
                  case NONE -> new Input.Missed(service.registration(), false);
                }));
  }

  private void leave(Service service, int tries) {
    ask(
        service.master(),
        onTheWire(service),
        new DispatchInput.Left(name(), onTheWire(service), true),
        answer -> {
          if (answer == Answer.NONE && tries < GOODBYES) {
            leave(service, tries + 1);
          }
        });
  }

  /** What runs comes to an end, most of the time soon. */
  private void drain(Service service) {
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
            step(new Input.Drained(service.registration()));
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
    Service now = allegiance.serving();
    switch (order) {
      case Redirect(var master, var registration, var target, _, List<String> failover) ->
          go(
              now,
              new Service(master, registration),
              n -> new Input.Redirected(n, target, failover));
      case Return(var master, var registration) -> {
        if (world.mutation != LendingMutation.WORKERS_STAY_AWAY) {
          go(now, new Service(master, registration), Input.Returned::new);
        }
      }
      default -> throw new IllegalArgumentException(order.toString());
    }
  }

  private void go(@Nullable Service now, Service of, java.util.function.LongFunction<Input> input) {
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
    Service now = allegiance.serving();
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

  @Nullable Service serving() {
    return runs() ? allegiance.serving() : null;
  }
}
