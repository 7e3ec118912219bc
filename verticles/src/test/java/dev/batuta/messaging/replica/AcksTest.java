package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.Position;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcksTest {
  private static final Origin ME = new Origin("a", 1);
  private static final List<String> FIVE = List.of("a", "b", "c", "d", "e");

  private final Acks<String> acks = new Acks<>("a", FIVE, AckPolicy.MAJORITY);

  AcksTest() {
    acks.isComplete("a", true);
  }

  @Test
  void aMajorityOfTheConfiguredServersSettles() {
    acks.add(new OpId(ME, 7), "seven", 0);
    has("b", 7, true);
    has("z", 9, true);
    assertThat(acks.acknowledged()).isEmpty();
    has("c", 6, true);
    assertThat(acks.acknowledged()).isEmpty();
    has("c", 8, true);
    assertThat(acks.acknowledged()).containsExactly("seven");
    assertThat(acks.size()).isZero();
  }

  @Test
  void aServerWithANewDiskDoesNotCount() {
    acks.add(new OpId(ME, 1), "one", 0);
    has("b", 1, true);
    has("c", 1, false);
    assertThat(acks.acknowledged()).isEmpty();
    acks.isComplete("c", true);
    assertThat(acks.acknowledged()).containsExactly("one");
  }

  @Test
  void aServerThatLostItsDiskIsNotRememberedAsHavingWhatItHad() {
    has("b", 5, true);
    acks.heardAll("b", new VersionVector(), true, new VersionVector(), 0);
    acks.add(new OpId(ME, 5), "five", 0);
    has("c", 5, true);
    assertThat(acks.acknowledged()).isEmpty();
  }

  /** A disk was set back; it says itself that it counts until it is told. */
  @Test
  void aServerThatLacksWhatItSaidToHaveDoesNotCountUntilItHasItOrKnows() {
    VersionVector mine = vector(5);
    has("b", 9, true);
    assertThat(acks.lacks("b", vector(4), mine)).isTrue();
    acks.heardAll("b", vector(4), true, mine, 0);
    assertThat(acks.counts("b")).isFalse();
    has("b", 6, true);
    assertThat(acks.counts("b")).isFalse();
    assertThat(acks.lacks("b", vector(5), mine)).as("nobody here has the rest").isFalse();
    acks.heardAll("b", vector(5), true, mine, 0);
    assertThat(acks.counts("b")).isTrue();
    acks.heardAll("b", vector(4), true, mine, 0);
    has("b", 4, false);
    has("b", 4, true);
    assertThat(acks.counts("b")).as("it was told, and is complete again").isTrue();
  }

  @Test
  void aLifeThatHasNotAnsweredCountsForNothingAndItsServerWaitsForAnAnswer() {
    acks.answered("b", 7);
    has("b", 5, true);
    assertThat(acks.runs("b", 7)).isTrue();
    assertThat(acks.counts("b")).isTrue();
    assertThat(acks.runs("b", 8)).isFalse();
    assertThat(acks.counts("b")).isFalse();
    acks.answered("b", 8);
    has("b", 0, true);
    assertThat(acks.runs("b", 7)).as("it has ended").isFalse();
    acks.add(new OpId(ME, 5), "five", 0);
    has("c", 5, true);
    assertThat(acks.acknowledged()).as("what the other life had is not known").isEmpty();
    acks.answered("d", 0);
    assertThat(acks.runs("d", 9)).as("of the version before").isTrue();
  }

  private static VersionVector vector(long sequence) {
    var vector = new VersionVector();
    vector.put(ME, sequence);
    return vector;
  }

  @Test
  void whoGoesOnIsLateAndLacksNothing() {
    acks.add(new OpId(ME, 8), "eight", 10);
    acks.heard("b", List.of(new Position("a", 1, 7)), true, 100);
    assertThat(acks.lagging(100)).containsExactlyInAnyOrder("c", "d", "e");
    assertThat(acks.lagging(101)).containsExactlyInAnyOrder("b", "c", "d", "e");
  }

  @Test
  void whatWaitedTooLongIsTakenOutAndWhoLagsIsKnown() {
    acks.add(new OpId(ME, 1), "old", 10);
    acks.add(new OpId(ME, 2), "young", 20);
    has("b", 2, true);
    has("c", 1, false);
    assertThat(acks.lagging(15)).containsExactlyInAnyOrder("c", "d", "e");
    assertThat(acks.lagging(10)).isEmpty();
    assertThat(acks.expired(15)).containsExactly("old");
    assertThat(acks.size()).isEqualTo(1);
  }

  @Test
  void allMeansEveryConfiguredServerAndLocalNoOther() {
    Acks<String> all = new Acks<>("a", List.of("a", "b", "c"), AckPolicy.ALL);
    all.isComplete("a", true);
    all.add(new OpId(ME, 1), "one", 0);
    all.heard("b", List.of(new Position("a", 1, 1)), true, 0);
    assertThat(all.acknowledged()).isEmpty();
    all.heard("c", List.of(new Position("a", 1, 1)), true, 0);
    assertThat(all.acknowledged()).containsExactly("one");
    assertThat(AckPolicy.standard(3)).isEqualTo(AckPolicy.MAJORITY);
    assertThat(AckPolicy.standard(2)).isEqualTo(AckPolicy.LOCAL);
  }

  /** It may have another disk, or be of another release. */
  @Test
  void theFoldsOfALifeAreNotThoseOfTheNext() {
    List<OpId> newest = List.of(new OpId(ME, 3));
    acks.answered("b", 1);
    acks.folds("b", newest, true);
    assertThat(acks.runs("b", 1)).isTrue();
    assertThat(acks.folds("b")).isEqualTo(newest);
    assertThat(acks.runs("b", 2)).isFalse();
    assertThat(acks.folds("b")).isEmpty();
    acks.answered("b", 2);
    acks.folds("b", newest, false);
    assertThat(acks.folds("b")).as("it knows of none").isEmpty();
  }

  @Test
  void whetherAllReadFoldsIsKnownOnceEachHasSaidSoLast() {
    List.of("b", "c", "d").forEach(server -> acks.folds(server, List.of(), true));
    assertThat(acks.allReadFolds()).as("e has said nothing").isFalse();
    acks.folds("e", List.of(), true);
    assertThat(acks.allReadFolds()).isTrue();
    assertThat(acks.runs("c", 2)).as("another life of it").isFalse();
    assertThat(acks.allReadFolds()).isTrue();
    acks.folds("b", List.of(), false);
    assertThat(acks.allReadFolds()).as("it is of the release before now").isFalse();
  }

  private void has(String server, long sequence, boolean complete) {
    acks.heard(server, List.of(new Position("a", 1, sequence)), complete, 0);
  }
}
