package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.orchestrator.dispatch.DispatchInput.Alive;
import dev.batuta.orchestrator.dispatch.DispatchInput.Joined;
import dev.batuta.orchestrator.dispatch.DispatchInput.Left;
import dev.batuta.orchestrator.dispatch.DispatchInput.Reported;
import dev.batuta.task.Kinds;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A worker in a {@link DispatchWorld}. */
final class SimulatedWorker {
  final String name;
  private final DispatchWorld world;
  private final int credits;

  /** What it has seen and not got rid of, so that it does nothing twice. */
  private final Set<String> held = new HashSet<>();

  /** What it is at. */
  private final Set<String> working = new HashSet<>();

  long registration;
  private long nextRegistration = 1;
  private long silentUntil;

  SimulatedWorker(DispatchWorld world, String name, int credits) {
    this.world = world;
    this.name = name;
    this.credits = credits;
    register();
    world.always(1000, this::beat);
  }

  /** Every worker takes what is common; A and B some do; RARE one, in the end. */
  private boolean takes(String kind) {
    return switch (kind) {
      case "A" -> name.equals("w2") || name.equals("w3");
      case "B" -> name.equals("w3") || name.equals("w4");
      case "RARE" -> name.equals("w1") && world.calm;
      default -> Kinds.COMMON.contains(kind);
    };
  }

  private List<String> claimedKinds() {
    boolean lies = world.sabotage == DispatchWorld.Sabotage.SEND_WHAT_IS_NOT_TAKEN;
    return Stream.of("QUERY", "A", "B", "RARE").filter(kind -> lies || takes(kind)).toList();
  }

  void register() {
    registration = nextRegistration++;
    held.clear();
    working.clear();
    int claimed =
        world.sabotage == DispatchWorld.Sabotage.MORE_THAN_CREDITS ? credits * 3 : credits;
    long asked = registration;
    world.soon(
        () -> {
          if (asked == registration) {
            world.step(new Joined(name, "s", asked, claimed, claimedKinds()));
          }
        });
  }

  private void beat() {
    long current = registration;
    if (!silent() && world.step(new Alive(name, current, false)) && current == registration) {
      register();
    }
  }

  private boolean silent() {
    return world.now() < silentUntil;
  }

  boolean serves(long number) {
    return registration == number;
  }

  /** Crashes and comes back, hangs and wakes, or leaves and returns. */
  void breakDown() {
    switch (world.random.nextInt(3)) {
      case 0 -> {
        silentUntil = world.now() + world.random.nextInt(8000);
        world.after(silentUntil - world.now(), this::register);
        registration = 0;
        held.clear();
        working.clear();
      }
      case 1 -> silentUntil = world.now() + world.random.nextInt(8000);
      default -> {
        world.step(new Left(name, registration, false));
        register();
      }
    }
  }

  void receive(DispatchEffect.Send send) {
    if (send.registration() != registration) {
      return;
    }
    for (Assignment task : send.tasks()) {
      String kind = task.payload().kind();
      DispatchWorld.check(!task.payload().equals(new Custom(kind, "")), "sent without payload");
      DispatchWorld.check(takes(kind), name + " does not take " + kind);
      if (held.add(task.id() + "/" + task.attempt())) {
        working.add(task.id() + "/" + task.attempt());
        world.soon(() -> execute(send.registration(), task));
      }
    }
    DispatchWorld.check(
        working.size() <= credits,
        name + " works at " + working.size() + " with " + credits + " credits");
  }

  /** Leaves out what has not begun; here that is told as late as anything else. */
  void drop(long under, long id, int attempt) {
    if (under == registration && !silent() && working.remove(id + "/" + attempt)) {
      report(under, new Outcome(id, attempt, false, null, "the task was cancelled", 0, 0));
    }
  }

  /** What hangs in the middle goes on when it wakes, whatever has been decided meanwhile. */
  private void execute(long under, Assignment task) {
    if (under != registration) {
      return;
    }
    if (silent()) {
      world.after(silentUntil - world.now(), () -> execute(under, task));
      return;
    }
    if (!working.remove(task.id() + "/" + task.attempt())) {
      return;
    }
    Outcome outcome = world.store.execute(task);
    world.soon(() -> report(under, outcome));
  }

  private void report(long under, Outcome outcome) {
    if (under != registration) {
      return;
    }
    boolean lost = silent() || (!world.calm && world.random.nextInt(15) == 0);
    boolean unanswered = lost || (!world.calm && world.random.nextInt(15) == 0);
    if (!unanswered) {
      held.remove(outcome.id() + "/" + outcome.attempt());
    }
    if (!lost && world.step(new Reported(name, under, List.of(outcome)))) {
      register();
    } else if (unanswered) {
      world.after(200, () -> report(under, outcome));
    }
  }
}
