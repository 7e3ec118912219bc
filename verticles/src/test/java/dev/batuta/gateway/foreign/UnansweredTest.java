package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnansweredTest {
  private final Unanswered<List<String>> unanswered = new Unanswered<>();

  private static Talk talk(long number) {
    return new Talk(
        number,
        Transport.TCP,
        "10.0.0.5",
        "10.0.0.1",
        new DoorCounts(),
        said -> {},
        () -> {},
        () -> true);
  }

  @Test
  void eachIsTakenOnceInTheOrderOfThoseThatAreAlike() {
    Talk first = talk(1);
    Talk second = talk(2);
    assertThat(unanswered.add(List.of("w-1"), first)).isNull();
    assertThat(unanswered.add(List.of("w-1"), second)).isNull();
    assertThat(unanswered.take(List.of("w-2"))).isNull();
    assertThat(unanswered.take(List.of("w-1"))).isSameAs(first);
    assertThat(unanswered.take(List.of("w-1"))).isSameAs(second);
    assertThat(unanswered.take(List.of("w-1"))).isNull();
  }

  @Test
  void whatIsAnsweredIsNotGivenUp() {
    Talk talk = talk(1);
    unanswered.add(List.of("w-1"), talk(2));
    unanswered.add(List.of("w-1"), talk);
    assertThat(unanswered.giveUp(List.of("w-1"), talk)).isTrue();
    assertThat(unanswered.giveUp(List.of("w-1"), talk)).isFalse();
    assertThat(unanswered.take(List.of("w-1"))).isNotNull();
  }

  @Test
  void theFirstMakesRoom() {
    for (int i = 0; i < Unanswered.MAX; i++) {
      assertThat(unanswered.add(List.of("w-" + i), talk(i))).isNull();
    }
    Unanswered.Question<List<String>> first = unanswered.add(List.of("w"), talk(99));
    assertThat(first).isNotNull().extracting(Unanswered.Question::key).isEqualTo(List.of("w-0"));
    assertThat(unanswered.take(List.of("w-0"))).isNull();
    assertThat(unanswered.take(List.of("w"))).isNotNull();
  }
}
