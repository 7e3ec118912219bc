package dev.batuta.election;

import static dev.batuta.election.Reason.Code.ASKED;
import static dev.batuta.election.Reason.Code.CLAIM_ANSWERED_LATE;
import static dev.batuta.election.Reason.Code.CLAIM_NOT_ANSWERED;
import static dev.batuta.election.Reason.Code.CLAIM_UNKNOWN;
import static dev.batuta.election.Reason.Code.DATABASE_NOT_REACHED;
import static dev.batuta.election.Reason.Code.DATABASE_REACHED_AGAIN;
import static dev.batuta.election.Reason.Code.GONE;
import static dev.batuta.election.Reason.Code.HUSHED;
import static dev.batuta.election.Reason.Code.NOBODY_REACHES_THE_DATABASE;
import static dev.batuta.election.Reason.Code.NOT_ANNOUNCED;
import static dev.batuta.election.Reason.Code.RANKS_BETTER;
import static dev.batuta.election.Reason.Code.RANKS_BETTER_THAN;
import static dev.batuta.election.Reason.Code.REACHES_THE_DATABASE;
import static dev.batuta.election.Reason.Code.RENEWAL_OVERDUE;
import static dev.batuta.election.Reason.Code.REPLACED;
import static dev.batuta.election.Reason.Code.SILENT_OR_LEAVES;
import static dev.batuta.election.Reason.Code.STOPS;

import dev.batuta.codec.ElectionMessage;
import dev.batuta.codec.ElectionMessage.AskElection;
import dev.batuta.codec.ElectionMessage.Coordinator;
import dev.batuta.codec.ElectionMessage.HandOver;
import dev.batuta.codec.ElectionMessage.Ok;
import dev.batuta.codec.ElectionMessage.Released;
import java.util.List;
import java.util.Optional;

/**
 * Bully election (Garcia-Molina 1982, "Elections in a Distributed Computing System", section 3),
 * fenced by an epoch.
 *
 * <p>A pure function of its inputs: no clock, no random, no I/O. Time is monotonic, in
 * milliseconds. Effects are to be carried out in their order. Bully decides who claims, the
 * database who may: a {@link ElectionEffect.Claim} is to be answered by {@link
 * ElectionInput.Claimed}, {@link ElectionInput.ClaimRefused} or {@link ElectionInput.ClaimUnknown}
 * before this server may act, and one without an answer is given up after a while.
 *
 * <p>Where no server reaches the database the winner leads without powers ({@link Phase.Acting}).
 */
public final class Election {
  private Election() {}

  /** The next state, and what is to be done. */
  public record Step(ElectionState next, List<ElectionEffect> effects) {}

  /**
   * One step.
   *
   * @param peers the other servers that are believed to live and to take part
   */
  public static Step step(ElectionState state, long now, List<Peer> peers, ElectionInput input) {
    return new Rules(state, now, peers).take(input);
  }

  /** What each input changes and does. */
  private static final class Rules extends ElectionStep {
    Rules(ElectionState state, long now, List<Peer> peers) {
      super(state, now, peers);
    }

    Step take(ElectionInput input) {
      boolean stopped = state.phase() instanceof Phase.Stopped;
      if (stopped && input instanceof ElectionInput.Claimed(var epoch, _)) {
        release(epoch, Reason.of(STOPS));
      } else if (!stopped) {
        switch (input) {
          case ElectionInput.Tick(var database) -> tick(database);
          case ElectionInput.Gone(var server) -> gone(server);
          case ElectionInput.Heard(var message) -> heard(message);
          case ElectionInput.Claimed(var epoch, var at) -> claimed(epoch, at);
          case ElectionInput.ClaimRefused refused -> refused(refused);
          case ElectionInput.ClaimUnknown(var why) -> unanswered(Reason.of(CLAIM_UNKNOWN, why));
          case ElectionInput.Renewed(var epoch, var at) -> renewed(epoch, at);
          case ElectionInput.RenewRefused(var epoch) -> replaced(epoch);
          case ElectionInput.Asked _ -> asked();
          case ElectionInput.Stop _ -> stop();
        }
      }
      return new Step(state, effects);
    }

    private void tick(boolean database) {
      state = state.looked(now).reaching(database, now);
      state = state.with(state.backoff().passed(now, state.times()));
      switch (state.phase()) {
        case Phase.Idle(var until) when now >= until -> campaign(state.known().why());
        case Phase.Asking(var until) when now >= until -> lead();
        case Phase.Deferring(var until) when now >= until -> campaign(Reason.of(NOT_ANNOUNCED));
        case Phase.Claiming(var until, _) when now >= until && !excused(state.times().doubt()) ->
            unanswered(Reason.of(CLAIM_NOT_ANSWERED));
        case Phase.Refused refused when now >= refused.until() -> claimAgain(refused);
        case Phase.Following following -> follow(following);
        case Phase.Leading leading -> hold(leading);
        case Phase.Acting acting -> act(acting);
        case Phase.Idle _, Phase.Asking _, Phase.Deferring _ -> {}
        case Phase.Claiming _, Phase.Refused _, Phase.Stopped _ -> {}
      }
    }

    private void gone(String server) {
      state = state.awaitingNoMore(server);
      if (state.phase() instanceof Phase.Following following
          && following.coordinator().equals(server)) {
        state = state.with(state.backoff().onEvidence(now, state.times()));
        campaign(Reason.of(GONE, server));
      }
    }

    private void follow(Phase.Following following) {
      String coordinator = following.coordinator();
      Optional<Peer> leader = peer(coordinator);
      if (leader.isEmpty()) {
        if (!excused(state.times().claim())) {
          campaign(Reason.of(SILENT_OR_LEAVES, coordinator));
        }
      } else if (state.self().database() && !leader.get().database()) {
        campaign(Reason.of(REACHES_THE_DATABASE, state.self().name(), coordinator));
      } else if (better(state.self(), leader.get()) && leader.get().steady()) {
        campaign(Reason.of(RANKS_BETTER_THAN, state.self().name(), coordinator));
      } else if (now - following.heard() > state.times().hush()) {
        campaign(Reason.of(HUSHED, coordinator));
      }
    }

    private void hold(Phase.Leading leading) {
      if (state.mayAct(now).isEmpty() && !isNew() && !excused(state.times().doubt())) {
        stepDown(leading.epoch(), Reason.of(RENEWAL_OVERDUE, leading.epoch()));
        return;
      }
      effects.add(new ElectionEffect.Renew(leading.epoch()));
      if (now - leading.announced() >= state.times().repeat()) {
        announce(new Phase.Leading(leading.epoch(), leading.renewed(), now));
      }
    }

    private void act(Phase.Acting acting) {
      if (state.self().database()) {
        campaign(Reason.of(DATABASE_REACHED_AGAIN));
      }
      boolean still = state.phase() instanceof Phase.Acting;
      if (still && now - acting.announced() >= state.times().repeat()) {
        announce(new Phase.Acting(now));
      }
    }

    /** Section 3, first part: ask all that rank better; lead when none of them answers. */
    private void campaign(Reason why) {
      if (now < state.backoff().notBefore() || state.holdsBack(peers, now)) {
        return;
      }
      state = state.because(why).with(state.backoff().struck(now, state.times()));
      note("election started", why.sentence());
      List<Peer> ahead = peers.stream().filter(peer -> better(peer, state.self())).toList();
      if (ahead.isEmpty()) {
        lead();
        return;
      }
      ahead.forEach(peer -> send(peer.name(), state.election()));
      state = state.in(new Phase.Asking(now + state.times().answer()));
    }

    /** Section 3, second part: nobody better lives. */
    private void lead() {
      note("nobody better answered", state.known().why().sentence());
      if (state.self().database()) {
        claim(state.times().retry());
      } else {
        state = state.because(Reason.of(NOBODY_REACHES_THE_DATABASE));
        note("acting coordinator", state.known().why().sentence());
        announce(new Phase.Acting(now));
      }
    }

    private void claim(long pause) {
      state = state.in(new Phase.Claiming(now + state.times().claim(), pause));
      effects.add(new ElectionEffect.Claim(state.epoch()));
    }

    private void claimAgain(Phase.Refused refused) {
      if (state.self().database()) {
        claim(Math.min(2 * refused.pause(), state.times().longest()));
      } else {
        campaign(Reason.of(DATABASE_NOT_REACHED));
      }
    }

    private void claimed(long epoch, long at) {
      if (state.phase() instanceof Phase.Leading leading && leading.epoch() >= epoch) {
        return; // The answer of an older claim.
      }
      if (!(state.phase() instanceof Phase.Claiming) || epoch <= state.epoch()) {
        release(epoch, Reason.of(CLAIM_ANSWERED_LATE));
        state = state.phase() instanceof Phase.Claiming ? idle(state.times().retry()) : state;
        return;
      }
      String before = state.known().coordinator();
      String after = before.isEmpty() ? "" : ", after " + before;
      note("coordinator announced", "epoch " + epoch + after);
      state = state.under(epoch, before).doubting(now);
      if (now - at > state.times().lease() / 2) {
        state = state.answeredLate(now); // Little of the lease is left for the first renewal.
      }
      announce(new Phase.Leading(epoch, at, now));
    }

    /** Another may still act. If that one ranks behind, it is asked to hand over. */
    private void refused(ElectionInput.ClaimRefused refused) {
      if (!(state.phase() instanceof Phase.Claiming claiming)) {
        return;
      }
      Optional<Peer> holder = peer(refused.holder());
      state = state.doubting(now);
      boolean leads =
          holder.isPresent() && (better(holder.get(), state.self()) || !holder.get().steady());
      if (leads) {
        followed(refused.holder(), refused.epoch(), false);
        return;
      }
      note("claim refused", refused.why());
      // Only to one that is heard: who does not hear that it was let go leaves it to the next best.
      holder.ifPresent(heard -> send(heard.name(), state.handOver()));
      state = state.in(new Phase.Refused(now + claiming.pause(), claiming.pause()));
    }

    /** The claim may have been applied. Until the database answers, others are the better ones. */
    private void unanswered(Reason why) {
      if (state.phase() instanceof Phase.Claiming) {
        note("claim unknown", why.sentence());
        long until = now + state.times().doubt();
        state = state.because(why).doubting(until).reaching(false, now);
        state = idle(state.times().retry());
      }
    }

    private void renewed(long epoch, long at) {
      if (state.phase() instanceof Phase.Leading leading && leading.epoch() == epoch) {
        long latest = Math.max(leading.renewed(), at);
        state = state.in(new Phase.Leading(epoch, latest, leading.announced()));
      }
    }

    private void replaced(long epoch) {
      if (state.phase() instanceof Phase.Leading leading && leading.epoch() == epoch) {
        stepDown(epoch, Reason.of(REPLACED, epoch));
      }
    }

    private void heard(ElectionMessage message) {
      switch (message) {
        case ElectionMessage.Election asked -> answer(asked);
        case Ok _ -> {
          if (state.phase() instanceof Phase.Asking) {
            state = state.in(new Phase.Deferring(now + state.times().announcement()));
          }
        }
        case Coordinator announced -> announced(announced);
        case HandOver wanted -> handOver(wanted);
        case Released released -> released(released);
        case AskElection _ -> asked();
      }
    }

    /** Section 3, third part: who ranks better says so, and sees that there is a coordinator. */
    private void answer(ElectionMessage.Election asked) {
      if (!better(state.self(), new Peer(asked.server(), asked.rank(), asked.database(), true))) {
        return;
      }
      send(asked.server(), state.ok());
      switch (state.phase()) {
        case Phase.Leading _, Phase.Acting _ -> send(asked.server(), state.announcement());
        case Phase.Following(var whom, var epoch, var acting, _) when peer(whom).isPresent() ->
            send(asked.server(), state.coordinator(whom, epoch, acting));
        case Phase.Following(var whom, _, _, _) -> campaign(Reason.of(SILENT_OR_LEAVES, whom));
        case Phase.Idle _ -> campaign(state.known().why());
        case Phase.Asking _, Phase.Deferring _, Phase.Refused _ -> {}
        case Phase.Claiming _, Phase.Stopped _ -> {}
      }
    }

    private void announced(Coordinator announced) {
      if (announced.server().equals(state.self().name()) || announced.epoch() < state.epoch()) {
        return;
      }
      if (announced.acting()) {
        announcedWithoutPowers(announced);
        return;
      }
      if (state.phase() instanceof Phase.Leading leading) {
        if (announced.epoch() == leading.epoch()) {
          return;
        }
        note("stepped down", "epoch " + announced.epoch() + " is newer");
      }
      boolean decided = peer(announced.server()).isPresent();
      if (state.phase() instanceof Phase.Claiming) {
        // The database decides; its answer is on its way.
        state = state.under(announced.epoch(), announced.server());
      } else if (decided || !(state.phase() instanceof Phase.Refused)) {
        // One that leaves, and has not let go yet, is not followed but waited for.
        followed(announced.server(), announced.epoch(), false);
      }
    }

    /** One without the database is followed only where nobody better leads. */
    private void announcedWithoutPowers(Coordinator announced) {
      boolean follow =
          switch (state.phase()) {
            case Phase.Leading _, Phase.Claiming _, Phase.Refused _, Phase.Stopped _ -> false;
            case Phase.Acting _ ->
                peer(announced.server()).filter(p -> better(p, state.self())).isPresent();
            case Phase.Following(var whom, _, var acting, _) ->
                acting || whom.equals(announced.server()) || peer(whom).isEmpty();
            case Phase.Idle _, Phase.Asking _, Phase.Deferring _ -> true;
          };
      if (follow) {
        followed(announced.server(), announced.epoch(), true);
      }
    }

    private void followed(String coordinator, long epoch, boolean acting) {
      Phase.Following next = new Phase.Following(coordinator, epoch, acting, now);
      if (!(state.phase() instanceof Phase.Following before && before.sameAs(next))) {
        note("follows", coordinator + ", epoch " + epoch + (acting ? ", acting" : ""));
      }
      state = state.under(epoch, coordinator).in(next);
    }

    /** A better-ranked server that reaches the database wants the baton: it gets it. */
    private void handOver(HandOver wanted) {
      Optional<Peer> wanting = peer(wanted.server()).filter(Peer::steady);
      if (state.phase() instanceof Phase.Leading leading
          && wanting.isPresent()
          && better(wanting.get(), state.self())) {
        Reason why = Reason.of(RANKS_BETTER, wanted.server());
        note("baton handed over", why.sentence());
        release(leading.epoch(), why);
        state = state.under(leading.epoch(), state.self().name()).because(why);
        state = idle(state.times().announcement());
      }
    }

    private void released(Released released) {
      if (released.epoch() < state.epoch()) {
        return;
      }
      state = state.knowingAtLeast(released);
      if (Reason.of(released).code() == STOPS) {
        // One that leaves is not asked, though a heartbeat may have overtaken the one that said so.
        peers = peers.stream().filter(peer -> !peer.name().equals(released.server())).toList();
      }
      switch (state.phase()) {
        case Phase.Refused refused -> claimAgain(refused);
        case Phase.Following _, Phase.Idle _ -> {
          Backoff shorter = state.backoff().onEvidence(now, state.times());
          Reason why = Reason.letGo(released);
          state = state.with(shorter).because(why).in(new Phase.Idle(shorter.notBefore()));
          campaign(why);
        }
        case Phase.Asking _, Phase.Deferring _, Phase.Claiming _ -> {}
        case Phase.Leading _, Phase.Acting _, Phase.Stopped _ -> {}
      }
    }

    /** Whoever leads lets go first, so that all take part; the best one comes back. */
    private void asked() {
      Reason why = Reason.of(ASKED);
      switch (state.phase()) {
        case Phase.Leading leading -> {
          release(leading.epoch(), why);
          state = state.under(leading.epoch(), state.self().name()).because(why);
          state = idle(state.times().retry());
        }
        case Phase.Acting _, Phase.Following _, Phase.Idle _ -> campaign(why);
        case Phase.Asking _, Phase.Deferring _, Phase.Claiming _ -> {}
        case Phase.Refused _, Phase.Stopped _ -> {}
      }
    }

    private void stop() {
      switch (state.phase()) {
        case Phase.Leading leading -> {
          note("baton released", "this server stops");
          release(leading.epoch(), Reason.of(STOPS));
        }
        case Phase.Acting _ ->
            effects.add(
                new ElectionEffect.Publish(state.released(state.epoch(), Reason.of(STOPS))));
        case Phase.Idle _, Phase.Asking _, Phase.Deferring _, Phase.Claiming _ -> {}
        case Phase.Refused _, Phase.Following _, Phase.Stopped _ -> {}
      }
      state = state.in(new Phase.Stopped());
    }
  }
}
