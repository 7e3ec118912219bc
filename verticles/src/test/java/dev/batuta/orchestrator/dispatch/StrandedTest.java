package dev.batuta.orchestrator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.orchestrator.dispatch.Stranded.Sight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a server gives its tasks to another one. */
class StrandedTest {
  private static final Sight ALONE = new Sight(false, 3, 0);
  private static final Optional<String> HEIR = Optional.of("s2");

  private final Stranded stranded = new Stranded(Duration.ofSeconds(2));
  private long now = 1_700_000_000_000L;

  /** Looks four times a second; says at which milliseconds the tasks were to go. */
  private List<Long> during(long millis, Sight sight, Optional<String> relief) {
    List<Long> times = new ArrayList<>();
    for (long passed = 250; passed <= millis; passed += 250) {
      now += 250;
      if (stranded.look(now, sight, relief).isPresent()) {
        times.add(passed);
      }
    }
    return times;
  }

  @Test
  void tasksGoWhenNobodyHasTakenAnyForTheGrace() {
    during(10_000, new Sight(true, 3, 0), HEIR);
    assertThat(during(2000, ALONE, HEIR)).containsExactly(2000L);
  }

  @Test
  void theTimeWithoutWorkersCountsWhetherThereAreTasksOrNot() {
    during(250, new Sight(true, 0, 0), HEIR);
    assertThat(during(10_000, new Sight(false, 0, 0), HEIR)).isEmpty();
    assertThat(during(250, ALONE, HEIR)).containsExactly(250L);
  }

  @Test
  void whoHasWorkersGivesNothingAwayAndOneThatIsSoonBackKeepsTheTasks() {
    assertThat(during(60_000, new Sight(true, 1000, 0), HEIR)).isEmpty();
    assertThat(during(1750, ALONE, HEIR)).isEmpty();
    assertThat(during(250, new Sight(true, 3, 1), HEIR)).isEmpty();
    assertThat(during(1750, ALONE, HEIR)).isEmpty();
  }

  @Test
  void nothingGoesWhileSomethingMayStillBeWithAWorkerThatLeaves() {
    during(250, new Sight(true, 3, 1), HEIR);
    assertThat(during(60_000, new Sight(false, 3, 1), HEIR)).isEmpty();
    assertThat(during(250, ALONE, HEIR)).hasSize(1);
  }

  @Test
  void nothingGoesWhileNobodyCanHaveItAndAllAsSoonAsSomebodyCan() {
    during(250, new Sight(true, 3, 0), HEIR);
    assertThat(during(60_000, ALONE, Optional.empty())).isEmpty();
    assertThat(during(250, ALONE, HEIR)).hasSize(1);
  }

  @Test
  void tasksThatWereRefusedAreOfferedAgainAfterPausesThatDouble() {
    during(250, new Sight(true, 3, 0), HEIR);
    assertThat(during(40_000, ALONE, HEIR))
        .containsExactly(2000L, 3000L, 5000L, 9000L, 17_000L, 33_000L);
    assertThat(during(120_000, ALONE, HEIR)).hasSize(4);
  }

  @Test
  void theNextPauseIsShortAgainWhenTheTasksHaveGone() {
    during(250, new Sight(true, 3, 0), HEIR);
    during(20_000, ALONE, HEIR);
    during(30_000, new Sight(false, 0, 0), HEIR);
    assertThat(during(2000, ALONE, HEIR)).containsExactly(250L, 1250L);
  }

  @Test
  void timeInWhichTheServerItselfStoodStillIsNoEvidence() {
    during(250, new Sight(true, 3, 0), HEIR);
    now += 600_000;
    assertThat(stranded.look(now, ALONE, HEIR)).isEmpty();
    assertThat(during(1000, ALONE, HEIR)).containsExactly(1000L);
  }
}
