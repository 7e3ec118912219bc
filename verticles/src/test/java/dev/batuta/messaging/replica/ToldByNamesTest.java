package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What server {@code a} of three tells {@code b} beyond folds; {@code b} is played. */
class ToldByNamesTest {
  private static final Origin ENDED = new Origin("c", 1);
  private static final List<Position> UNKNOWN = List.of(new Position("b", 9, 9));

  private final MemoryLog log = new MemoryLog(new Origin("a", 1));
  private final List<Position> fold;
  private final List<Position> inFull;
  private final List<Position> beyond = List.of(new Position("a", 1, 1));
  private final AntiEntropy rules =
      new AntiEntropy(
          new ReplicationSettings(
              log.self, List.of("a", "b", "c"), AckPolicy.MAJORITY, Duration.ofSeconds(5)),
          true);

  ToldByNamesTest() {
    log.take(new LogUse.PulledBy(0), new MemoryLog(ENDED).make(2));
    Op made = log.fold(List.of(), List.of(new OpId(ENDED, 2)));
    fold = DeltaVector.positions(List.of(made.id()));
    inFull = List.of(new Position("a", 1, 1), new Position("c", 1, 2));
  }

  @Test
  void whoSaidNothingOfFoldsIsToldInFullAndWhoHasOneBeyondIt() {
    assertTold(only(new AntiEntropyInput.CompareAsked("b")), List.of(), inFull);
    step(new AntiEntropyInput.PeerFailed("b", new IllegalStateException("gone")));

    assertTold(answerTo(have(List.of(), List.of(), inFull)), List.of(), inFull);
    assertTold(answerTo(have(List.of(), UNKNOWN, inFull)), List.of(), inFull);
    assertTold(answerTo(have(List.of(), fold, inFull)), fold, beyond);
  }

  @Test
  void whatALifeSaidToHaveIsUntilAnotherOneIsHeardOf() {
    only(new AntiEntropyInput.CompareAsked("b"));
    step(new AntiEntropyInput.PeerHas("b", have(List.of(), fold, inFull)));
    step(new AntiEntropyInput.PeerFailed("b", new IllegalStateException("gone")));
    assertTold(only(new AntiEntropyInput.CompareAsked("b")), fold, beyond);
    step(new AntiEntropyInput.PeerFailed("b", new IllegalStateException("gone")));

    Have ofNext = new Have("b", List.of(), 42, true, 3, false, List.of(), fold, true);
    assertTold(only(new AntiEntropyInput.Told(ofNext)), List.of(), inFull);
  }

  /** It takes this life of this server for another one. */
  @Test
  void fromAVectorBeyondAnUnknownFoldNothingIsTakenAndItsServerIsAnswered() {
    only(new AntiEntropyInput.CompareAsked("b"));
    step(new AntiEntropyInput.PeerHas("b", have(List.of(), fold, inFull)));
    step(new AntiEntropyInput.PeerFailed("b", new IllegalStateException("gone")));

    Have answer = answerTo(have(UNKNOWN, fold, List.of()));
    assertThat(answer.setBack()).as("what it lacks is not known").isFalse();
    only(new AntiEntropyInput.CompareAsked("b"));
    assertThat(step(new AntiEntropyInput.PeerHas("b", have(UNKNOWN, fold, List.of()))))
        .singleElement()
        .isInstanceOf(AntiEntropyEffect.NotCompared.class);
    assertThat(step(new AntiEntropyInput.PulledBy(7, new Fetch("b", List.of(), 10, UNKNOWN))))
        .singleElement()
        .isInstanceOf(AntiEntropyEffect.Refuse.class);
  }

  @Test
  void whatAServerSaysUnaskedBeyondAFoldCounts() {
    only(new AntiEntropyInput.CompareAsked("b"));
    step(new AntiEntropyInput.PeerHas("b", have(List.of(), List.of(), List.of())));
    var repeated = new AntiEntropyInput.Awaited(3, new OpId(ENDED, 2), true);
    assertThat(step(repeated)).doesNotContain(new AntiEntropyEffect.Confirm(3));
    assertThat(step(new AntiEntropyInput.Told(have(fold, fold, List.of()))))
        .contains(new AntiEntropyEffect.Confirm(3));
  }

  @Test
  void whatIsFetchedBeyondAFoldIsWhatItDoesNotName() {
    var fetch = new Fetch("b", List.of(), 10, fold);
    assertThat(step(new AntiEntropyInput.PulledBy(7, fetch)))
        .singleElement()
        .isInstanceOfSatisfying(
            AntiEntropyEffect.Read.class,
            read ->
                assertThat(log.beyond(read.beyond(), 10))
                    .extracting(Op::origin)
                    .containsExactly(log.self));
  }

  private static Have have(List<Position> base, List<Position> folds, List<Position> vector) {
    return new Have("b", vector, 42, true, 2, false, base, folds, true);
  }

  private static void assertTold(Have told, List<Position> base, List<Position> vector) {
    assertThat(told.base()).isEqualTo(base);
    assertThat(told.vector()).containsExactlyInAnyOrderElementsOf(vector);
  }

  private Have answerTo(Have asked) {
    List<AntiEntropyEffect> effects = new ArrayList<>();
    for (AntiEntropyEffect effect : step(new AntiEntropyInput.ComparedBy(5, asked))) {
      if (effect instanceof AntiEntropyEffect.Take(var taking, var ops)) {
        effects.addAll(step(log.take(taking, ops)));
      }
    }
    return (Have) ((AntiEntropyEffect.Answer) effects.getFirst()).message();
  }

  /** What one is asked or told, of the one effect that there is. */
  private Have only(AntiEntropyInput input) {
    return ((AntiEntropyEffect.Compare) step(input).getFirst()).have();
  }

  private List<AntiEntropyEffect> step(AntiEntropyInput input) {
    return rules.step(0, log, input);
  }
}
