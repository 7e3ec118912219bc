package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.system.Tally.Batch;
import dev.batuta.system.Tally.Counts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The count of what kills cost finds what it is there to find. */
class TallyTest {
  private static final List<Batch> BATCHES =
      List.of(new Batch("server", 2, List.of("a", "b")), new Batch("worker", 1, List.of("c")));
  private static final Map<String, String> DONE = Map.of("a", "DONE", "b", "DONE", "c", "DONE");

  @Test
  void whatWasDoneOnceIsNeitherLostNorDoubled() {
    Tally tally = Tally.of(BATCHES, DONE, List.of("c", "a", "b"));
    assertThat(tally.rows())
        .isEqualTo(
            Map.of("server", new Counts(2, 2, 2, 0, 0), "worker", new Counts(1, 1, 1, 0, 0)));
    assertThat(tally.total()).isEqualTo(new Counts(3, 3, 3, 0, 0));
  }

  @Test
  void aTaskThatIsGoneOrNeverEndsIsLost() {
    Map<String, String> states = Map.of("a", "RUNNING", "c", "DONE");
    assertThat(Tally.of(BATCHES, states, List.of("c")).total())
        .isEqualTo(new Counts(3, 3, 1, 2, 0));
  }

  @Test
  void aTaskThatIsDoneWithoutAnEffectIsLost() {
    assertThat(Tally.of(BATCHES, DONE, List.of("a", "b")).rows().get("worker"))
        .isEqualTo(new Counts(1, 1, 1, 1, 0));
  }

  @Test
  void aTaskThatGaveUpIsNotLostButNotDone() {
    Map<String, String> states = Map.of("a", "DEAD", "b", "CANCELLED", "c", "DONE");
    assertThat(Tally.of(BATCHES, states, List.of("c")).total())
        .isEqualTo(new Counts(3, 3, 1, 0, 0));
  }

  @Test
  void anEffectThatHappenedTwiceIsDoubled() {
    assertThat(Tally.of(BATCHES, DONE, List.of("a", "b", "b", "c")).rows().get("server"))
        .isEqualTo(new Counts(2, 2, 2, 0, 1));
  }

  @Test
  void anEffectOfATaskThatNobodyWasToldOfIsDoubled() {
    assertThat(Tally.of(BATCHES, DONE, List.of("a", "b", "c", "other")).rows().get(Tally.NOBODYS))
        .isEqualTo(new Counts(0, 0, 0, 0, 1));
  }

  @Test
  void theTableHasARowForEachThingThatWasKilled() {
    assertThat(
            Tally.of(BATCHES, DONE, List.of("a", "b", "c"))
                .table(Map.of("server", 4, "worker", 5))
                .lines()
                .map(line -> line.strip().replaceAll(" +", " ")))
        .containsExactly(
            "KILLED KILLS SUBMITTED ACKNOWLEDGED DONE LOST DOUBLED",
            "server 4 2 2 2 0 0",
            "worker 5 1 1 1 0 0",
            "total 9 3 3 3 0 0");
  }
}
