package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What may be shown, and by which names positions are told. */
class HighWatermarkTest {
  private static final Origin ME = new Origin("a", 2);
  private static final Origin ENDED = new Origin("a", 1);

  private final MemoryLog log = new MemoryLog(ME);
  private final HighWatermark marks = new HighWatermark(false);

  HighWatermarkTest() {
    marks.startWith(log.vector());
  }

  /** It could be lost with the one disk that it is on, and nobody could read the token. */
  @Test
  void aTokenNamesNoFoldThatAMajorityMayLack() {
    folded();
    VersionVector delivered = log.vector().unfolded(0);
    assertThat(base(marks.token(delivered))).isEmpty();
    assertThat(base(marks.token(marks.within(log.vector())))).isEmpty();
    VersionVector resumed =
        log.vector().folds().resolve(log.vector().delta(List.of())).orElseThrow();
    assertThat(base(marks.token(resumed))).as("of a token without it").isEmpty();
    marks.rise(ME, 1);
    assertThat(base(marks.token(delivered))).containsExactly(new OpId(ME, 1));
    assertThat(base(marks.token(marks.within(log.vector())))).hasSize(1);
    assertThat(base(marks.token(resumed))).hasSize(1);
  }

  @Test
  void whatAFoldNamesMayBeShownThoughNobodyWasHeardOfSinceTheStart() {
    assertThat(marks.covers(ENDED, 1)).isFalse();
    folded();
    assertThat(marks.covers(ENDED, 2)).isTrue();
    assertThat(marks.covers(ENDED, 3)).isFalse();
    assertThat(marks.within(log.vector()).of(ENDED)).isEqualTo(2);
  }

  /** What is shown when nobody follows is nothing new; what is not is. */
  @Test
  void aFollowerThatBeginsNowGetsWhatIsNotShownYet() {
    folded();
    log.make(2);
    assertThat(marks.within(log.vector()).of(ME)).isZero();
    marks.rise(ME, 2);
    assertThat(marks.within(log.vector()).of(ME)).isEqualTo(2);
  }

  @Test
  void whatAFoldNamesIsNotAmongWhatNobodyIsShownYet() {
    folded();
    log.make(2);
    assertThat(marks.above(log.vector())).as("with the fold itself").isEqualTo(3);
    marks.rise(ME, 2);
    assertThat(marks.above(log.vector())).isEqualTo(1);
    marks.rise(ME, 3);
    assertThat(marks.above(log.vector())).isZero();
  }

  /** Not yet safe itself, it is none of the names by which the position is told. */
  @Test
  void aFollowerThatBeginsNowDoesNotGetWhatAFoldNamesThoughItsOriginGoesOn() {
    MemoryLog ended = new MemoryLog(ENDED);
    log.take(new LogUse.PulledBy(0), ended.make(10));
    log.fold(List.of(), List.of(new OpId(ENDED, 10)));
    assertThat(marks.within(log.vector()).of(ENDED)).isEqualTo(10);
    log.take(new LogUse.PulledBy(0), ended.make(1));
    assertThat(marks.covers(ENDED, 11)).isFalse();
    assertThat(marks.within(log.vector()).of(ENDED)).isEqualTo(10);
  }

  @Test
  void whatWasShownIsNotForgottenWithAnEarlierFoldThatNamesLessOfIt() {
    MemoryLog ended = new MemoryLog(ENDED);
    log.take(new LogUse.PulledBy(0), ended.make(10));
    marks.rise(ENDED, 10);
    Op safe = log.fold(List.of(), List.of(new OpId(ENDED, 3)));
    log.fold(List.of(safe.id()), List.of(new OpId(ENDED, 10)));
    marks.rise(ME, safe.sequence());
    log.take(new LogUse.PulledBy(0), ended.make(1));
    VersionVector begins = marks.within(log.vector());
    assertThat(begins.of(ENDED)).isEqualTo(10);
    assertThat(base(marks.token(begins))).containsExactly(safe.id());
  }

  /** There the folds may have begun to count in another order. */
  @Test
  void aPositionInALogThatWasOpenBeforeIsNotToldByTheLevelsOfTheNextOne() {
    MemoryLog next = new MemoryLog(new Origin("a", 3));
    List<Op> ops = new MemoryLog(ENDED).make(1);
    List<Op> otherOps = new MemoryLog(new Origin("b", 1)).make(1);
    Op safe = foldOf(new Origin("c", 1), ops);
    Op other = foldOf(new Origin("d", 1), otherOps);
    for (List<Op> given : List.of(ops, otherOps, List.of(other, safe))) {
      log.take(new LogUse.PulledBy(0), given);
    }
    for (List<Op> given : List.of(ops, otherOps, List.of(safe, other))) {
      next.take(new LogUse.PulledBy(0), given);
    }
    VersionVector delivered = log.vector().unfolded(0);
    marks.startWith(next.vector());
    marks.rise(safe.origin(), safe.sequence());
    assertThat(base(marks.token(delivered))).isEmpty();
    assertThat(base(marks.token(marks.within(log.vector())))).isEmpty();
    assertThat(base(marks.token(next.vector().unfolded(0)))).containsExactly(safe.id());
  }

  private static Op foldOf(Origin by, List<Op> ops) {
    MemoryLog log = new MemoryLog(by);
    log.take(new LogUse.PulledBy(0), ops);
    return log.fold(List.of(), List.of(ops.getLast().id()));
  }

  private void folded() {
    log.take(new LogUse.PulledBy(0), new MemoryLog(ENDED).make(2));
    log.fold(List.of(), List.of(new OpId(ENDED, 2)));
  }

  private static List<OpId> base(String token) {
    return DeltaVector.ofToken(token).orElseThrow().base();
  }
}
