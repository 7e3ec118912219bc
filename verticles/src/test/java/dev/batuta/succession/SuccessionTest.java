package dev.batuta.succession;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.succession.Succession.Effect;
import dev.batuta.succession.Succession.Input;
import dev.batuta.succession.Succession.Limits;
import dev.batuta.succession.Succession.Living;
import dev.batuta.succession.Succession.State;
import dev.batuta.succession.SuccessionStore.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SuccessionTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private State state = State.initial(Limits.of(Duration.ofSeconds(5)));
  private Optional<Long> epoch = Optional.of(7L);
  private Set<String> owners = new TreeSet<>(Set.of("a", "b", "c"));

  private List<Effect> give(Input input) {
    Succession.Step step = Succession.step(state, input);
    state = step.next();
    return step.effects();
  }

  /** A second passes; who asks for the owners is told. */
  private List<Effect> second(Living... living) {
    return pass(SECOND, living);
  }

  private List<Effect> pass(Duration elapsed, Living... living) {
    List<Effect> effects = give(new Input.Tick(elapsed, epoch, Arrays.asList(living)));
    return effects.contains(new Effect.AskOwners())
        ? give(new Input.Owners(Set.copyOf(owners)))
        : effects;
  }

  private List<Effect> seconds(int count, Living... living) {
    List<Effect> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.addAll(second(living));
    }
    return all;
  }

  private static Living living(String server, int load) {
    return new Living(server, load, true);
  }

  private static final Living A = living("a", 5);
  private static final Living B = living("b", 3);
  private static final Living C = living("c", 0);

  @Test
  void theQueueOfAServerThatIsAwayForTheGraceGoesToTheLeastLoaded() {
    assertThat(seconds(3, A, B, C)).isEmpty();
    assertThat(seconds(5, A, B)).isEmpty(); // the first of these sees it go
    assertThat(second(A, B)).containsExactly(new Effect.Take(7, "c", "b"));
    assertThat(give(new Input.Answered("c", "b", Answer.TAKEN)))
        .containsExactly(new Effect.Tell(7, "c", "b"));
    owners.remove("c");
    assertThat(seconds(30, A, B)).isEmpty();
  }

  @Test
  void aServerThatIsBackWithinTheGraceKeepsItsTasks() {
    second(A, B, C);
    assertThat(seconds(5, A, B)).isEmpty();
    assertThat(seconds(3, A, B, C)).isEmpty();
    assertThat(seconds(5, A, B)).isEmpty();
  }

  @Test
  void timeInWhichThisNodeWasStalledIsNoEvidence() {
    second(A, B, C);
    second(A, B);
    assertThat(pass(Duration.ofMinutes(5), A, B)).isEmpty();
    assertThat(pass(Duration.ofMinutes(5), A, B)).isEmpty();
    assertThat(pass(Duration.ofMinutes(5), A, B)).hasSize(1); // three steps of two seconds
  }

  @Test
  void whoMayNotActTakesNothingButKnowsWhoIsAwayWhenItMay() {
    epoch = Optional.empty();
    second(A, B, C);
    assertThat(seconds(20, A, B)).isEmpty();
    epoch = Optional.of(8L);
    assertThat(second(A, B)).containsExactly(new Effect.Take(8, "c", "b"));
  }

  @Test
  void afterItsEpochIsOverItTakesNothingMoreUnderIt() {
    second(A, B, C);
    assertThat(seconds(6, A, B)).hasSize(1);
    give(new Input.Fenced(7));
    assertThat(seconds(60, A, B)).isEmpty();
    epoch = Optional.of(9L);
    assertThat(second(A, B)).containsExactly(new Effect.Take(9, "c", "b"));
  }

  @Test
  void aRefusalIsFollowedByPausesThatGrowToABound() {
    second(A, B, C);
    int taken = 0;
    for (int i = 0; i < 600; i++) {
      for (Effect effect : second(A, B)) {
        assertThat(effect).isInstanceOf(Effect.Take.class);
        taken++;
        give(
            taken % 2 == 0
                ? new Input.Unanswered("c")
                : new Input.Answered("c", "b", Answer.ALIVE));
      }
    }
    assertThat(taken).isBetween(20, 30);
  }

  @Test
  void oneAtATimeAndAllWhoDieOneAfterAnother() {
    second(A, B, C);
    List<Effect> first = seconds(20, A);
    assertThat(first).containsExactly(new Effect.Take(7, "b", "a"));
    give(new Input.Answered("b", "a", Answer.TAKEN));
    owners.remove("b");
    assertThat(seconds(20, A)).containsExactly(new Effect.Take(7, "c", "a"));
  }

  @Test
  void aServerThatWasNeverSeenIsGivenTheGraceToCome() {
    owners.add("old");
    assertThat(seconds(5, A, B, C)).isEmpty();
    assertThat(second(A, B, C)).containsExactly(new Effect.Take(7, "old", "c"));
  }

  @Test
  void oneThatDrainsOrHasNoDatabaseIsNoHeir() {
    second(A, B, C);
    Living draining = new Living("b", 0, false);
    assertThat(seconds(6, A, draining)).containsExactly(new Effect.Take(7, "c", "a"));
    give(new Input.Answered("c", "a", Answer.NO_HEIR));
    assertThat(seconds(20, new Living("a", 0, false), draining)).isEmpty();
  }

  @Test
  void anUnansweredQuestionForTheOwnersIsAskedAgain() {
    assertThat(give(new Input.Tick(SECOND, epoch, List.of(A)))).hasSize(1);
    assertThat(give(new Input.Tick(SECOND, epoch, List.of(A)))).isEmpty();
    give(new Input.OwnersUnknown());
    assertThat(give(new Input.Tick(SECOND, epoch, List.of(A))))
        .containsExactly(new Effect.AskOwners());
  }
}
