package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Position;
import dev.batuta.codec.ChatMessage.Replicate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Collects what one step does, and says what this server has and gives. */
final class AntiEntropyStep {
  final ReplicationSettings settings;
  final long now;
  final Held held;
  final List<AntiEntropyEffect> effects = new ArrayList<>(2);
  private @Nullable VersionVector mine;

  AntiEntropyStep(ReplicationSettings settings, long now, Held held) {
    this.settings = settings;
    this.now = now;
    this.held = held;
  }

  /** What is on this server's disk, the same during this step; it is not to be changed. */
  VersionVector mine() {
    @Nullable VersionVector taken = mine;
    if (taken == null) {
      taken = held.vector();
      mine = taken;
    }
    return taken;
  }

  void add(AntiEntropyEffect effect) {
    effects.add(effect);
  }

  /** Has the log keep what is new of given ops. */
  void keep(LogUse use, Replicate given) {
    List<Op> ops = new ArrayList<>(given.ops().size());
    for (ChatMessage.Op wire : given.ops()) {
      Op op = Op.of(wire);
      boolean isOfLast = !ops.isEmpty() && ops.getLast().origin().equals(op.origin());
      // Most are of one origin, which is kept in memory once.
      ops.add(isOfLast ? new Op(ops.getLast().origin(), op.sequence(), op.content()) : op);
    }
    add(new AntiEntropyEffect.Take(use, ops));
  }

  /**
   * How far this server has all origins.
   *
   * @param known folds that the one that is told has
   * @param setBack whether it lacks what it said before to have
   */
  Have all(List<OpId> known, boolean setBack) {
    DeltaVector told = mine().delta(known);
    return have(told.positions(), told.basePositions(), setBack);
  }

  /** How far a server has all origins; empty when it names folds that are not here. */
  Optional<VersionVector> vector(Have have) {
    return vector(have.base(), have.vector());
  }

  /** A vector that was told; empty when it names folds that are not here. */
  Optional<VersionVector> vector(List<Position> base, List<Position> vector) {
    Optional<VersionVector> told = mine().folds().resolve(DeltaVector.of(base, vector));
    told.ifPresent(theirs -> theirs.fold(mine().level()));
    return told;
  }

  /** How far this server has the origins of some ops. */
  Have touched(List<ChatMessage.Op> ops) {
    return have(
        ops.stream()
            .map(op -> new Origin(op.origin(), op.incarnation()))
            .distinct()
            .map(o -> new Position(o.server(), o.incarnation(), mine().of(o)))
            .toList(),
        List.of(),
        false);
  }

  private Have have(List<Position> positions, List<Position> base, boolean setBack) {
    return new Have(
        settings.server(),
        positions,
        held.clock(),
        held.complete(),
        settings.self().incarnation(),
        setBack,
        base,
        DeltaVector.positions(mine().heads()),
        true);
  }

  Replicate replicate(List<Op> ops) {
    return new Replicate(settings.server(), ops.stream().map(Op::wire).toList());
  }
}
