package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.system.AnswerTimes.Answer;
import dev.batuta.system.AnswerTimes.Stall;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What clients note finds what it is there to find. */
class AnswerTimesTest {
  private static final Duration LONG = Duration.ofSeconds(3);
  private static final Duration NONE = Duration.ZERO;

  @Test
  void aQuestionThatNobodyAnswersIsSeenBeforeTheClientGivesUp() throws IOException {
    Client client = Client.anywhere();
    try (ServerSocket hung = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        AnswerTimes times =
            new AnswerTimes(
                client, Map.of("server-1", "http://127.0.0.1:" + hung.getLocalPort()), "any");
        client) {
      List<Answer> answers =
          Awaitility.await()
              .atMost(Duration.ofSeconds(30))
              .until(
                  () -> times.asked(0, Long.MAX_VALUE),
                  asked -> asked.stream().anyMatch(a -> a.took().compareTo(LONG) > 0));
      assertThat(answers).hasSize(4).allMatch(Answer::open);
      assertThatThrownBy(() -> times.assertInTime(answers, Duration.ZERO))
          .isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void anAnswerIsExcusedByTheStallsThatItHadToWaitForOnly() {
    Answer answer = new Answer("server-1", "task", 10_000, LONG, 200, true, false);
    assertThat(AnswerTimes.isLate(answer, NONE, List.of())).isTrue();
    assertThat(AnswerTimes.isLate(answer, NONE, List.of(new Stall(0, 10_500)))).isTrue();
    assertThat(AnswerTimes.isLate(answer, NONE, List.of(new Stall(13_000, 60_000)))).isTrue();
    assertThat(AnswerTimes.isLate(answer, NONE, List.of(new Stall(9_000, 11_000)))).isFalse();
    assertThat(
            AnswerTimes.isLate(
                answer, NONE, List.of(new Stall(9_000, 10_500), new Stall(12_500, 15_000))))
        .isFalse();
  }

  @Test
  void anAnswerIsLateByWhatItTookMoreThanBefore() {
    Answer answer = new Answer("server-1", "task", 10_000, LONG, 200, true, false);
    assertThat(AnswerTimes.isLate(answer, Duration.ofMillis(999), List.of())).isTrue();
    assertThat(AnswerTimes.isLate(answer, Duration.ofSeconds(1), List.of())).isFalse();
  }
}
