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
    acks.heard("a", List.of(), true, true);
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
    acks.heard("c", List.of(), false, true);
    assertThat(acks.acknowledged()).containsExactly("one");
  }

  @Test
  void aServerThatLostItsDiskIsNotRememberedAsHavingWhatItHad() {
    has("b", 5, true);
    acks.heard("b", List.of(), true, true);
    acks.add(new OpId(ME, 5), "five", 0);
    has("c", 5, true);
    assertThat(acks.acknowledged()).isEmpty();
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
    all.heard("a", List.of(), true, true);
    all.add(new OpId(ME, 1), "one", 0);
    all.heard("b", List.of(new Position("a", 1, 1)), false, true);
    assertThat(all.acknowledged()).isEmpty();
    all.heard("c", List.of(new Position("a", 1, 1)), false, true);
    assertThat(all.acknowledged()).containsExactly("one");
    assertThat(AckPolicy.standard(3)).isEqualTo(AckPolicy.MAJORITY);
    assertThat(AckPolicy.standard(2)).isEqualTo(AckPolicy.LOCAL);
  }

  private void has(String server, long sequence, boolean complete) {
    acks.heard(server, List.of(new Position("a", 1, sequence)), false, complete);
  }
}
