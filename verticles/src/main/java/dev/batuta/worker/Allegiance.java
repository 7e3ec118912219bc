package dev.batuta.worker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which master a worker serves: its home when that lives, else the next live server. Each
 * registration has a number above all before it, also over restarts of the worker; the latest one
 * decides, and masters refuse what comes under an older.
 *
 * <p>A pure core: no clock and no I/O. The state is changed in place; it belongs to one thread.
 */
final class Allegiance {
  /** Heartbeats without an answer after which a master is given up. */
  static final int MAX_MISSED = 3;

  /** Heartbeats for which a returned home is to be in sight before the worker goes back to it. */
  static final int HOME_SEEN = 3;

  /** A service under one registration. */
  record Service(String master, long registration) {}

  /** What happens. */
  sealed interface Input {
    /** A heartbeat is due; the numbers of registrations start at the milliseconds since 1970. */
    record Tick(long nowMillis, List<String> masters) implements Input {}

    record Welcomed(long registration, long term) implements Input {}

    /** A registration was refused, or not answered. */
    record Rejected(long registration, boolean outdated) implements Input {}

    record Heard(long registration) implements Input {}

    /** A heartbeat was not answered; {@code gone} when there is nobody at the address. */
    record Missed(long registration, boolean gone) implements Input {}

    /** The master, or the database, refuses what comes under this registration. */
    record Fenced(long registration) implements Input {}
  }

  /** What is to be done, in this order. */
  sealed interface Effect {
    /** Ask to join; answered by Welcomed or Rejected. */
    record Register(Service service) implements Effect {}

    /** From now on take tasks under this registration only. */
    record Serve(Service service, long term) implements Effect {}

    /** Drop what was taken under this registration. */
    record Abandon(Service service) implements Effect {}

    /** Tell this master that its registration is over. */
    record Leave(Service service) implements Effect {}

    /** Say that this worker lives; answered by Heard, Missed or Fenced. */
    record Beat(Service service) implements Effect {}
  }

  private final String home;
  private long lastRegistration;
  private long nowMillis;
  private List<String> masters = List.of();
  private @Nullable Service serving;
  private @Nullable Service asking;
  private int missed;
  private int homeSeen;
  private int candidate;

  Allegiance(String home) {
    this.home = home;
  }

  List<Effect> step(Input input) {
    List<Effect> effects = new ArrayList<>();
    switch (input) {
      case Input.Tick(long now, List<String> live) -> {
        nowMillis = now;
        masters = List.copyOf(live);
        tick(effects);
      }
      case Input.Welcomed(long registration, long term) -> welcomed(registration, term, effects);
      case Input.Rejected(long registration, boolean outdated) ->
          rejected(registration, outdated, effects);
      case Input.Heard(long registration) -> {
        if (isServing(registration)) {
          missed = 0;
        }
      }
      case Input.Missed(long registration, boolean gone) -> {
        missed += isServing(registration) ? (gone ? 2 : 1) : 0;
        if (missed >= MAX_MISSED) {
          abandon(effects);
        }
      }
      case Input.Fenced(long registration) -> {
        if (isServing(registration)) {
          abandon(effects);
        }
      }
    }
    return effects;
  }

  @Nullable Service serving() {
    return serving;
  }

  private boolean isServing(long registration) {
    return serving != null && serving.registration() == registration;
  }

  private void tick(List<Effect> effects) {
    Service now = serving;
    if (now == null) {
      candidate = 0;
      ask(effects);
      return;
    }
    if (!masters.isEmpty() && !masters.contains(now.master())) {
      abandon(effects);
      return;
    }
    effects.add(new Effect.Beat(now));
    homeSeen = !now.master().equals(home) && masters.contains(home) ? homeSeen + 1 : 0;
    if (homeSeen >= HOME_SEEN && asking == null) {
      homeSeen = 0;
      register(home, effects);
    }
  }

  /** Asks the next candidate, each once between two ticks. */
  private void ask(List<Effect> effects) {
    List<String> candidates = candidates();
    if (asking == null && candidate < candidates.size()) {
      register(candidates.get(candidate++), effects);
    }
  }

  private List<String> candidates() {
    List<String> candidates = new ArrayList<>(masters);
    if (candidates.remove(home) || candidates.isEmpty()) {
      candidates.addFirst(home);
    } else {
      candidates.addLast(home);
    }
    return candidates;
  }

  private void register(String master, List<Effect> effects) {
    lastRegistration = Math.max(lastRegistration + 1, nowMillis);
    Service next = new Service(master, lastRegistration);
    asking = next;
    effects.add(new Effect.Register(next));
  }

  private void welcomed(long registration, long term, List<Effect> effects) {
    Service next = asking;
    if (next == null || next.registration() != registration) {
      return;
    }
    Service before = serving;
    asking = null;
    serving = next;
    missed = 0;
    if (before != null) {
      effects.add(new Effect.Abandon(before));
      effects.add(new Effect.Leave(before));
    }
    effects.add(new Effect.Serve(next, term));
  }

  private void rejected(long registration, boolean outdated, List<Effect> effects) {
    Service asked = asking;
    if (asked == null || asked.registration() != registration) {
      return;
    }
    asking = null;
    if (outdated) {
      // A clock that was set back: the numbers of an earlier life are ahead.
      lastRegistration += lastRegistration - nowMillis + 60_000;
    }
    if (serving == null) {
      ask(effects);
    }
  }

  private void abandon(List<Effect> effects) {
    Service over = serving;
    if (over != null) {
      serving = null;
      missed = 0;
      homeSeen = 0;
      candidate = 0;
      effects.add(new Effect.Abandon(over));
      ask(effects);
    }
  }
}
