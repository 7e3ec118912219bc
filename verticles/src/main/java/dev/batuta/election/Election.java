package dev.batuta.election;

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
        release(epoch, "stops");
      } else if (!stopped) {
        switch (input) {
          case ElectionInput.Tick(var database) -> tick(database);
          case ElectionInput.Gone(var server) -> gone(server);
          case ElectionInput.Heard(var message) -> heard(message);
          case ElectionInput.Claimed(var epoch, var at) -> claimed(epoch, at);
          case ElectionInput.ClaimRefused refused -> refused(refused);
          case ElectionInput.ClaimUnknown(var why) -> unanswered(why);
          case ElectionInput.Renewed(var epoch, var at) -> renewed(epoch, at);
          case ElectionInput.RenewRefused(var epoch) -> replaced(epoch);
          case ElectionInput.Asked _ -> asked();
          case ElectionInput.Stop _ -> stop();
        }
      }
      return new Step(state, effects);
    }

    private void tick(boolean database) {
      state = state.reaching(database, now);
      state = state.with(state.backoff().passed(now, state.times()));
      switch (state.phase()) {
        case Phase.Idle(var until) when now >= until -> campaign(state.known().why());
        case Phase.Asking(var until) when now >= until -> lead();
        case Phase.Deferring(var until) when now >= until ->
            campaign("the better-ranked did not announce itself");
        case Phase.Claiming(var until, _) when now >= until ->
            unanswered("the database did not answer a claim");
        case Phase.Refused refused when now >= refused.until() -> claimAgain(refused);
        case Phase.Following following -> follow(following);
        case Phase.Leading leading -> hold(leading);
        case Phase.Acting acting -> act(acting);
        case Phase.Idle _, Phase.Asking _, Phase.Deferring _ -> {}
        case Phase.Claiming _, Phase.Refused _, Phase.Stopped _ -> {}
      }
    }

    private void gone(String server) {
      if (state.phase() instanceof Phase.Following following
          && following.coordinator().equals(server)) {
        state = state.with(state.backoff().onEvidence(now, state.times()));
        campaign(server + " is gone");
      }
    }

    private void follow(Phase.Following following) {
      String coordinator = following.coordinator();
      Optional<Peer> leader = peer(coordinator);
      if (leader.isEmpty()) {
        campaign(coordinator + " is silent or leaves");
      } else if (state.self().database() && !leader.get().database()) {
        campaign(state.self().name() + " reaches the database, " + coordinator + " does not");
      } else if (better(state.self(), leader.get()) && leader.get().steady()) {
        campaign(state.self().name() + " ranks better than " + coordinator);
      } else if (now - following.heard() > state.times().hush()) {
        campaign(coordinator + " no longer announces itself");
      }
    }

    private void hold(Phase.Leading leading) {
      if (state.mayAct(now).isEmpty()) {
        String why = "its renewal of epoch " + leading.epoch() + " is overdue";
        stepDown(leading.epoch(), why);
        return;
      }
      effects.add(new ElectionEffect.Renew(leading.epoch()));
      if (now - leading.announced() >= state.times().repeat()) {
        announce(new Phase.Leading(leading.epoch(), leading.renewed(), now));
      }
    }

    private void act(Phase.Acting acting) {
      if (state.self().database()) {
        campaign("the database is reached again");
      }
      boolean still = state.phase() instanceof Phase.Acting;
      if (still && now - acting.announced() >= state.times().repeat()) {
        announce(new Phase.Acting(now));
      }
    }

    /** Section 3, first part: ask all that rank better; lead when none of them answers. */
    private void campaign(String why) {
      if (now < state.backoff().notBefore()) {
        return;
      }
      state = state.because(why).with(state.backoff().struck(now, state.times()));
      note("election started", why);
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
      note("nobody better answered", state.known().why());
      if (state.self().database()) {
        claim(state.times().retry());
      } else {
        state = state.because("no server in sight reaches the database");
        note("acting coordinator", state.known().why());
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
        campaign("the database is not reached");
      }
    }

    private void claimed(long epoch, long at) {
      if (state.phase() instanceof Phase.Leading leading && leading.epoch() >= epoch) {
        return; // The answer of an older claim.
      }
      if (!(state.phase() instanceof Phase.Claiming) || epoch <= state.epoch()) {
        release(epoch, "the claim was answered too late");
        state = state.phase() instanceof Phase.Claiming ? idle(state.times().retry()) : state;
        return;
      }
      String before = state.known().coordinator();
      String after = before.isEmpty() ? "" : ", after " + before;
      note("coordinator announced", "epoch " + epoch + after);
      state = state.under(epoch, before).doubting(now);
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
    private void unanswered(String why) {
      if (state.phase() instanceof Phase.Claiming) {
        note("claim unknown", why);
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
        stepDown(epoch, "epoch " + epoch + " has been replaced");
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
        case Phase.Following(var whom, _, _, _) -> campaign(whom + " is silent or leaves");
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
        String why = wanted.server() + " ranks better";
        note("baton handed over", why);
        release(leading.epoch(), why);
        state = state.under(leading.epoch(), state.self().name()).because(why);
        state = idle(state.times().announcement());
      }
    }

    private void released(Released released) {
      if (released.epoch() < state.epoch()) {
        return;
      }
      switch (state.phase()) {
        case Phase.Refused refused -> claimAgain(refused);
        case Phase.Following _, Phase.Idle _ -> {
          Backoff shorter = state.backoff().onEvidence(now, state.times());
          String why = released.server() + " let the baton go: " + released.reason();
          state = state.with(shorter).because(why).in(new Phase.Idle(shorter.notBefore()));
          campaign(why);
        }
        case Phase.Asking _, Phase.Deferring _, Phase.Claiming _ -> {}
        case Phase.Leading _, Phase.Acting _, Phase.Stopped _ -> {}
      }
    }

    /** Whoever leads lets go first, so that all take part; the best one comes back. */
    private void asked() {
      String why = "an operator asked for it";
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
          release(leading.epoch(), "stops");
        }
        case Phase.Acting _ ->
            effects.add(new ElectionEffect.Publish(state.released(state.epoch(), "stops")));
        case Phase.Idle _, Phase.Asking _, Phase.Deferring _, Phase.Claiming _ -> {}
        case Phase.Refused _, Phase.Following _, Phase.Stopped _ -> {}
      }
      state = state.in(new Phase.Stopped());
    }
  }
}
