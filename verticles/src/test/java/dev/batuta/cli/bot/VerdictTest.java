package dev.batuta.cli.bot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.cli.bot.Deliveries.Counts;
import dev.batuta.cli.bot.Verdict.Kind;
import dev.batuta.cli.bot.Verdict.Reader;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static final Reader GOOD = new Reader(new Counts(10, 9, 1, 20, 0, 0, 0), true);

  @Test
  void unknownOnesBreakNothing() {
    assertThat(Verdict.of(List.of(GOOD, GOOD)).kind()).isEqualTo(Kind.KEPT);
  }

  @Test
  void oneMissingDoubledOrStrangeMessageOfOneBotBreaksThePromise() {
    for (Counts broken :
        List.of(
            new Counts(10, 10, 0, 19, 1, 0, 0),
            new Counts(10, 10, 0, 20, 0, 1, 0),
            new Counts(10, 10, 0, 20, 0, 0, 1))) {
      Verdict verdict = Verdict.of(List.of(GOOD, new Reader(broken, true)));
      assertThat(verdict.kind()).isEqualTo(Kind.BROKEN);
      assertThat(verdict.kind().exitCode()).isEqualTo(1);
    }
  }

  @Test
  void whatIsMissingWhereNothingIsReadCannotBeTold() {
    Verdict verdict = Verdict.of(List.of(GOOD, new Reader(new Counts(1, 1, 0, 0, 7, 0, 0), false)));
    assertThat(verdict.kind()).isEqualTo(Kind.UNSURE);
    assertThat(verdict.kind().exitCode()).isEqualTo(2);
    assertThat(verdict.reason()).contains("missing 7 times");
  }

  @Test
  void withoutAnAcknowledgementNothingIsShown() {
    assertThat(Verdict.of(List.of(new Reader(new Counts(3, 0, 3, 0, 0, 0, 0), true))).kind())
        .isEqualTo(Kind.UNSURE);
  }
}
