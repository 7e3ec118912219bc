package dev.batuta.election;

import dev.batuta.codec.ElectionMessage;
import dev.batuta.codec.ElectionMessage.Coordinator;
import dev.batuta.codec.ElectionMessage.HandOver;
import dev.batuta.codec.ElectionMessage.Ok;
import dev.batuta.codec.ElectionMessage.Released;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Bully election (Garcia-Molina 1982, "Elections in a Distributed Computing System", section 3),
 * fenced by an epoch.
 *
 * <p>A pure function of its inputs: no clock, no random, no I/O. Time is monotonic, in
 * milliseconds. Effects are to be carried out in their order; {@link Effect.Claim} must be answered
 * by {@link Input.Claimed}, {@link Input.ClaimRefused} or {@link Input.ClaimUnknown} before this
 * server may act. Bully decides who claims, the database who may.
 */
public final class Election {
  private Election() {}

  /**
   * Bounds in milliseconds.
   *
   * @param answer how long a better-ranked server has for its OK
   * @param announcement how long one that said OK has to announce itself
   * @param retry between two claims, while an older claim runs out
   * @param lease a coordinator that could not renew for so long stops acting
   * @param repeat between two announcements of a coordinator, because one may be lost
   */
  public record Times(long answer, long announcement, long retry, long lease, long repeat) {
    /** For servers that suspect each other after 1 s. */
    public static final Times DEFAULT = new Times(300, 1_500, 150, 1_000, 1_000);
  }

  /** All that an election remembers; {@code previous} is the coordinator before this one. */
  public record State(
      Peer self, Policy policy, Times times, Phase phase, long epoch, String previous, String why) {

    /** A server that has just started. */
    public static State initial(Peer self, Policy policy, Times times, long now) {
      Phase phase = new Phase.Idle(now + times.answer());
      return new State(self, policy, times, phase, 0, "", "started");
    }

    State reaching(boolean database) {
      Peer same = new Peer(self.name(), self.rank(), database);
      return new State(same, policy, times, phase, epoch, previous, why);
    }

    State leading(long won, long renewed, long announced) {
      Phase next = new Phase.Leading(won, renewed, announced);
      return new State(self, policy, times, next, won, previous, why);
    }

    State in(Phase next) {
      return new State(self, policy, times, next, epoch, previous, why);
    }

    State because(String reason) {
      return new State(self, policy, times, phase, epoch, previous, reason);
    }

    State under(long newer, String coordinator) {
      return new State(self, policy, times, phase, Math.max(epoch, newer), coordinator, why);
    }

    /** The epoch under which this server may act, empty when it may not. */
    public Optional<Long> mayAct() {
      return phase instanceof Phase.Leading leading
          ? Optional.of(leading.epoch())
          : Optional.empty();
    }
  }

  /** What happens to a server. {@code peers} are the other servers that are believed to live. */
  public sealed interface Input {
    /** Time passed, or the membership changed. */
    record Tick(boolean database) implements Input {}

    /** A message of another server. */
    record Heard(ElectionMessage message) implements Input {}

    /** The compare-and-set succeeded. */
    record Claimed(long epoch) implements Input {}

    /** The database refused: {@code holder} holds {@code epoch}. */
    record ClaimRefused(long epoch, String holder, String why) implements Input {}

    /** The database did not say; the row must be read again before anything else. */
    record ClaimUnknown(String why) implements Input {}

    /** The epoch row was renewed, by a request sent at {@code at}. */
    record Renewed(long epoch, long at) implements Input {}

    /** The epoch row has another holder. */
    record RenewRefused(long epoch) implements Input {}

    /** An operator asks for an election. */
    record Asked() implements Input {}

    /** This server is about to leave. */
    record Stop() implements Input {}
  }

  /** What is to be done, in this order. */
  public sealed interface Effect {
    record Send(String server, ElectionMessage message) implements Effect {}

    record Publish(ElectionMessage message) implements Effect {}

    /** Try to advance the epoch by compare-and-set. */
    record Claim() implements Effect {}

    record Renew(long epoch) implements Effect {}

    /** Give the epoch row free, and only then tell the others. */
    record Release(long epoch, Released then) implements Effect {}

    /** For the log and the live events. */
    record Note(String event, String detail) implements Effect {}
  }

  /** The next state, and what is to be done. */
  public record Step(State next, List<Effect> effects) {}

  /** One step. */
  public static Step step(State state, long now, List<Peer> peers, Input input) {
    return new ElectionStep(state, now, peers).take(input);
  }

  /** Collects what one step does. */
  private static final class ElectionStep {
    private State state;
    private final long now;
    private final List<Peer> peers;
    private final List<Effect> effects = new ArrayList<>();

    ElectionStep(State state, long now, List<Peer> peers) {
      this.state = state;
      this.now = now;
      this.peers = peers;
    }

    Step take(Input input) {
      if (!(state.phase() instanceof Phase.Stopped)) {
        switch (input) {
          case Input.Tick tick -> tick(tick.database());
          case Input.Heard(var message) -> heard(message);
          case Input.Claimed(var epoch) -> claimed(epoch);
          case Input.ClaimRefused refused -> refused(refused);
          case Input.ClaimUnknown(var why) -> unknown(why);
          case Input.Renewed renewed -> renewed(renewed);
          case Input.RenewRefused(var epoch) -> lostTo(epoch);
          case Input.Asked asked -> campaign("an operator asked for it");
          case Input.Stop stop -> stop();
        }
      }
      return new Step(state, List.copyOf(effects));
    }

    private void tick(boolean database) {
      state = state.reaching(database);
      switch (state.phase()) {
        case Phase.Idle(var until) when now >= until -> campaign(state.why());
        case Phase.Asking(var until) when now >= until -> claim();
        case Phase.Deferring(var until) when now >= until ->
            campaign("the better-ranked did not announce itself");
        case Phase.Refused(var until) when now >= until -> claim();
        case Phase.Following(var coordinator, var epoch) -> follow(coordinator);
        case Phase.Leading leading -> lead(leading);
        case Phase.Idle _, Phase.Asking _, Phase.Deferring _, Phase.Refused _ -> {}
        case Phase.Claiming _, Phase.Stopped _ -> {}
      }
    }

    private void follow(String coordinator) {
      Optional<Peer> leader = peer(coordinator);
      if (leader.isEmpty()) {
        note("coordinator silent", coordinator);
        campaign(coordinator + " is silent");
      } else if (better(state.self(), leader.get())) {
        campaign(state.self().name() + " ranks better than " + coordinator);
      }
    }

    private void lead(Phase.Leading leading) {
      if (now - leading.renewed() > state.times().lease()) {
        idle("its renewal of epoch " + leading.epoch() + " is overdue");
        return;
      }
      effects.add(new Effect.Renew(leading.epoch()));
      if (now - leading.announced() >= state.times().repeat()) {
        announce(leading.epoch(), leading.renewed());
      }
    }

    /** Section 3, first part: ask all that rank better; lead when none of them answers. */
    private void campaign(String why) {
      if (state.phase() instanceof Phase.Leading || state.phase() instanceof Phase.Claiming) {
        return;
      }
      state = state.because(why);
      note("election started", why);
      List<Peer> ahead = peers.stream().filter(peer -> better(peer, state.self())).toList();
      if (ahead.isEmpty()) {
        claim();
        return;
      }
      for (Peer peer : ahead) {
        send(
            peer.name(),
            new ElectionMessage.Election(
                state.self().name(), state.self().rank(), state.self().database()));
      }
      state = state.in(new Phase.Asking(now + state.times().answer()));
    }

    private void claim() {
      if (!(state.phase() instanceof Phase.Refused)) {
        note("nobody better answered", state.why());
      }
      state = state.in(new Phase.Claiming());
      effects.add(new Effect.Claim());
    }

    private void claimed(long epoch) {
      if (!(state.phase() instanceof Phase.Claiming) || epoch <= state.epoch()) {
        effects.add(new Effect.Release(epoch, new Released(state.self().name(), epoch)));
        return;
      }
      announce(epoch, now);
      note("coordinator announced", "epoch " + epoch + ", before " + state.previous());
    }

    private void announce(long epoch, long renewed) {
      effects.add(
          new Effect.Publish(
              new Coordinator(state.self().name(), epoch, false, state.previous(), state.why())));
      state = state.leading(epoch, renewed, now);
    }

    private void refused(Input.ClaimRefused refused) {
      if (!(state.phase() instanceof Phase.Claiming)) {
        return;
      }
      Optional<Peer> holder = peer(refused.holder());
      if (holder.isPresent() && better(holder.get(), state.self())) {
        state =
            state
                .under(refused.epoch(), refused.holder())
                .in(new Phase.Following(refused.holder(), refused.epoch()));
        return;
      }
      holder.ifPresent(
          peer -> send(peer.name(), new HandOver(state.self().name(), state.self().rank())));
      state = state.in(new Phase.Refused(now + state.times().retry()));
    }

    private void unknown(String why) {
      if (state.phase() instanceof Phase.Claiming) {
        state = state.because(why).in(new Phase.Refused(now + state.times().retry()));
      }
    }

    private void renewed(Input.Renewed renewed) {
      if (state.phase() instanceof Phase.Leading leading && leading.epoch() == renewed.epoch()) {
        long latest = Math.max(leading.renewed(), renewed.at());
        state = state.in(new Phase.Leading(leading.epoch(), latest, leading.announced()));
      }
    }

    private void lostTo(long epoch) {
      if (state.phase() instanceof Phase.Leading leading && leading.epoch() == epoch) {
        idle("epoch " + epoch + " has been replaced");
      }
    }

    private void heard(ElectionMessage message) {
      switch (message) {
        case ElectionMessage.Election asked -> asked(asked);
        case Ok ok -> {
          if (state.phase() instanceof Phase.Asking) {
            state = state.in(new Phase.Deferring(now + state.times().announcement()));
          }
        }
        case Coordinator announced -> announced(announced);
        case HandOver wanted -> handOver(new Peer(wanted.server(), wanted.rank(), true));
        case Released released -> released(released);
        case ElectionMessage.AskElection _ -> campaign("an operator asked for it");
      }
    }

    private void asked(ElectionMessage.Election asked) {
      Peer other = new Peer(asked.server(), asked.rank(), asked.database());
      if (!better(state.self(), other)) {
        return;
      }
      send(other.name(), new Ok(state.self().name(), state.self().rank()));
      switch (state.phase()) {
        case Phase.Leading leading -> announce(leading.epoch(), leading.renewed());
        case Phase.Idle _ -> campaign(asked.server() + " asked");
        case Phase.Following(var coordinator, _) ->
            campaign(
                peer(coordinator).isEmpty()
                    ? coordinator + " is silent"
                    : asked.server() + " asked");
        case Phase.Asking _, Phase.Deferring _, Phase.Refused _ -> {}
        case Phase.Claiming _, Phase.Stopped _ -> {}
      }
    }

    private void announced(Coordinator announced) {
      if (announced.server().equals(state.self().name()) || announced.epoch() < state.epoch()) {
        return;
      }
      if (state.phase() instanceof Phase.Leading leading) {
        if (announced.epoch() == leading.epoch()) {
          return;
        }
        note("stepped down", "epoch " + announced.epoch() + " is newer");
      }
      boolean known =
          state.phase() instanceof Phase.Following(var coordinator, var epoch)
              && coordinator.equals(announced.server())
              && epoch == announced.epoch();
      if (!known && !(state.phase() instanceof Phase.Claiming)) {
        state = state.in(new Phase.Following(announced.server(), announced.epoch()));
      }
      state = state.under(announced.epoch(), announced.server());
    }

    /** A better-ranked server that reaches the database wants the baton: it gets it. */
    private void handOver(Peer wanting) {
      if (state.phase() instanceof Phase.Leading leading && better(wanting, state.self())) {
        effects.add(
            new Effect.Release(
                leading.epoch(), new Released(state.self().name(), leading.epoch())));
        note("baton handed over", wanting.name() + " ranks better");
        state =
            state
                .under(leading.epoch(), state.self().name())
                .because(wanting.name() + " ranks better")
                .in(new Phase.Idle(now + state.times().announcement()));
      }
    }

    private void released(Released released) {
      if (released.epoch() < state.epoch()) {
        return;
      }
      switch (state.phase()) {
        case Phase.Refused _ -> claim();
        case Phase.Following _, Phase.Idle _ -> campaign(released.server() + " released the baton");
        case Phase.Asking _, Phase.Deferring _ -> {}
        case Phase.Claiming _, Phase.Leading _, Phase.Stopped _ -> {}
      }
    }

    private void stop() {
      if (state.phase() instanceof Phase.Leading leading) {
        effects.add(
            new Effect.Release(
                leading.epoch(), new Released(state.self().name(), leading.epoch())));
        note("baton released", "this server stops");
      }
      state = state.in(new Phase.Stopped());
    }

    private void idle(String why) {
      note("stepped down", why);
      state =
          state
              .under(state.epoch(), state.self().name())
              .because(why)
              .in(new Phase.Idle(now + state.times().retry()));
    }

    private boolean better(Peer one, Peer other) {
      return state.policy().better(one, other);
    }

    private Optional<Peer> peer(String name) {
      return peers.stream().filter(peer -> peer.name().equals(name)).findFirst();
    }

    private void send(String server, ElectionMessage message) {
      effects.add(new Effect.Send(server, message));
    }

    private void note(String event, String detail) {
      effects.add(new Effect.Note(event, detail));
    }
  }
}
