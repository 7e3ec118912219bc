package dev.batuta.simulation.control;

import dev.batuta.bus.Member;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.ElectionMessage;
import dev.batuta.election.Candidacy;
import dev.batuta.election.Election;
import dev.batuta.election.ElectionEffect;
import dev.batuta.election.ElectionInput;
import dev.batuta.election.ElectionState;
import dev.batuta.election.EpochStore;
import dev.batuta.election.Peer;
import dev.batuta.election.Phase;
import dev.batuta.election.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The election of one run of a server, wired as {@code ElectionVerticle} wires it. */
final class SimulatedElection {
  private static final long LATE_WRITE = 5_000 * SimulatedProcess.MILLI;
  private static final long HEALTH_TIMEOUT = 2_000 * SimulatedProcess.MILLI;

  private final World world;
  private final SimulatedServer server;
  private ElectionState state;
  private long announced = -1;
  private long renewalSent;
  private long confirmed = Long.MIN_VALUE / 2;
  private long confirmedEpoch;
  private boolean healthy = true;
  private long healthAsked;

  /**
   * @param ranks all that were given when this server got its own
   */
  SimulatedElection(World world, SimulatedServer server, Map<String, Integer> ranks) {
    this.world = world;
    this.server = server;
    Policy policy = world.policy;
    if (world.mutation == Mutation.ONE_SERVER_RANKS_THE_OTHER_WAY_ROUND && server.index() == 0) {
      policy = policy == Policy.HIGHEST_RANK ? Policy.LOWEST_RANK : Policy.HIGHEST_RANK;
    }
    Peer self = new Peer(server.name(), server.rank(), true, true);
    List<String> configured = world.servers.stream().map(SimulatedServer::name).toList();
    this.state =
        ElectionState.initial(
            new Candidacy(self, policy, world.mutation.times(), configured, ranks),
            server.nowMillis());
  }

  ElectionState state() {
    return state;
  }

  boolean healthy() {
    return healthy;
  }

  void tick() {
    take(new ElectionInput.Tick(healthy));
  }

  /** An operator asks it for an election. */
  void ask() {
    server.perform(() -> take(new ElectionInput.Asked()));
  }

  void take(ElectionInput input) {
    Election.Step step = Election.step(state, server.nowMillis(), peers(), input);
    state = step.next();
    world.invariants.stepped(server);
    step.effects().forEach(this::carryOut);
  }

  private void carryOut(ElectionEffect effect) {
    switch (effect) {
      case ElectionEffect.Send(var to, var message) -> tell(world.server(to), message);
      case ElectionEffect.Publish(var message) -> {
        if (!isRepeated(message)) {
          server.note("to all", Words.of(message));
        }
        server.publish(
            Words.kind(message), other -> other.election().take(new ElectionInput.Heard(message)));
      }
      case ElectionEffect.Claim(var above) -> claim(above);
      case ElectionEffect.Renew(var epoch) -> renew(epoch);
      case ElectionEffect.Release release -> release(release);
      case ElectionEffect.Note(var event, var detail) -> {
        world.invariants.noted(server, event);
        server.note(event, detail);
      }
    }
  }

  private boolean isRepeated(ElectionMessage message) {
    if (message instanceof ElectionMessage.Coordinator said) {
      boolean again = said.epoch() == announced;
      announced = said.epoch();
      return again;
    }
    return false;
  }

  private void tell(SimulatedServer to, ElectionMessage message) {
    server.note("to " + to.name(), Words.of(message));
    server.send(to, Words.kind(message), s -> s.election().take(new ElectionInput.Heard(message)));
  }

  private void claim(long above) {
    world.invariants.claims(server);
    long of = server.run();
    long sent = server.nowMillis();
    world.database.execute(
        server.index(),
        () -> {
          EpochStore.Claim claim = world.database.claim(server.name(), of, above);
          world.invariants.answered(server, claim);
          return claim;
        },
        claim -> server.inRun(of, () -> claimed(claim, sent)),
        why -> server.inRun(of, () -> take(new ElectionInput.ClaimUnknown(why))));
  }

  private void claimed(EpochStore.Claim claim, long sent) {
    switch (claim) {
      case EpochStore.Claim.Won(var epoch) -> {
        confirmed(epoch, sent);
        world.invariants.granted(server, epoch);
        take(new ElectionInput.Claimed(epoch, sent));
      }
      case EpochStore.Claim.Refused(var epoch, var holder, var why) ->
          take(new ElectionInput.ClaimRefused(epoch, holder, why));
    }
  }

  /** What this server can know of its lease, and the invariants with it. */
  private void confirmed(long epoch, long sent) {
    if (epoch > confirmedEpoch) {
      confirmedEpoch = epoch;
      confirmed = sent;
    } else if (epoch == confirmedEpoch) {
      confirmed = Math.max(confirmed, sent);
    }
  }

  private void renew(long epoch) {
    long sent = server.nowMillis();
    if (renewalSent != 0 && sent - renewalSent < EpochStore.LEASE.toMillis()) {
      return;
    }
    long of = server.run();
    renewalSent = sent;
    world.database.execute(
        server.index(),
        () -> world.database.renew(epoch, of),
        held ->
            server.inRun(
                of,
                () -> {
                  renewalSent = renewalSent == sent ? 0 : renewalSent;
                  if (held) {
                    confirmed(epoch, sent);
                  }
                  take(
                      held
                          ? new ElectionInput.Renewed(epoch, sent)
                          : new ElectionInput.RenewRefused(epoch));
                }),
        why -> server.inRun(of, () -> renewalSent = renewalSent == sent ? 0 : renewalSent));
  }

  private void release(ElectionEffect.Release release) {
    long of = server.run();
    world.database.execute(
        server.index(),
        () -> world.database.release(release.epoch(), of),
        released ->
            server.inRun(
                of,
                () -> {
                  if (released) {
                    server.note("to all", Words.of(release.then()));
                    server.publish(
                        "released",
                        s -> s.election().take(new ElectionInput.Heard(release.then())));
                  }
                }),
        why -> server.note("release unknown", why));
  }

  /** What a coordinator does to shared state, now and then. */
  void act() {
    long epoch = state.mayAct(server.nowMillis()).orElse(0);
    if (world.mutation == Mutation.LEASE_IS_NOT_CHECKED
        && state.phase() instanceof Phase.Leading leading) {
      epoch = leading.epoch();
    }
    if (world.mutation == Mutation.ACTING_HAS_POWERS && state.phase() instanceof Phase.Acting) {
      epoch = state.epoch();
    }
    if (epoch == 0) {
      return;
    }
    world.invariants.acts(server, epoch, server.nowMillis() - confirmed);
    long under = epoch;
    long of = server.run();
    // It may be stopped between the decision and the writing.
    boolean dawdles = !world.isEven() && world.random.nextInt(10) == 0;
    long wait = dawdles ? world.random.nextLong(LATE_WRITE) : 0;
    world.timeline.after(wait, () -> server.inRun(of, () -> write(under)));
  }

  /** What was decided under an epoch reaches the database, however late. */
  void write(long epoch) {
    long of = server.run();
    world.database.execute(
        server.index(),
        () -> {
          boolean accepted = world.database.write(epoch, of);
          if (accepted) {
            world.invariants.wrote(server, epoch);
          } else {
            world.note("db", "refuses a write of " + server.name(), "epoch " + epoch + " is over");
          }
          return accepted;
        },
        accepted -> {},
        why -> {});
  }

  void lookAtTheDatabase() {
    if (healthAsked != 0) {
      return;
    }
    long of = server.run();
    long asked = world.timeline.nowMicros() + 1;
    healthAsked = asked;
    Consumer<Boolean> known =
        reached ->
            server.inRun(
                of,
                () -> {
                  if (healthAsked == asked) {
                    healthAsked = 0;
                    healthy = reached;
                  }
                });
    world.database.execute(server.index(), () -> true, known, why -> known.accept(false));
    world.timeline.after(HEALTH_TIMEOUT, () -> known.accept(false));
  }

  private List<Peer> peers() {
    List<Peer> peers = new ArrayList<>();
    for (Member member : server.members().view()) {
      if (member.alive()
          && !member.name().equals(server.name())
          && member.last().state() != NodeState.DRAINING) {
        boolean steady = member.inSight().compareTo(Peer.STEADY) >= 0;
        peers.add(new Peer(member.name(), member.last().rank(), member.last().database(), steady));
      }
    }
    return peers;
  }
}
