package dev.batuta.clock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.clock.Rounds.Effect;
import dev.batuta.clock.Rounds.Input;
import dev.batuta.codec.ClockMessage.Adjust;
import dev.batuta.codec.ClockMessage.Measured;
import dev.batuta.codec.ClockMessage.Reading;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final long START = 100_000;
  private static final int POLLS = 3;
  private static final List<String> SERVERS = List.of("a", "b");
  private static final Rounds.Settings SETTINGS =
      new Rounds.Settings(
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          50,
          new Berkeley.Limits(Duration.ofSeconds(10), Duration.ofMillis(500)));

  private final Rounds rounds = new Rounds(SETTINGS, START);
  private long now = START;

  @Test
  void aFirstRoundIsHeldAtOnceByTheCoordinatorOnly() {
    assertThat(take(new Input.Tick(false, 100, SERVERS))).isEmpty();
    assertThat(tick(0)).containsExactly(new Effect.Poll("a", 1, 1), new Effect.Poll("b", 1, 1));
  }

  @Test
  void theQuickestAnswerOfEachServerCounts() {
    tick(0);
    answer("a", 1, 1, 0, 0);
    answer("a", 1, 2, 0, 0);
    assertThat(answer("a", 1, 3, 0, 0)).isEmpty();
    answer("b", 1, 1, 400, 9_000);
    answer("b", 1, 2, 100, 2_000);
    assertThat(answer("b", 1, 3, 300, 7_000))
        .contains(
            new Effect.Correct("a", new Adjust(1, 1_000, 1_005, 0)),
            new Effect.Correct("b", new Adjust(1, -1_000, -995, 0)))
        .last()
        .isInstanceOfSatisfying(
            Effect.Held.class,
            held ->
                assertThat(held.measured())
                    .containsExactly(
                        new Measured("a", 0, 1_005, 0, true),
                        new Measured("b", 0, -995, 100, true)));
  }

  @Test
  void theAnswerOfAnEarlierPollOfTheRoundDoesNotCount() {
    take(new Input.Tick(true, 0, List.of("a")));
    take(new Input.Unanswered(1, 1, "a"));
    assertThat(answer("a", 1, 1, 0, 9_000)).isEmpty();
    answer("a", 1, 2, 100, 2_000);
    assertThat(take(new Input.Unanswered(1, 2, "a"))).isEmpty();
    assertThat(take(new Input.Unanswered(1, 3, "a")))
        .last()
        .isInstanceOfSatisfying(
            Effect.Held.class,
            held ->
                assertThat(held.measured())
                    .extracting(Measured::roundTripMicros)
                    .containsExactly(100L));
  }

  @Test
  void theAnswerOfAnEarlierRoundDoesNotCount() {
    tick(0);
    end(1);
    now += 10_000;
    tick(0);
    assertThat(answer("a", 1, 1, 0, 9_000)).isEmpty();
    assertThat(take(new Input.Unanswered(1, 1, "a"))).isEmpty();
    assertThat(answer("a", 2, 1, 0, 9_000)).containsExactly(new Effect.Poll("a", 2, 2));
  }

  @Test
  void requestsOfClientsBringARoundForwardToTheMinimumIntervalAtMost() {
    tick(0);
    end(1);
    now = START + 999;
    assertThat(tick(50)).isEmpty();
    now = START + 1_000;
    assertThat(tick(49)).isEmpty();
    assertThat(tick(50)).contains(new Effect.Poll("a", 2, 1));
  }

  @Test
  void aRoundIsHeldAtLeastOnceAnInterval() {
    tick(0);
    end(1);
    now = START + 9_999;
    assertThat(tick(0)).isEmpty();
    now++;
    assertThat(tick(0)).contains(new Effect.Poll("a", 2, 1));
  }

  @Test
  void aRoundThatIsAskedForIsHeldAtOnceIfTheMinimumIntervalIsOver() {
    tick(0);
    end(1);
    now = START + 1_000;
    assertThat(take(new Input.Asked(SERVERS))).contains(new Effect.Poll("b", 2, 1));
    end(2);
    now = START + 2_000;
    assertThat(tick(0)).as("nobody asked for another").isEmpty();
  }

  @Test
  void aRoundThatIsAskedForSoonerIsHeldWhenTheMinimumIntervalIsOver() {
    tick(0);
    end(1);
    now = START + 999;
    assertThat(take(new Input.Asked(SERVERS))).isEmpty();
    assertThat(tick(0)).isEmpty();
    now++;
    assertThat(tick(0)).contains(new Effect.Poll("a", 2, 1));
    end(2);
    now = START + 2_000;
    assertThat(tick(0)).as("nobody asked for another").isEmpty();
  }

  @Test
  void theRoundThatIsHeldWillDoForOneThatIsAskedFor() {
    tick(0);
    assertThat(take(new Input.Asked(SERVERS))).isEmpty();
    end(1);
    now = START + 1_000;
    assertThat(tick(0)).isEmpty();
  }

  @Test
  void theNumbersOfRoundsGoOnFromTheHighestThatWasHeardOf() {
    take(new Input.Heard(41));
    take(new Input.Heard(7));
    assertThat(tick(0)).contains(new Effect.Poll("a", 42, 1));
    take(new Input.Heard(99));
    assertThat(answer("a", 42, 1, 0, 0)).as("the round that is held").hasSize(1);
  }

  @Test
  void aRoundEndsThoughAServerNeverAnswers() {
    tick(0);
    answer("a", 1, 1, 0, 0);
    now = START + rounds.patience().toMillis() - 1;
    assertThat(tick(0)).isEmpty();
    now++;
    assertThat(tick(0))
        .last()
        .isInstanceOfSatisfying(
            Effect.Held.class,
            held -> assertThat(held.measured()).extracting(Measured::server).containsExactly("a"));
  }

  private List<Effect> take(Input input) {
    return rounds.step(now, input);
  }

  private List<Effect> tick(long requests) {
    return take(new Input.Tick(true, requests, SERVERS));
  }

  private void end(long round) {
    for (String server : SERVERS) {
      for (int number = 1; number <= POLLS; number++) {
        take(new Input.Unanswered(round, number, server));
      }
    }
  }

  /** From a clock that differs by so much, with an offset of 5 µs in it. */
  private List<Effect> answer(
      String server, long round, int number, long roundTripMicros, long differenceMicros) {
    long sent = now * 1_000;
    long read = sent + roundTripMicros / 2 + differenceMicros;
    return take(
        new Input.Answered(
            number, server, sent, sent + roundTripMicros, new Reading(round, read, 5, 0)));
  }
}
