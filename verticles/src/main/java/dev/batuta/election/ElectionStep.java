package dev.batuta.election;

import dev.batuta.codec.ElectionMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects what one step changes and does. */
abstract class ElectionStep {
  ElectionState state;
  final long now;
  List<Peer> peers;
  final List<ElectionEffect> effects = new ArrayList<>(2);

  ElectionStep(ElectionState state, long now, List<Peer> peers) {
    this.state = state;
    this.now = now;
    this.peers = peers;
  }

  final boolean better(Peer one, Peer other) {
    return state.policy().better(one, other);
  }

  final Optional<Peer> peer(String name) {
    return peers.stream().filter(peer -> peer.name().equals(name)).findFirst();
  }

  /** Whether this process still loads what it answers with: any of its threads may stand still. */
  final boolean isNew() {
    return now < state.coldStart().connectingUntil();
  }

  /** Whether this process stood still until less than so long ago. */
  final boolean excused(long millis) {
    return state.standstill().excuses(now, millis);
  }

  final ElectionState idle(long millis) {
    return state.in(new Phase.Idle(now + millis));
  }

  /** Tells all who coordinates; to be repeated, because the bus may lose it. */
  final void announce(Phase leading) {
    state = state.in(leading);
    effects.add(new ElectionEffect.Publish(state.announcement()));
  }

  final void release(long epoch, Reason why) {
    effects.add(new ElectionEffect.Release(epoch, state.released(epoch, why)));
  }

  final void stepDown(long epoch, Reason why) {
    note("stepped down", why.sentence());
    effects.add(new ElectionEffect.Publish(state.released(epoch, why)));
    state = state.under(epoch, state.self().name()).because(why);
    state = idle(state.times().retry());
  }

  final void send(String server, ElectionMessage message) {
    effects.add(new ElectionEffect.Send(server, message));
  }

  final void note(String event, String detail) {
    effects.add(new ElectionEffect.Note(event, detail));
  }
}
