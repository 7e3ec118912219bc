package dev.batuta.election;

import static dev.batuta.election.Reason.Code.STARTED;

import dev.batuta.codec.ElectionMessage;
import dev.batuta.codec.ElectionMessage.Coordinator;
import dev.batuta.codec.ElectionMessage.Released;
import java.util.List;
import java.util.Map;

/** Steps of the server b, which ranks between a and c, one by one. */
abstract class ElectionSteps {
  static final Times TIMES = Times.DEFAULT;
  static final Peer WORSE = new Peer("a", 1, true, true);
  static final Peer SELF = new Peer("b", 2, true, true);
  static final Peer BETTER = new Peer("c", 3, true, true);
  static final long START = 100_000;

  static final Phase IDLE = new Phase.Idle(START + 300);
  static final Phase ASKING = new Phase.Asking(START + 300);
  static final Phase DEFERRING = new Phase.Deferring(START + 300);
  static final Phase CLAIMING = new Phase.Claiming(START + 1_000, 150);
  static final Phase REFUSED = new Phase.Refused(START + 150, 150);
  static final Phase LEADING = new Phase.Leading(7, START, START);
  static final Phase ACTING = new Phase.Acting(START);
  static final Phase FOLLOWING = new Phase.Following("c", 7, false, START);

  long now = START;
  List<Peer> peers = List.of(WORSE, BETTER);
  ElectionState state = underC();

  /** Where no servers are configured, and c coordinates under epoch 7. */
  static ElectionState underC() {
    Candidacy candidacy = new Candidacy(SELF, Policy.HIGHEST_RANK, TIMES, List.of(), Map.of());
    return ElectionState.initial(candidacy, START).under(7, "c");
  }

  void coldStart(Policy policy, Map<String, Integer> ranks) {
    now = START;
    state =
        ElectionState.initial(
            new Candidacy(SELF, policy, TIMES, List.of("a", "b", "c"), ranks), START);
  }

  void in(Phase phase) {
    state = state.in(phase);
  }

  /** What it does, other than to note it. */
  List<ElectionEffect> take(ElectionInput input) {
    Election.Step step = Election.step(state, now, peers, input);
    state = step.next();
    return step.effects().stream().filter(e -> !(e instanceof ElectionEffect.Note)).toList();
  }

  List<ElectionEffect> hear(ElectionMessage message) {
    return take(new ElectionInput.Heard(message));
  }

  static ElectionMessage.Election electionOf(Peer peer) {
    return new ElectionMessage.Election(peer.name(), peer.rank(), peer.database());
  }

  static Coordinator coordinator(String server, long epoch, boolean acting, String previous) {
    Reason why = Reason.of(STARTED);
    return new Coordinator(
        server, epoch, acting, previous, why.sentence(), why.code().wire(), why.arguments());
  }

  static Released released(String server, long epoch, Reason.Code code, Object... arguments) {
    Reason why = Reason.of(code, arguments);
    return new Released(server, epoch, why.sentence(), code.wire(), why.arguments());
  }

  static ElectionEffect send(String server, ElectionMessage message) {
    return new ElectionEffect.Send(server, message);
  }
}
