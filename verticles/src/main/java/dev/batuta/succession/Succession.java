package dev.batuta.succession;

import dev.batuta.succession.SuccessionStore.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * When the coordinator takes the queue of a server away, and who gets it: a server that has been
 * away for longer than the grace, the least loaded of those that live. The database decides whether
 * it may; after a refusal the next try waits, longer each time.
 *
 * <p>A pure function of its inputs. How long a server is away is counted in the steps of this
 * node's own ticks, each of bounded length: time during which this node itself was stalled is no
 * evidence against the others. Every server counts, so that one that becomes coordinator knows.
 */
final class Succession {
  private Succession() {}

  /**
   * Bounds.
   *
   * @param grace absence after which a queue is taken
   * @param maxStep most that one tick counts
   * @param firstPause after a refusal; doubles
   */
  record Limits(Duration grace, Duration maxStep, Duration firstPause, Duration maxPause) {
    static Limits of(Duration grace) {
      return new Limits(
          grace, Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(30));
    }
  }

  /**
   * A server that lives.
   *
   * @param able whether it may be an heir
   */
  record Living(String server, int load, boolean able) {}

  /** What happens. */
  sealed interface Input {
    /**
     * @param epoch under which this server may act, if it may
     */
    record Tick(Duration elapsed, Optional<Long> epoch, List<Living> living) implements Input {}

    /** Answer to {@link Effect.AskOwners}. */
    record Owners(Set<String> servers) implements Input {}

    /** Answer to {@link Effect.AskOwners}: not now. */
    record OwnersUnknown() implements Input {}

    /** Answer to {@link Effect.Take}. */
    record Answered(String server, String heir, Answer answer) implements Input {}

    /** Answer to {@link Effect.Take}: it may have happened or not. */
    record Unanswered(String server) implements Input {}

    /** Answer to {@link Effect.Take}: the epoch is over. */
    record Fenced(long epoch) implements Input {}
  }

  /** What is to be done. */
  sealed interface Effect {
    record AskOwners() implements Effect {}

    record Take(long epoch, String server, String heir) implements Effect {}

    /** Tell the heir; it finds out by itself if that is lost. */
    record Tell(long epoch, String server, String heir) implements Effect {}
  }

  /**
   * A server that does not live, as seen from here.
   *
   * @param away for so long
   * @param pause after the next refusal
   * @param waits before the next try
   */
  record Absence(Duration away, Duration pause, Duration waits) {}

  /**
   * Immutable.
   *
   * @param fenced the last epoch of which is known that it is over
   * @param busy whether an answer is awaited
   */
  record State(
      Limits limits,
      Optional<Long> epoch,
      long fenced,
      List<Living> living,
      Map<String, Absence> absent,
      boolean busy) {
    static State initial(Limits limits) {
      return new State(limits, Optional.empty(), 0, List.of(), Map.of(), false);
    }

    private State with(Map<String, Absence> absences, boolean awaits) {
      return new State(limits, epoch, fenced, living, Map.copyOf(absences), awaits);
    }

    private Absence fresh() {
      return new Absence(Duration.ZERO, limits.firstPause(), Duration.ZERO);
    }
  }

  /** The next state, and what is to be done. */
  record Step(State next, List<Effect> effects) {}

  static Step step(State state, Input input) {
    return switch (input) {
      case Input.Tick tick -> tick(state, tick);
      case Input.Owners(Set<String> servers) -> choose(state, servers);
      case Input.OwnersUnknown() -> new Step(state.with(state.absent(), false), List.of());
      case Input.Answered answered -> answered(state, answered);
      case Input.Unanswered(String server) -> new Step(pause(state, server), List.of());
      case Input.Fenced(long epoch) ->
          new Step(
              new State(
                  state.limits(),
                  state.epoch(),
                  Math.max(state.fenced(), epoch),
                  state.living(),
                  state.absent(),
                  false),
              List.of());
    };
  }

  private static Step tick(State state, Input.Tick tick) {
    Duration step = min(tick.elapsed(), state.limits().maxStep());
    Map<String, Absence> absent = new TreeMap<>();
    state
        .absent()
        .forEach(
            (server, absence) ->
                absent.put(
                    server,
                    new Absence(
                        absence.away().plus(step),
                        absence.pause(),
                        max(Duration.ZERO, absence.waits().minus(step)))));
    state.living().forEach(before -> absent.putIfAbsent(before.server(), state.fresh()));
    tick.living().forEach(now -> absent.remove(now.server()));
    boolean acts = tick.epoch().filter(epoch -> epoch > state.fenced()).isPresent();
    boolean asks = acts && !state.busy();
    State next =
        new State(
            state.limits(),
            tick.epoch(),
            state.fenced(),
            List.copyOf(tick.living()),
            Map.copyOf(absent),
            state.busy() || asks);
    return new Step(next, asks ? List.of(new Effect.AskOwners()) : List.of());
  }

  private static Step choose(State state, Set<String> owners) {
    Map<String, Absence> absent = new TreeMap<>(state.absent());
    List<String> living = state.living().stream().map(Living::server).toList();
    for (String owner : owners) {
      if (!living.contains(owner)) {
        absent.putIfAbsent(owner, state.fresh());
      }
    }
    Optional<String> due =
        absent.entrySet().stream()
            .filter(entry -> owners.contains(entry.getKey()))
            .filter(entry -> entry.getValue().away().compareTo(state.limits().grace()) >= 0)
            .filter(entry -> entry.getValue().waits().isZero())
            .map(Map.Entry::getKey)
            .findFirst();
    Optional<String> heir =
        state.living().stream()
            .filter(Living::able)
            .min(Comparator.comparingInt(Living::load).thenComparing(Living::server))
            .map(Living::server);
    List<Effect> effects = new ArrayList<>();
    state
        .epoch()
        .filter(epoch -> epoch > state.fenced())
        .ifPresent(
            epoch ->
                due.ifPresent(
                    server ->
                        heir.ifPresent(to -> effects.add(new Effect.Take(epoch, server, to)))));
    return new Step(state.with(absent, !effects.isEmpty()), effects);
  }

  private static Step answered(State state, Input.Answered answered) {
    return switch (answered.answer()) {
      case TAKEN ->
          new Step(
              state.with(state.absent(), false),
              List.of(
                  new Effect.Tell(state.epoch().orElse(0L), answered.server(), answered.heir())));
      case NOTHING -> new Step(state.with(state.absent(), false), List.of());
      case ALIVE, NO_HEIR -> new Step(pause(state, answered.server()), List.of());
    };
  }

  private static State pause(State state, String server) {
    Map<String, Absence> absent = new TreeMap<>(state.absent());
    absent.computeIfPresent(
        server,
        (name, absence) ->
            new Absence(
                absence.away(),
                min(absence.pause().multipliedBy(2), state.limits().maxPause()),
                absence.pause()));
    return state.with(absent, false);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }
}
