package dev.batuta.election;

import dev.batuta.codec.ElectionMessage;
import java.util.OptionalLong;

/**
 * All that an election remembers. Instants are monotonic, in milliseconds.
 *
 * @param known of epochs and coordinators
 * @param backoff of the elections that this server starts
 * @param doubtUntil until when it ranks itself behind, because the database did not answer it
 */
public record ElectionState(
    Peer self,
    Policy policy,
    Times times,
    Phase phase,
    Known known,
    Backoff backoff,
    long doubtUntil) {

  /**
   * What is known of epochs.
   *
   * @param epoch the highest that is known to have been won
   * @param coordinator of it, or the one before while this server itself is; empty if none
   * @param why the reason of the latest election, for people
   */
  record Known(long epoch, String coordinator, String why) {}

  /** A server that has just started. */
  public static ElectionState initial(Peer self, Policy policy, Times times, long now) {
    return new ElectionState(
        self,
        policy,
        times,
        new Phase.Idle(now + times.answer()),
        new Known(0, "", "started"),
        Backoff.none(now),
        now);
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
    return new ElectionMessage.Coordinator(server, epoch, acting, previous, known.why());
  }

  ElectionMessage.Released released(long epoch, String why) {
    return new ElectionMessage.Released(self.name(), epoch, why);
  }

  // ---- what becomes of it ----

  ElectionState in(Phase next) {
    return new ElectionState(self, policy, times, next, known, backoff, doubtUntil);
  }

  ElectionState because(String reason) {
    return knowing(new Known(known.epoch(), known.coordinator(), reason));
  }

  ElectionState under(long epoch, String coordinator) {
    return knowing(new Known(Math.max(known.epoch(), epoch), coordinator, known.why()));
  }

  private ElectionState knowing(Known next) {
    return new ElectionState(self, policy, times, phase, next, backoff, doubtUntil);
  }

  ElectionState with(Backoff next) {
    return next.equals(backoff)
        ? this
        : new ElectionState(self, policy, times, phase, known, next, doubtUntil);
  }

  ElectionState doubting(long until) {
    return new ElectionState(self, policy, times, phase, known, backoff, until);
  }

  /**
   * Ranks behind while the database is away, or did not answer lately. When it is back, the others
   * get the time to notice that too: else each would believe that it alone may lead.
   */
  ElectionState reaching(boolean database, long now) {
    boolean reached = database && now >= doubtUntil;
    if (reached == self.database()) {
      return this;
    }
    Peer same = new Peer(self.name(), self.rank(), reached, true);
    Backoff next = reached ? backoff.atLeastUntil(now + times.notice()) : backoff;
    return new ElectionState(same, policy, times, phase, known, next, doubtUntil);
  }
}
