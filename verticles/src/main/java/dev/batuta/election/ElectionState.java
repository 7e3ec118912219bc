package dev.batuta.election;

import dev.batuta.codec.ElectionMessage;
import java.util.List;
import java.util.OptionalLong;

/**
 * All that an election remembers. Instants are monotonic, in milliseconds.
 *
 * @param known of epochs and coordinators
 * @param backoff of the elections that this server starts
 * @param doubtUntil until when it ranks itself behind, because the database did not answer it
 * @param coldStart whom it waits for before the first coordinator that it knows
 * @param standstill whether this process itself stood still lately
 */
public record ElectionState(
    Peer self,
    Policy policy,
    Times times,
    Phase phase,
    Known known,
    Backoff backoff,
    long doubtUntil,
    ColdStart coldStart,
    Standstill standstill) {

  /**
   * What is known of epochs.
   *
   * @param epoch the highest that is known to have been won
   * @param coordinator of it, or the one before while this server itself is; empty if none
   * @param why the reason of the latest election
   */
  record Known(long epoch, String coordinator, Reason why) {
    boolean nothing() {
      return epoch == 0 && coordinator.isEmpty();
    }
  }

  /** A server that has just started. */
  public static ElectionState initial(Candidacy candidacy, long now) {
    Times times = candidacy.times();
    return new ElectionState(
        candidacy.self(),
        candidacy.policy(),
        times,
        new Phase.Idle(now + times.answer()),
        new Known(0, "", Reason.of(Reason.Code.STARTED)),
        Backoff.none(now),
        now,
        ColdStart.of(candidacy, now),
        Standstill.none(now));
  }

  /**
   * The epoch under which this server may act on shared state at this moment, empty when it may
   * not. To be asked at each act: a process that was stopped wakes with an old lease before
   * anything else tells it so.
   */
  public OptionalLong mayAct(long now) {
    return phase instanceof Phase.Leading leading && now - leading.renewed() <= times.lease()
        ? OptionalLong.of(leading.epoch())
        : OptionalLong.empty();
  }

  /** Whether this server leads clock rounds and sync, with the database or without. */
  public boolean coordinates(long now) {
    return phase instanceof Phase.Acting || mayAct(now).isPresent();
  }

  /** Whether it has just started, and knows of no coordinator yet. */
  private boolean isColdStart(long now) {
    return known.nothing() && now < coldStart.connectingUntil();
  }

  /** Whether it is not to start an election yet: {@link ColdStart}. */
  boolean holdsBack(List<Peer> inSight, long now) {
    return known.nothing() && coldStart.holdsBack(self, policy, inSight, now);
  }

  /** The highest epoch that is known to have been won, 0 if none. */
  public long epoch() {
    return known.epoch();
  }

  // ---- what it says ----

  ElectionMessage.Election election() {
    return new ElectionMessage.Election(self.name(), self.rank(), self.database());
  }

  ElectionMessage.Ok ok() {
    return new ElectionMessage.Ok(self.name(), self.rank());
  }

  ElectionMessage.HandOver handOver() {
    return new ElectionMessage.HandOver(self.name(), self.rank());
  }

  /** That this server leads. */
  ElectionMessage.Coordinator announcement() {
    return coordinator(self.name(), known.epoch(), phase instanceof Phase.Acting);
  }

  ElectionMessage.Coordinator coordinator(String server, long epoch, boolean acting) {
    String previous = known.coordinator().equals(server) ? "" : known.coordinator();
    Reason why = known.why();
    return new ElectionMessage.Coordinator(
        server, epoch, acting, previous, why.sentence(), why.code().wire(), why.arguments());
  }

  ElectionMessage.Released released(long epoch, Reason why) {
    return new ElectionMessage.Released(
        self.name(), epoch, why.sentence(), why.code().wire(), why.arguments());
  }

  // ---- what becomes of it ----

  ElectionState in(Phase next) {
    return new ElectionState(
        self, policy, times, next, known, backoff, doubtUntil, coldStart, standstill);
  }

  ElectionState because(Reason reason) {
    return knowing(new Known(known.epoch(), known.coordinator(), reason));
  }

  /** That there was a coordinator, to one that knew of none. */
  ElectionState knowingAtLeast(ElectionMessage.Released released) {
    return known.nothing() ? under(released.epoch(), released.server()) : this;
  }

  ElectionState under(long epoch, String coordinator) {
    return knowing(new Known(Math.max(known.epoch(), epoch), coordinator, known.why()));
  }

  private ElectionState knowing(Known next) {
    return new ElectionState(
        self, policy, times, phase, next, backoff, doubtUntil, coldStart, standstill);
  }

  ElectionState with(Backoff next) {
    return next.equals(backoff)
        ? this
        : new ElectionState(
            self, policy, times, phase, known, next, doubtUntil, coldStart, standstill);
  }

  /** Looks at the time. */
  ElectionState looked(long now) {
    return with(standstill.looked(now, times));
  }

  ElectionState answeredLate(long now) {
    return with(standstill.answeredLate(now));
  }

  private ElectionState with(Standstill next) {
    return new ElectionState(
        self, policy, times, phase, known, backoff, doubtUntil, coldStart, next);
  }

  ElectionState awaitingNoMore(String server) {
    return new ElectionState(
        self,
        policy,
        times,
        phase,
        known,
        backoff,
        doubtUntil,
        coldStart.without(server),
        standstill);
  }

  ElectionState doubting(long until) {
    return new ElectionState(
        self, policy, times, phase, known, backoff, until, coldStart, standstill);
  }

  /**
   * Ranks behind while the database is away, or did not answer lately. When it is back, the others
   * get the time to notice that too: else each would believe that it alone may lead. In a cold
   * start they know who is waited for anyway.
   */
  ElectionState reaching(boolean database, long now) {
    boolean reached = database && now >= doubtUntil;
    if (reached == self.database()) {
      return this;
    }
    Peer same = new Peer(self.name(), self.rank(), reached, true);
    boolean noticed = !reached || isColdStart(now);
    Backoff next = noticed ? backoff : backoff.atLeastUntil(now + times.notice());
    return new ElectionState(
        same, policy, times, phase, known, next, doubtUntil, coldStart, standstill);
  }
}
