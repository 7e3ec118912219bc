package dev.batuta.election;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Times TIMES = Times.DEFAULT;
  private static final long NOW = 100_000;

  @Test
  void twoElectionsStartAtOnceAndEachFurtherOneWaitsTwiceAsLong() {
    Backoff backoff = Backoff.none(NOW);
    for (long pause : new long[] {0, 300, 600, 1_200}) {
      backoff = backoff.struck(NOW, TIMES);
      assertThat(backoff.notBefore()).isEqualTo(NOW + pause);
    }
  }

  @Test
  void noPauseIsLongerThanTheLongest() {
    Backoff backoff = struck(100);
    assertThat(backoff.notBefore()).isEqualTo(NOW + TIMES.longest());
  }

  @Test
  void evidenceShortensAPauseToNoLessThanAnAnswerTakes() {
    Backoff backoff = struck(5);
    assertThat(backoff.onEvidence(NOW + 10, TIMES).notBefore()).isEqualTo(NOW + TIMES.answer());
    assertThat(backoff.onEvidence(NOW + 400, TIMES).notBefore()).isEqualTo(NOW + 400);
  }

  @Test
  void evidenceLengthensNoPause() {
    assertThat(struck(1).onEvidence(NOW + 10, TIMES).notBefore()).isEqualTo(NOW);
  }

  @Test
  void evidenceEndsThePauseOfOneThatStartedNoElection() {
    Backoff backoff = Backoff.none(NOW).atLeastUntil(NOW + 1_000);
    assertThat(backoff.onEvidence(NOW + 10, TIMES).notBefore()).isEqualTo(NOW + 10);
  }

  @Test
  void itStartsAnewOnlyAfterACalmTime() {
    Backoff backoff = struck(3);
    long calm = NOW + TIMES.calm();
    assertThat(backoff.passed(calm - 1, TIMES)).isEqualTo(backoff);
    assertThat(backoff.passed(calm, TIMES)).isEqualTo(Backoff.none(calm));
  }

  private static Backoff struck(int times) {
    Backoff backoff = Backoff.none(NOW);
    for (int i = 0; i < times; i++) {
      backoff = backoff.struck(NOW, TIMES);
    }
    return backoff;
  }
}
