package dev.batuta.gateway.foreign;

import java.util.List;

/**
 * The place of a {@link ForeignWorker} in the farm of its master: how it takes one, says that it
 * lives, rests, and leaves. What is to be done goes into the effects of the worker. Belongs to one
 * thread.
 */
final class FarmPlace {
  private static final long BEAT_MILLIS = 1_000;
  private static final int MAX_MISSED = 3;

  /** How far the clock of another door, or of an earlier run, may have been ahead. */
  private static final long AHEAD_MILLIS = 60_000;

  private final List<WorkerEffect> effects;
  private long registration;
  private long last;
  private long term;
  private boolean registering;
  private long registeredAt;
  private long triedAt;
  private long beatAt;
  private int missed;
  private boolean resting;

  FarmPlace(List<WorkerEffect> effects) {
    this.effects = effects;
  }

  /** Whether it is a member. */
  boolean isTaken() {
    return registration != 0;
  }

  /** Under which it is a member, 0 when it is none. */
  long registration() {
    return registration;
  }

  /** Whether a number is higher than all that it has asked for. */
  boolean isBelow(long number) {
    return last < number;
  }

  /** Of the queue whose tasks it gets. */
  long term() {
    return term;
  }

  long registeredAt() {
    return registeredAt;
  }

  boolean isResting() {
    return resting;
  }

  /** Whether this registration is the present one. */
  boolean isUnder(long number) {
    return registration != 0 && number == registration;
  }

  /** Asks for one, unless it is doing so. */
  void register(long now, List<String> kinds) {
    if (!registering) {
      registering = true;
      triedAt = now;
      last = Math.max(last + 1, now);
      effects.add(new WorkerEffect.Register(last, kinds));
    }
  }

  /** Whether this is the welcome that it waits for. */
  boolean welcome(long now, long number, long ofTerm) {
    if (!registering || number != last) {
      return false;
    }
    registering = false;
    registration = number;
    registeredAt = now;
    term = ofTerm;
    missed = 0;
    beatAt = now;
    resting = false;
    return true;
  }

  /**
   * @param outdated whether the farm knows a higher number
   */
  void reject(long number, boolean outdated) {
    if (registering && number == last) {
      registering = false;
      last += outdated ? AHEAD_MILLIS : 0;
    }
  }

  void heard(long number) {
    missed = number == registration ? 0 : missed;
  }

  /** Whether the place is lost with that. */
  boolean unheard(long number, boolean fenced) {
    if (number != registration || !isTaken() || (!fenced && ++missed < MAX_MISSED)) {
      return false;
    }
    registration = 0;
    missed = 0;
    resting = false;
    return true;
  }

  /** Takes nothing for now; what it was sent and was not told of goes back with that. */
  void rest(long now, boolean leaving) {
    resting = true;
    beat(now, 0, leaving);
  }

  /** Takes tasks again. */
  void wake(long now, boolean leaving) {
    resting = false;
    beat(now, 0, leaving);
  }

  void beat(long now, int outstanding, boolean leaving) {
    if (isTaken()) {
      beatAt = now;
      effects.add(new WorkerEffect.Beat(registration, outstanding, leaving, resting));
    }
  }

  /** Does what is due: asks again for a place, or says that it lives. */
  void tick(long now, int outstanding, boolean leaving, List<String> kinds) {
    if (!isTaken() && now - triedAt >= BEAT_MILLIS) {
      register(now, kinds);
    }
    if (now - beatAt >= BEAT_MILLIS) {
      beat(now, outstanding, leaving);
    }
  }

  void leave() {
    if (isTaken()) {
      effects.add(new WorkerEffect.Leave(registration));
      registration = 0;
    }
  }
}
