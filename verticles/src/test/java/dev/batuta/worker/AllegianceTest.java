package dev.batuta.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.worker.Allegiance.Effect;
import dev.batuta.worker.Allegiance.Effect.Abandon;
import dev.batuta.worker.Allegiance.Effect.Beat;
import dev.batuta.worker.Allegiance.Effect.Drain;
import dev.batuta.worker.Allegiance.Effect.Leave;
import dev.batuta.worker.Allegiance.Effect.Register;
import dev.batuta.worker.Allegiance.Effect.Resume;
import dev.batuta.worker.Allegiance.Effect.Serve;
import dev.batuta.worker.Allegiance.Input.Drained;
import dev.batuta.worker.Allegiance.Input.Fenced;
import dev.batuta.worker.Allegiance.Input.Heard;
import dev.batuta.worker.Allegiance.Input.Missed;
import dev.batuta.worker.Allegiance.Input.Reachable;
import dev.batuta.worker.Allegiance.Input.Redirected;
import dev.batuta.worker.Allegiance.Input.Rejected;
import dev.batuta.worker.Allegiance.Input.Returned;
import dev.batuta.worker.Allegiance.Input.Tick;
import dev.batuta.worker.Allegiance.Input.Welcomed;
import dev.batuta.worker.Allegiance.Registration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class AllegianceTest {
  private static final List<String> ALL = List.of("s1", "s2", "s3");

  private final Allegiance allegiance = new Allegiance("s2");

  private List<Effect> tick(List<String> live) {
    return allegiance.step(new Tick(100, live));
  }

  @Test
  void aWorkerRegistersWithItsHomeFirst() {
    Registration home = new Registration("s2", 100);
    assertThat(tick(ALL)).containsExactly(new Register(home));
    assertThat(allegiance.step(new Welcomed(100, 7))).containsExactly(new Serve(home, 7));
    assertThat(tick(ALL)).containsExactly(new Beat(home, false));
  }

  @Test
  void aSilentMasterIsLeftForTheNextUnderAHigherNumber() {
    tick(ALL);
    allegiance.step(new Welcomed(100, 7));
    allegiance.step(new Missed(100, false));
    allegiance.step(new Missed(100, false));
    Registration home = new Registration("s2", 100);
    assertThat(allegiance.step(new Missed(100, false)))
        .containsExactly(
            new Abandon(home), new Leave(home, false), new Register(new Registration("s2", 101)));
    assertThat(allegiance.step(new Rejected(101, false)))
        .containsExactly(
            new Leave(new Registration("s2", 101), true),
            new Register(new Registration("s1", 102)));
  }

  @Test
  void aMasterThatAnswersNothingForSeveralTicksIsNotAskedAgainBeforeTheOthers() {
    tick(ALL);
    assertThat(tick(ALL)).isEmpty();
    assertThat(allegiance.step(new Rejected(100, false)))
        .containsExactly(
            new Leave(new Registration("s2", 100), true),
            new Register(new Registration("s1", 101)));
  }

  @Test
  void aMasterThatIsNoLongerSeenAndNoLongerThereIsLeftAtOnce() {
    Registration home = served();
    assertThat(tick(List.of("s1", "s3"))).containsExactly(new Beat(home, false));
    assertThat(allegiance.step(new Missed(100, true)))
        .containsExactly(
            new Abandon(home), new Leave(home, false), new Register(new Registration("s1", 101)));
  }

  @Test
  void aMasterThatIsNoLongerSeenAndDoesNotAnswerIsLeft() {
    Registration home = served();
    assertThat(tick(List.of("s1", "s3"))).containsExactly(new Beat(home, false));
    assertThat(allegiance.step(new Missed(100, false))).isEmpty();
    assertThat(tick(List.of("s1", "s3")))
        .containsExactly(
            new Abandon(home), new Leave(home, false), new Register(new Registration("s1", 101)));
  }

  @Test
  void aMasterThatIsNotSeenAndAnswersIsKept() {
    Registration home = served();
    for (int i = 0; i < 20; i++) {
      assertThat(tick(List.of("s1", "s3"))).containsExactly(new Beat(home, false));
      assertThat(allegiance.step(new Heard(100))).isEmpty();
    }
  }

  @Test
  void aWorkerGoesHomeWhenItsHomeIsThereAgainAndWhatRunsIsFinished() {
    tick(List.of("s3"));
    Registration away = new Registration("s3", 100);
    allegiance.step(new Welcomed(100, 7));
    tick(ALL);
    tick(ALL);
    Registration home = new Registration("s2", 101);
    assertThat(tick(ALL))
        .containsExactly(new Beat(away, false), new Drain(away), new Beat(away, true));
    assertThat(tick(ALL)).containsExactly(new Beat(away, true));
    assertThat(allegiance.step(new Drained(100)))
        .containsExactly(new Abandon(away), new Leave(away, true), new Register(home));
    assertThat(allegiance.step(new Welcomed(101, 8))).containsExactly(new Serve(home, 8));
  }

  private Registration lend(String target, String... failover) {
    tick(ALL);
    allegiance.step(new Welcomed(100, 7));
    allegiance.step(new Redirected(100, target, List.of(failover)));
    allegiance.step(new Drained(100));
    allegiance.step(new Welcomed(101, 8));
    return new Registration(target, 101);
  }

  @Test
  void aLentWorkerServesItsBorrowerAndStaysThoughItsHomeIsInSight() {
    Registration away = lend("s1", "s3");
    for (int i = 0; i < 20; i++) {
      assertThat(tick(ALL)).containsExactly(new Beat(away, false));
    }
  }

  @Test
  void aWorkerThatIsGivenBackGoesHome() {
    Registration away = lend("s1");
    assertThat(allegiance.step(new Returned(101)))
        .containsExactly(new Drain(away), new Beat(away, true));
    assertThat(allegiance.step(new Drained(101)))
        .containsExactly(
            new Abandon(away), new Leave(away, true), new Register(new Registration("s2", 102)));
  }

  @Test
  void aLentWorkerWhoseBorrowerDiesGoesHome() {
    Registration away = lend("s1", "s3");
    tick(List.of("s2", "s3"));
    assertThat(allegiance.step(new Missed(101, true)))
        .containsExactly(
            new Abandon(away), new Leave(away, false), new Register(new Registration("s2", 102)));
  }

  @Test
  void aLentWorkerWithoutHomeFollowsItsFailoverList() {
    Allegiance worker = new Allegiance("s2");
    worker.step(new Tick(100, List.of("s1", "s2", "s3", "s4")));
    worker.step(new Welcomed(100, 7));
    worker.step(new Redirected(100, "s1", List.of("s4", "s3")));
    worker.step(new Drained(100));
    worker.step(new Welcomed(101, 8));
    Registration away = new Registration("s1", 101);
    worker.step(new Tick(100, List.of("s3", "s4")));
    assertThat(worker.step(new Missed(101, true)))
        .containsExactly(
            new Abandon(away), new Leave(away, false), new Register(new Registration("s4", 102)));
  }

  @Test
  void aLentWorkerThatItsBorrowerDoesNotWelcomeGoesHome() {
    tick(ALL);
    allegiance.step(new Welcomed(100, 7));
    allegiance.step(new Redirected(100, "s1", List.of("s3")));
    allegiance.step(new Drained(100));
    assertThat(allegiance.step(new Rejected(101, false)))
        .containsExactly(
            new Leave(new Registration("s1", 101), true),
            new Register(new Registration("s2", 102)));
    allegiance.step(new Welcomed(102, 9));
    assertThat(tick(ALL)).containsExactly(new Beat(new Registration("s2", 102), false));
  }

  @Test
  void onlyThePresentRegistrationIsSentElsewhere() {
    tick(ALL);
    allegiance.step(new Welcomed(100, 7));
    assertThat(allegiance.step(new Redirected(99, "s1", List.of()))).isEmpty();
    assertThat(allegiance.step(new Returned(100))).as("it is at home").isEmpty();
  }

  @Test
  void aWorkerThatDoesNotComeToAnEndStays() {
    tick(ALL);
    allegiance.step(new Welcomed(100, 7));
    Registration home = new Registration("s2", 100);
    allegiance.step(new Redirected(100, "s1", List.of("s3")));
    for (int i = 0; i < Allegiance.MAX_DRAIN; i++) {
      assertThat(tick(ALL)).containsExactly(new Beat(home, true));
    }
    assertThat(tick(ALL)).containsExactly(new Resume(home), new Beat(home, false));
    assertThat(allegiance.step(new Drained(100))).isEmpty();
  }

  @Test
  void aRefusedRegistrationIsReplacedByANewOneWithTheSameMaster() {
    tick(ALL);
    allegiance.step(new Welcomed(100, 7));
    assertThat(allegiance.step(new Fenced(100)))
        .containsExactly(
            new Abandon(new Registration("s2", 100)), new Register(new Registration("s2", 101)));
  }

  @Test
  void aNumberBehindThatOfAnEarlierLifeOvertakesIt() {
    long number = registration(tick(ALL));
    long earlier = 100 + 24 * 3_600_000L;
    int refused = 0;
    while (number <= earlier) {
      List<Effect> effects = new ArrayList<>(allegiance.step(new Rejected(number, true)));
      effects.addAll(tick(ALL));
      number = registration(effects);
      refused++;
    }
    assertThat(refused).isLessThan(40);
  }

  @Test
  void whomNobodyReachesRegistersWithNobodyUntilTheTickAfterItIsReached() {
    allegiance.step(new Reachable(false));
    assertThat(tick(ALL)).isEmpty();
    assertThat(allegiance.step(new Reachable(true))).isEmpty();
    assertThat(tick(ALL)).containsExactly(new Register(new Registration("s2", 100)));
  }

  @Test
  void whomNobodyReachesServesNobodyAfterItWasFencedUntilItIsReached() {
    Registration home = served();
    allegiance.step(new Reachable(false));
    assertThat(tick(ALL)).as("it tells nobody that it lives").isEmpty();
    assertThat(allegiance.step(new Fenced(100))).containsExactly(new Abandon(home));
    allegiance.step(new Reachable(true));
    assertThat(tick(ALL)).containsExactly(new Register(new Registration("s2", 101)));
  }

  @Test
  void whomNobodyReachesGoesFromMasterToMasterOnlyOnceItIsReached() {
    Registration home = served();
    allegiance.step(new Redirected(100, "s1", List.of("s3")));
    allegiance.step(new Reachable(false));
    assertThat(allegiance.step(new Drained(100)))
        .containsExactly(new Abandon(home), new Leave(home, true));
    allegiance.step(new Reachable(true));
    assertThat(tick(ALL)).containsExactly(new Register(new Registration("s1", 101)));
    allegiance.step(new Reachable(false));
    assertThat(allegiance.step(new Rejected(101, false)))
        .containsExactly(new Leave(new Registration("s1", 101), true));
  }

  /** One that stood still would leave its master, for one to which it is not there either. */
  @Test
  void whomNobodyReachesConcludesNothingFromHeartbeatsWithoutAnAnswer() {
    Registration home = served();
    allegiance.step(new Reachable(false));
    for (int beat = 0; beat <= Allegiance.MAX_MISSED; beat++) {
      assertThat(allegiance.step(new Missed(100, true))).isEmpty();
    }
    allegiance.step(new Reachable(true));
    assertThat(allegiance.step(new Missed(100, false))).isEmpty();
    assertThat(tick(ALL)).containsExactly(new Beat(home, false));
  }

  private Registration served() {
    tick(ALL);
    allegiance.step(new Welcomed(100, 7));
    return new Registration("s2", 100);
  }

  private static long registration(List<Effect> effects) {
    return effects.stream()
        .filter(Register.class::isInstance)
        .map(effect -> ((Register) effect).registered().registration())
        .findFirst()
        .orElseThrow();
  }

  /** Whatever is answered in whatever order, twice, late or not at all. */
  @Property(tries = 500)
  void numbersGrowAndWhatIsServedIsTheLatestThatWasWelcomed(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Allegiance worker = new Allegiance("s2");
    Deque<Effect> effects = new ArrayDeque<>();
    List<Registration> asked = new ArrayList<>();
    long served = 0;
    boolean reachable = true;
    for (int i = 0; i < 200; i++) {
      long some = asked.isEmpty() ? 1 : asked.get(random.nextInt(asked.size())).registration();
      if (random.nextInt(4) == 0) {
        reachable = random.nextBoolean();
        worker.step(new Reachable(reachable));
      }
      effects.addAll(
          worker.step(
              switch (random.nextInt(9)) {
                case 0 -> new Welcomed(some, 1);
                case 1 -> new Rejected(some, random.nextBoolean());
                case 2 -> new Missed(some, random.nextBoolean());
                case 3 -> new Fenced(some);
                case 4 -> new Redirected(some, "s" + (1 + random.nextInt(3)), ALL);
                case 5 -> new Returned(some);
                case 6 -> new Drained(some);
                default -> new Tick(1000 + i, ALL.subList(random.nextInt(3), 3));
              }));
      while (!effects.isEmpty()) {
        switch (effects.remove()) {
          case Register(Registration registered) -> {
            assertThat(reachable).isTrue();
            assertThat(asked).allMatch(before -> before.registration() < registered.registration());
            asked.add(registered);
          }
          case Serve(Registration registered, long term) -> {
            assertThat(registered.registration()).isGreaterThan(served);
            served = registered.registration();
          }
          case Beat(Registration registered, boolean leaving) ->
              assertThat(registered).isEqualTo(worker.serving()).isEqualTo(last(asked, registered));
          case Abandon(Registration registered) -> {}
          case Leave(Registration registered, boolean drained) -> {}
          case Drain(Registration registered) -> {}
          case Resume(Registration registered) -> {}
        }
      }
    }
  }

  private static Registration last(List<Registration> asked, Registration registered) {
    return asked.stream().filter(registered::equals).findFirst().orElseThrow();
  }
}
