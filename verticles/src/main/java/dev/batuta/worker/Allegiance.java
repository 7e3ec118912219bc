package dev.batuta.worker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which master a worker serves: its home when that lives, a master that it was lent to while that
 * lives, else the next live server. Each registration has a number above all before it, also over
 * restarts of the worker; the latest one decides, and masters refuse what comes under an older.
 *
 * <p>A worker that is to go elsewhere first finishes what runs and reports it; what it has not
 * begun goes back to the master with its goodbye. Only then it asks the next master, so that no
 * task is lost, run twice, or costs an attempt. If that takes too long it stays.
 *
 * <p>A master that it no longer sees is given up once it does not answer either: where all are
 * busy, one that lives is suspected for a moment. One that is given up may live, and is told so,
 * that what it has given is given to others at once.
 *
 * <p>A worker that others do not reach registers with nobody, as it would be given tasks that do
 * not come to it, and tells nobody that it lives. Nor does it learn anything of its master from
 * silence: one that stood still finds all its heartbeats without an answer at once. The first tick
 * once it is reached asks a master again.
 *
 * <p>A pure core: no clock and no I/O. The state is changed in place; it belongs to one thread.
 */
public final class Allegiance {
  /** Heartbeats without an answer after which a master is given up. */
  public static final int MAX_MISSED = 3;

  /** Heartbeats for which a returned home is to be in sight before the worker goes back to it. */
  public static final int HOME_SEEN = 3;

  /** Heartbeats within which what runs is to be finished by a worker that is to go elsewhere. */
  public static final int MAX_DRAIN = 10;

  /** With which master, and under which number of the worker's. */
  public record Registration(String master, long registration) {}

  /** What happens. */
  public sealed interface Input {
    /** A heartbeat is due; the numbers of registrations start at the milliseconds since 1970. */
    record Tick(long nowMillis, List<String> masters) implements Input {}

    /** Whether others reach this worker by its address, until told otherwise; they do at first. */
    record Reachable(boolean now) implements Input {}

    record Welcomed(long registration, long term) implements Input {}

    /** A registration was refused, or not answered. */
    record Rejected(long registration, boolean outdated) implements Input {}

    record Heard(long registration) implements Input {}

    /** A heartbeat was not answered; {@code gone} when there is nobody at the address. */
    record Missed(long registration, boolean gone) implements Input {}

    /** The master, or the database, refuses what comes under this registration. */
    record Fenced(long registration) implements Input {}

    /**
     * The master lends this worker.
     *
     * @param failover masters to try, in this order, when target and home are both dead
     */
    record Redirected(long registration, String target, List<String> failover) implements Input {}

    /** The master gives this worker back to its home. */
    record Returned(long registration) implements Input {}

    /** Answer to {@link Effect.Drain}: nothing runs, and what ran is reported. */
    record Drained(long registration) implements Input {}
  }

  /** What is to be done, in this order. */
  public sealed interface Effect {
    /** Ask to join; answered by Welcomed or Rejected. */
    record Register(Registration registered) implements Effect {}

    /** From now on take tasks under this registration only. */
    record Serve(Registration registered, long term) implements Effect {}

    /** Drop what was taken under this registration. */
    record Abandon(Registration registered) implements Effect {}

    /**
     * Tell this master that its registration is over, and that nothing more comes of it.
     *
     * @param drained whether what was not reported was never begun
     */
    record Leave(Registration registered, boolean drained) implements Effect {}

    /** Say that this worker lives; answered by Heard, Missed or Fenced. */
    record Beat(Registration registered, boolean leaving) implements Effect {}

    /** Begin nothing more, finish and report what runs; answered by Drained. */
    record Drain(Registration registered) implements Effect {}

    /** Go on with what was taken: the worker stays. */
    record Resume(Registration registered) implements Effect {}
  }

  /** Where a worker goes once it is drained. */
  private record Move(String target, boolean lent, List<String> failover) {}

  private final String home;
  private boolean reachable = true;
  private long lastRegistration;
  private long nowMillis;
  private List<String> masters = List.of();
  private @Nullable Registration serving;
  private @Nullable Registration asking;
  private @Nullable Move move;

  /** Who borrows this worker, from its goodbye to its lender until it leaves the borrower. */
  private @Nullable String borrower;

  private List<String> failover = List.of();
  private int draining;
  private int missed;
  private int homeSeen;
  private int candidate;

  public Allegiance(String home) {
    this.home = home;
  }

  /** One step with one input; what is to be done, in this order. */
  public List<Effect> step(Input input) {
    List<Effect> effects = new ArrayList<>();
    switch (input) {
      case Input.Tick(long now, List<String> live) -> {
        if (reachable) {
          nowMillis = now;
          masters = List.copyOf(live);
          tick(effects);
        }
      }
      case Input.Reachable(boolean now) -> reachable = now;
      case Input.Welcomed(long registration, long term) -> welcomed(registration, term, effects);
      case Input.Rejected(long registration, boolean outdated) ->
          rejected(registration, outdated, effects);
      case Input.Heard(long registration) -> {
        if (isServing(registration)) {
          missed = 0;
        }
      }
      case Input.Missed(long registration, boolean gone) -> {
        if (reachable && isServing(registration)) {
          miss(gone ? 2 : 1, effects);
        }
      }
      case Input.Fenced(long registration) -> {
        if (isServing(registration)) {
          abandon(effects);
          ask(effects);
        }
      }
      case Input.Redirected(long registration, String target, List<String> others) ->
          moveFrom(registration, new Move(target, true, List.copyOf(others)), effects);
      case Input.Returned(long registration) ->
          moveFrom(registration, new Move(home, false, List.of()), effects);
      case Input.Drained(long registration) -> drained(registration, effects);
    }
    return effects;
  }

  /** The registration in force; null while this worker looks for a master. */
  public @Nullable Registration serving() {
    return serving;
  }

  /** Whether this is the registration that is in force. */
  public boolean isServing(long registration) {
    return serving != null && serving.registration() == registration;
  }

  private void tick(List<Effect> effects) {
    Registration now = serving;
    if (now == null) {
      if (asking == null) {
        candidate = 0;
      }
      ask(effects);
      return;
    }
    boolean unseen = !masters.isEmpty() && !masters.contains(now.master());
    if (unseen && miss(1, effects)) {
      return;
    }
    if (move != null && ++draining > MAX_DRAIN) {
      move = null;
      effects.add(new Effect.Resume(now));
    }
    effects.add(new Effect.Beat(now, move != null));
    boolean strayed = !now.master().equals(home) && !now.master().equals(borrower);
    homeSeen = strayed && masters.contains(home) ? homeSeen + 1 : 0;
    if (homeSeen >= HOME_SEEN) {
      homeSeen = 0;
      moveFrom(now.registration(), new Move(home, false, List.of()), effects);
    }
  }

  /** Begins to move, unless it moves already or is there. */
  private void moveFrom(long registration, Move next, List<Effect> effects) {
    Registration now = serving;
    if (now == null
        || now.registration() != registration
        || move != null
        || now.master().equals(next.target())) {
      return;
    }
    move = next;
    draining = 0;
    effects.add(new Effect.Drain(now));
    effects.add(new Effect.Beat(now, true));
  }

  private void drained(long registration, List<Effect> effects) {
    Registration over = serving;
    Move next = move;
    if (over == null || over.registration() != registration || next == null) {
      return;
    }
    standAlone();
    borrower = next.lent() ? next.target() : null;
    failover = next.failover();
    effects.add(new Effect.Abandon(over));
    effects.add(new Effect.Leave(over, true));
    ask(effects);
  }

  /** Asks the next candidate, each once before any twice; nobody while others do not reach it. */
  private void ask(List<Effect> effects) {
    List<String> candidates = candidates();
    if (reachable && asking == null && candidate < candidates.size()) {
      register(candidates.get(candidate++), effects);
    }
  }

  /** The borrower first, home next, then the failover list; who is not seen to live comes last. */
  private List<String> candidates() {
    List<String> wanted = new ArrayList<>();
    if (borrower != null) {
      wanted.add(borrower);
    }
    wanted.add(home);
    wanted.addAll(failover);
    List<String> candidates = new ArrayList<>(wanted);
    if (!masters.isEmpty()) {
      candidates.retainAll(masters);
      candidates.addAll(masters);
      candidates.add(home);
    }
    return candidates.stream().distinct().toList();
  }

  private void register(String master, List<Effect> effects) {
    lastRegistration = Math.max(lastRegistration + 1, nowMillis);
    Registration next = new Registration(master, lastRegistration);
    asking = next;
    effects.add(new Effect.Register(next));
  }

  private void welcomed(long registration, long term, List<Effect> effects) {
    Registration next = asking;
    if (next == null || next.registration() != registration) {
      return;
    }
    asking = null;
    serving = next;
    missed = 0;
    if (!next.master().equals(borrower)) {
      borrower = null;
      failover = List.of();
    }
    effects.add(new Effect.Serve(next, term));
  }

  private void rejected(long registration, boolean outdated, List<Effect> effects) {
    Registration asked = asking;
    if (asked == null || asked.registration() != registration) {
      return;
    }
    asking = null;
    if (outdated) {
      // A clock that was set back: the numbers of an earlier life are ahead.
      lastRegistration += lastRegistration - nowMillis + 60_000;
    } else {
      // It may have been welcomed, and the answer lost: then nobody waits for this worker there.
      effects.add(new Effect.Leave(asked, true));
    }
    ask(effects);
  }

  /**
   * So many more heartbeats are without an answer.
   *
   * @return whether that is enough to give the master up
   */
  private boolean miss(int more, List<Effect> effects) {
    missed += more;
    Registration silent = serving;
    if (missed < MAX_MISSED || silent == null) {
      return false;
    }
    abandon(effects);
    effects.add(new Effect.Leave(silent, false));
    ask(effects);
    return true;
  }

  private void abandon(List<Effect> effects) {
    Registration over = serving;
    if (over != null) {
      standAlone();
      borrower = null;
      effects.add(new Effect.Abandon(over));
    }
  }

  private void standAlone() {
    serving = null;
    move = null;
    missed = 0;
    homeSeen = 0;
    candidate = 0;
  }
}
