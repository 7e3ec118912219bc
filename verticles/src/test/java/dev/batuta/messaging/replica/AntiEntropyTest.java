package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Position;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.Failure;
import dev.batuta.messaging.replica.AntiEntropyEffect.Answer;
import dev.batuta.messaging.replica.AntiEntropyEffect.Compare;
import dev.batuta.messaging.replica.AntiEntropyEffect.Compared;
import dev.batuta.messaging.replica.AntiEntropyEffect.Confirm;
import dev.batuta.messaging.replica.AntiEntropyEffect.GiveUp;
import dev.batuta.messaging.replica.AntiEntropyEffect.Mark;
import dev.batuta.messaging.replica.AntiEntropyEffect.NotCompared;
import dev.batuta.messaging.replica.AntiEntropyEffect.NotKept;
import dev.batuta.messaging.replica.AntiEntropyEffect.Publish;
import dev.batuta.messaging.replica.AntiEntropyEffect.Pull;
import dev.batuta.messaging.replica.AntiEntropyEffect.Push;
import dev.batuta.messaging.replica.AntiEntropyEffect.Read;
import dev.batuta.messaging.replica.AntiEntropyEffect.Refuse;
import dev.batuta.messaging.replica.AntiEntropyEffect.Safe;
import dev.batuta.messaging.replica.AntiEntropyEffect.Take;
import dev.batuta.messaging.replica.AntiEntropyEffect.Tell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rules of one replica, {@code a} of three; its log is in memory, the others are played. */
class AntiEntropyTest {
  private static final Origin ME = new Origin("a", 1);
  private static final Origin B = new Origin("b", 2);
  private static final List<String> SERVERS = List.of("a", "b", "c");

  private final MemoryLog log = new MemoryLog(ME);
  private final MemoryLog logOfB = new MemoryLog(B);
  private AntiEntropy rules = replica(AckPolicy.MAJORITY, true, SERVERS);
  private long nowMillis;

  /** What subscribers may be given since the start, apart from what else was to be done. */
  private final List<Safe> shown = new ArrayList<>();

  /** One whom the others have answered that they run. */
  private AntiEntropy replica(AckPolicy policy, boolean complete, List<String> servers) {
    var replica =
        new AntiEntropy(
            new ReplicationSettings(ME, servers, policy, Duration.ofSeconds(5)), complete);
    for (String other : servers.subList(1, servers.size())) {
      replica.step(0, log, new AntiEntropyInput.CompareAsked(other));
      replica.step(0, log, new AntiEntropyInput.PeerHas(other, have(other)));
      replica.step(
          0, log, new AntiEntropyInput.PeerFailed(other, new IllegalStateException("gone")));
    }
    return replica;
  }

  /** What one input brings about, in its order, but for what is {@link #shown}. */
  private List<AntiEntropyEffect> step(AntiEntropyInput input) {
    List<AntiEntropyEffect> effects =
        new ArrayList<>(rules.step(Duration.ofMillis(nowMillis).toNanos(), log, input));
    effects.removeIf(effect -> effect instanceof Safe safe && shown.add(safe));
    return effects;
  }

  /** The same once the log has done what it was asked for. */
  private List<AntiEntropyEffect> stepAndLog(AntiEntropyInput input) {
    List<AntiEntropyEffect> all = new ArrayList<>();
    for (AntiEntropyEffect effect : step(input)) {
      switch (effect) {
        case Take(var use, var ops) -> all.addAll(stepAndLog(log.take(use, ops)));
        case Read(var use, var beyond, var limit) ->
            all.addAll(stepAndLog(new AntiEntropyInput.Found(use, log.beyond(beyond, limit))));
        default -> all.add(effect);
      }
    }
    return all;
  }

  private List<AntiEntropyEffect> tickAt(long millis) {
    nowMillis = millis;
    return step(new AntiEntropyInput.Tick());
  }

  @Test
  void anotherServerLagsByWhatItHasNotSaidToHaveOfThisOne() {
    log.make(3);
    assertThat(rules.lags(log)).isEqualTo(Map.of("b", 3L, "c", 3L));

    step(new AntiEntropyInput.Told(have("b", at(ME, 2))));
    step(new AntiEntropyInput.Told(have("c", at(B, 9))));
    assertThat(rules.lags(log)).isEqualTo(Map.of("b", 1L, "c", 3L));
  }

  @Test
  void anOpOutOfOrderHasItsServerAskedForWhatIsMissing() {
    List<Op> made = logOfB.make(3);

    assertThat(stepAndLog(new AntiEntropyInput.Published(replicate("b", made.subList(2, 3)))))
        .containsExactly(new Tell("b", have("a", at(B, 0))), new Compare("b", have("a")));
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("b", have("b", at(B, 3)))))
        .containsExactly(new Pull("b", new Fetch("a", List.of(), 500)));
    assertThat(stepAndLog(new AntiEntropyInput.PeerGave("b", replicate("b", made))))
        .containsExactly(new Compared("b", 3));
    assertThat(log.ops).isEqualTo(made);
  }

  @Test
  void aDuplicateIsIgnoredButForTellingWhatIsHere() {
    List<Op> made = logOfB.make(2);
    stepAndLog(new AntiEntropyInput.Published(replicate("b", made)));

    assertThat(stepAndLog(new AntiEntropyInput.Published(replicate("b", made.subList(0, 1)))))
        .containsExactly(new Tell("b", have("a", at(B, 2))));
    assertThat(log.ops).isEqualTo(made);
  }

  @Test
  void whatComesBackOfItsOwnPublicationsIsNotTaken() {
    assertThat(step(new AntiEntropyInput.Published(replicate("a", log.make(1))))).isEmpty();
  }

  @Test
  void nothingIsSaidToBeHereBeforeTheLogHasIt() {
    Replicate published = replicate("b", logOfB.make(1));

    assertThat(step(new AntiEntropyInput.Published(published)))
        .singleElement()
        .isInstanceOf(Take.class);
    assertThat(step(new AntiEntropyInput.PushedBy(1, published)))
        .singleElement()
        .isInstanceOf(Take.class);

    IllegalStateException full = new IllegalStateException("the disk is full");
    LogUse publication = new LogUse.Publication(published);
    assertThat(step(new AntiEntropyInput.LogFailed(publication, full)))
        .containsExactly(new NotKept("b", full));
    assertThat(step(new AntiEntropyInput.LogFailed(new LogUse.PushedBy(1, published), full)))
        .containsExactly(new Refuse(1, full));
  }

  @Test
  void anOpIsConfirmedOnceAMajorityHasItAndNotBefore() {
    log.make(2);
    assertThat(step(awaited(7, 1))).isEmpty();
    assertThat(step(awaited(8, 2))).isEmpty();
    assertThat(step(new AntiEntropyInput.Told(have("z", at(ME, 2))))).isEmpty();
    assertThat(step(new AntiEntropyInput.Told(have("b", at(ME, 1)))))
        .containsExactly(new Confirm(7));
    assertThat(rules.waiting()).isEqualTo(1);
    assertThat(step(new AntiEntropyInput.Told(have("c", at(ME, 2)))))
        .containsExactly(new Confirm(8));
    assertThat(tickAt(60_000)).isEmpty();
  }

  @Test
  void whatAMajorityHasIsShownOnceWhetherOrNotSomebodyWaitsForIt() {
    log.make(3);
    step(new AntiEntropyInput.Told(have("b", at(ME, 2))));
    step(new AntiEntropyInput.Told(have("c", at(ME, 1))));
    assertThat(shown).containsExactly(new Safe(ME, 2));
    // Who publishes has it, and with this server that is a majority of three.
    stepAndLog(new AntiEntropyInput.Published(replicate("b", logOfB.make(1))));
    assertThat(shown).containsExactly(new Safe(ME, 2), new Safe(B, 1));
  }

  @Test
  void aServerWithANewDiskIsNoneOfAMajorityThatShows() {
    rules = replica(AckPolicy.MAJORITY, false, SERVERS);
    log.complete = false;
    stepAndLog(new AntiEntropyInput.Published(replicate("b", logOfB.make(1))));
    step(new AntiEntropyInput.Told(have("b")));
    assertThat(shown).isEmpty();
    log.complete = true;
    step(new AntiEntropyInput.MarkEnded());
    assertThat(shown).containsExactly(new Safe(B, 1));
  }

  @Test
  void whatIsNotShownIsRepairedThoughItsServerIsGone() {
    stepAndLog(new AntiEntropyInput.PushedBy(1, replicate("c", logOfB.make(1))));
    assertThat(tickAt(0)).isEmpty();
    assertThat(tickAt(251))
        .containsExactlyInAnyOrder(
            new Compare("b", have("a", at(B, 1))), new Compare("c", have("a", at(B, 1))));
    step(new AntiEntropyInput.PeerFailed("b", new IllegalStateException("gone")));
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("c", have("c", at(B, 1)))))
        .containsExactly(new Compared("c", 0));
    assertThat(shown).containsExactly(new Safe(B, 1));
    assertThat(tickAt(60_000)).isEmpty();
  }

  @Test
  void ofFiveAllHearThatAPublicationIsKeptBecauseTwoAreNoMajority() {
    rules = replica(AckPolicy.MAJORITY, true, List.of("a", "b", "c", "d", "e"));
    step(new AntiEntropyInput.Told(have("b")));
    Have kept = have("a", at(B, 1));
    assertThat(stepAndLog(new AntiEntropyInput.Published(replicate("b", logOfB.make(1)))))
        .containsExactly(
            new Tell("b", kept), new Tell("c", kept), new Tell("d", kept), new Tell("e", kept));
    assertThat(shown).isEmpty();
    step(new AntiEntropyInput.Told(have("d", at(B, 1))));
    assertThat(shown).containsExactly(new Safe(B, 1));
  }

  @Test
  void withLocalAcksNobodyWaits() {
    rules = replica(AckPolicy.LOCAL, true, SERVERS);
    log.make(1);
    assertThat(step(awaited(7, 1))).containsExactly(new Confirm(7));
  }

  @Test
  void whoWaitsInVainIsToldThatTheOutcomeIsUnknown() {
    log.make(1);
    step(awaited(7, 1));
    assertThat(tickAt(5_000)).noneMatch(GiveUp.class::isInstance);
    assertThat(tickAt(5_001))
        .filteredOn(GiveUp.class::isInstance)
        .singleElement()
        .satisfies(
            effect -> {
              GiveUp late = (GiveUp) effect;
              assertThat(late.ticket()).isEqualTo(7);
              assertThat(late.why().failure().kind()).isEqualTo(Failure.Kind.UNKNOWN);
              assertThat(late.why())
                  .hasMessageContaining("3 servers")
                  .hasMessageContaining("5000 ms");
            });
    assertThat(rules.waiting()).isZero();
  }

  @Test
  void aLossIsRepairedSoonAndThenLessAndLessOften() {
    log.make(1);
    step(awaited(7, 1));
    assertThat(tickAt(250)).isEmpty();
    List<Long> tried = new ArrayList<>();
    for (long millis = 260; millis <= 4_900; millis += 10) {
      if (tickAt(millis).contains(new Compare("b", have("a", at(ME, 1))))) {
        tried.add(millis);
        Throwable silent = new IllegalStateException("no answer");
        assertThat(step(new AntiEntropyInput.PeerFailed("b", silent)))
            .containsExactly(new NotCompared("b", silent));
      }
    }
    assertThat(tried).containsExactly(260L, 510L, 1_010L, 2_010L, 4_010L);
  }

  @Test
  void aRepairThatWorkedIsTriedSoonAgain() {
    log.make(1);
    step(awaited(7, 1));
    tickAt(260);
    step(new AntiEntropyInput.PeerFailed("b", new IllegalStateException("no answer")));
    assertThat(tickAt(510)).hasSize(1);
    // The other answers, but has a new disk, which does not count.
    Have incomplete = incomplete("b", at(ME, 1));
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("b", incomplete)))
        .containsExactly(new Compared("b", 0));
    // The pause goes on as it was, and the one after it is the first again.
    assertThat(tickAt(1_000)).isEmpty();
    assertThat(tickAt(1_010)).hasSize(1);
    step(new AntiEntropyInput.PeerFailed("b", new IllegalStateException("no answer")));
    assertThat(tickAt(1_500)).isEmpty();
    assertThat(tickAt(1_510)).hasSize(1);
  }

  @Test
  void aPullIsAnsweredWithinBounds() {
    log.make(700);
    assertThat(pulled(100_000).ops()).hasSize(500);
    assertThat(pulled(3).ops()).hasSize(3);
    assertThat(pulled(0).ops()).hasSize(1);
    assertThat(pulled(-1).ops()).hasSize(1);
  }

  private Replicate pulled(int limit) {
    Fetch fetch = new Fetch("b", List.of(), limit);
    List<AntiEntropyEffect> effects = stepAndLog(new AntiEntropyInput.PulledBy(9, fetch));
    assertThat(effects).hasSize(1);
    Answer answer = (Answer) effects.getFirst();
    assertThat(answer.request()).isEqualTo(9);
    return (Replicate) answer.message();
  }

  @Test
  void whatIsMadeIsPublishedInItsOrderAndInBoundedMessages() {
    List<Op> made = log.make(1_200);
    List<AntiEntropyEffect> effects = step(new AntiEntropyInput.Made(made));
    assertThat(effects).hasSize(3);
    List<ChatMessage.Op> published =
        effects.stream().flatMap(effect -> ((Publish) effect).ops().ops().stream()).toList();
    assertThat(published).isEqualTo(made.stream().map(Op::wire).toList());
    assertThat(((Publish) effects.getFirst()).ops().ops()).hasSize(500);
  }

  @Test
  void aRepeatedMessageThatWaitsHasAllOthersAskedBecauseItsPublicationIsOver() {
    log.make(1);
    assertThat(step(new AntiEntropyInput.Awaited(7, new OpId(ME, 1), true)))
        .containsExactly(
            new Compare("b", have("a", at(ME, 1))), new Compare("c", have("a", at(ME, 1))));
    // One comparison with each at a time.
    assertThat(step(new AntiEntropyInput.CompareAsked("b"))).isEmpty();
    step(new AntiEntropyInput.Told(have("c", at(ME, 1))));
    assertThat(step(new AntiEntropyInput.Awaited(8, new OpId(ME, 1), true)))
        .containsExactly(new Confirm(8));
  }

  @Test
  void aComparisonThatMovesNothingBreaksOffInsteadOfGoingOnForever() {
    step(new AntiEntropyInput.CompareAsked("b"));
    stepAndLog(new AntiEntropyInput.PeerHas("b", have("b", at(B, 3))));
    assertThat(stepAndLog(new AntiEntropyInput.PeerGave("b", replicate("b", List.of()))))
        .singleElement()
        .extracting(effect -> ((NotCompared) effect).why().getMessage())
        .isEqualTo("The copies cannot be made equal now: b has ops that it does not give.");

    log.make(1);
    step(new AntiEntropyInput.CompareAsked("b"));
    stepAndLog(new AntiEntropyInput.PeerHas("b", have("b")));
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("b", have("b", at(ME, 0)))))
        .singleElement()
        .extracting(effect -> ((NotCompared) effect).why().getMessage())
        .isEqualTo("The copies cannot be made equal now: b does not keep what it is sent.");
  }

  @Test
  void whatTheOtherHasIsNotSentToItAgain() {
    log.make(3);
    step(new AntiEntropyInput.CompareAsked("b"));
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("b", have("b", at(ME, 3)))))
        .containsExactly(new Compared("b", 0));
  }

  @Test
  void aNewDiskCountsOnceItHasWhatEnoughCompleteOthersHold() {
    log.complete = false;
    rules = replica(AckPolicy.MAJORITY, false, SERVERS);
    assertThat(tickAt(0)).hasSize(2).allMatch(Compare.class::isInstance);
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("b", have("b"))))
        .containsExactly(new Compared("b", 0));
    // Two copies that are not complete say nothing to each other.
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("c", incomplete("c"))))
        .containsExactly(new Compared("c", 0));
    // What it says when it asks itself may be from before this server lost its disk.
    assertThat(stepAndLog(new AntiEntropyInput.ComparedBy(5, have("c"))))
        .containsExactly(new Compare("c", incomplete("a")), new Answer(5, incomplete("a")));
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("c", have("c"))))
        .containsExactly(new Mark(true), new Compared("c", 0));
    log.complete = true;
    assertThat(step(new AntiEntropyInput.MarkEnded()))
        .containsExactly(new Tell("b", have("a")), new Tell("c", have("a")));
  }

  @Test
  void whereNobodyIsCompleteAllOthersAreFetchedTwiceAndMustHaveStayedAsTheyWere() {
    log.complete = false;
    rules = replica(AckPolicy.MAJORITY, false, SERVERS);
    assertThat(compareWith(incomplete("b"))).containsExactly(new Compared("b", 0));
    assertThat(compareWith(incomplete("c"))).containsExactly(new Compared("c", 0));
    // One has started again meanwhile, maybe without its disk.
    Have otherLife = said("b", List.of(), false, 77, false);
    assertThat(compareWith(otherLife)).containsExactly(new Compared("b", 0));
    assertThat(compareWith(incomplete("c"))).containsExactly(new Compared("c", 0));
    assertThat(compareWith(otherLife)).containsExactly(new Compared("b", 0));
    assertThat(compareWith(incomplete("c"))).containsExactly(new Mark(true), new Compared("c", 0));
  }

  private List<AntiEntropyEffect> compareWith(Have answer) {
    step(new AntiEntropyInput.CompareAsked(answer.server()));
    return stepAndLog(new AntiEntropyInput.PeerHas(answer.server(), answer));
  }

  @Test
  void aServerThatIsSetBackIsToldSoAndCountsNoMore() {
    log.make(2);
    step(new AntiEntropyInput.Told(have("b", at(ME, 2))));
    Have setBack = have("b", at(ME, 1));
    assertThat(stepAndLog(new AntiEntropyInput.ComparedBy(5, setBack)))
        .containsExactly(new Answer(5, said("a", List.of(at(ME, 2)), true, lifeOf("a"), true)));
    step(awaited(7, 1));
    assertThat(rules.waiting()).isEqualTo(1);
    assertThat(stepAndLog(new AntiEntropyInput.ComparedBy(6, have("b", at(ME, 2)))))
        .containsExactly(new Confirm(7), new Answer(6, have("a", at(ME, 2))));
  }

  @Test
  void whoIsToldThatItsDiskWasSetBackFetchesFromEnoughOthersBeforeItCounts() {
    step(new AntiEntropyInput.CompareAsked("b"));
    Have told = said("b", List.of(), true, lifeOf("b"), true);
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("b", told)))
        .containsExactly(new Mark(false), new Compared("b", 0));
    log.complete = false;
    assertThat(step(new AntiEntropyInput.MarkEnded()))
        .containsExactly(new Tell("b", incomplete("a")), new Tell("c", incomplete("a")));
    assertThat(tickAt(0)).hasSize(2).allMatch(Compare.class::isInstance);
    stepAndLog(new AntiEntropyInput.PeerHas("b", have("b")));
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("c", have("c"))))
        .containsExactly(new Mark(true), new Compared("c", 0));
  }

  /** What it says was true of a disk that it may have lost since. */
  @Test
  void whatAnotherLifeOfAServerSaysIsNotCountedUntilThatOneHasAnswered() {
    log.make(1);
    step(awaited(7, 1));
    Have other = said("b", List.of(at(ME, 1)), true, 77, false);
    assertThat(step(new AntiEntropyInput.Told(other)))
        .containsExactly(new Compare("b", have("a", at(ME, 1))));
    assertThat(step(new AntiEntropyInput.Told(have("b", at(ME, 1))))).isEmpty();
    assertThat(step(new AntiEntropyInput.PeerHas("b", other)).getFirst()).isEqualTo(new Confirm(7));
    log.make(1);
    step(awaited(8, 2));
    assertThat(step(new AntiEntropyInput.Told(have("b", at(ME, 2)))))
        .as("that life has ended")
        .noneMatch(Confirm.class::isInstance);
    assertThat(rules.waiting()).isEqualTo(1);
  }

  @Test
  void whatIsMadeWhileCopiesAreComparedGoesItsOwnWay() {
    log.make(1);
    step(new AntiEntropyInput.CompareAsked("b"));
    List<Op> later = log.make(2);
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("b", have("b"))))
        .containsExactly(new Push("b", replicate("a", log.ops.subList(0, 1))));
    assertThat(stepAndLog(new AntiEntropyInput.PeerHas("b", have("b", at(ME, 1)))))
        .containsExactly(new Compared("b", 1));
    assertThat(log.ops).endsWith(later.getLast());
  }

  @Test
  void whatComesFromElsewhereWhileCopiesAreComparedDoesNotHideWhatIsMissing() {
    log.make(1);
    step(new AntiEntropyInput.CompareAsked("b"));
    Origin c = new Origin("c", 3);
    log.take(new LogUse.PulledBy(0), new MemoryLog(c).make(1));
    step(new AntiEntropyInput.PeerHas("b", have("b")));
    LogUse use = new LogUse.Comparing("b");
    Read first = (Read) step(log.take(use, List.of())).getLast();
    assertThat(first.beyond().of(ME)).isZero();
    assertThat(first.beyond().covers(c, 1_000)).isTrue();
    // And what came between the question to the log and its answer.
    Origin again = new Origin("c", 4);
    List<Op> later = new MemoryLog(again).make(1);
    log.take(new LogUse.PulledBy(0), later);
    Read second = (Read) step(new AntiEntropyInput.Found(use, later)).getLast();
    assertThat(second.beyond().covers(again, 1_000)).isTrue();
    assertThat(step(new AntiEntropyInput.Found(use, log.ops.subList(0, 1))))
        .containsExactly(new Push("b", replicate("a", log.ops.subList(0, 1))));
  }

  @Test
  void whoDoesNotCountYetAsksLessAndLessOftenWhereNothingIsMissing() {
    log.complete = false;
    rules = replica(AckPolicy.MAJORITY, false, SERVERS);
    int asked = 0;
    for (long millis = 0; millis <= 60_000; millis += 250) {
      for (AntiEntropyEffect effect : tickAt(millis)) {
        String peer = ((Compare) effect).peer();
        if (peer.equals("b")) {
          asked++;
          stepAndLog(new AntiEntropyInput.PeerHas("b", incomplete("b")));
        } else {
          step(new AntiEntropyInput.PeerFailed(peer, new IllegalStateException("gone")));
        }
      }
    }
    assertThat(asked).isBetween(15, 20);
  }

  @Test
  void anAnswerThatNobodyWaitsForIsADefectOfWhoGivesIt() {
    assertThatThrownBy(() -> step(new AntiEntropyInput.PeerHas("b", have("b"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no comparison with b runs");
  }

  /** A copy of its vector costs what it holds: one for each origin is their square. */
  @Test
  void aStepCopiesTheVectorAFewTimesHoweverManyOriginsThereAre() {
    List<Position> all = new ArrayList<>();
    for (int life = 1; life <= 3_000; life++) {
      Origin ended = new Origin("c", life);
      log.take(new LogUse.PulledBy(0), new MemoryLog(ended).make(1));
      all.add(at(ended, 1));
    }
    var counted = new CountedCopies(log);
    step(new AntiEntropyInput.CompareAsked("b"));
    for (AntiEntropyInput input :
        List.of(
            new AntiEntropyInput.Tick(),
            new AntiEntropyInput.PeerHas("b", have("b", all.toArray(Position[]::new))),
            new AntiEntropyInput.Told(have("b", all.toArray(Position[]::new))),
            new AntiEntropyInput.Tick(),
            new AntiEntropyInput.MarkEnded())) {
      counted.copies = 0;
      rules.step(0, counted, input);
      assertThat(counted.copies).as(input.getClass().getSimpleName()).isLessThanOrEqualTo(3);
    }
  }

  private static final class CountedCopies implements Held {
    private final Held held;
    private int copies;

    CountedCopies(Held held) {
      this.held = held;
    }

    @Override
    public VersionVector vector() {
      copies++;
      return held.vector();
    }

    @Override
    public boolean complete() {
      return held.complete();
    }

    @Override
    public long clock() {
      return held.clock();
    }
  }

  @Test
  void copiesBecomeEqualInBoundedMessagesThoughAllDirectMailIsLost() {
    log.make(1_300);
    logOfB.make(1_700);
    AntiEntropy rulesOfB =
        new AntiEntropy(
            new ReplicationSettings(B, SERVERS, AckPolicy.MAJORITY, Duration.ofSeconds(5)), true);

    List<AntiEntropyEffect> effects = stepAndLog(new AntiEntropyInput.CompareAsked("b"));
    while (effects.size() == 1 && !(effects.getFirst() instanceof Compared)) {
      effects = stepAndLog(answerOfB(rulesOfB, effects.getFirst()));
    }

    assertThat(effects).containsExactly(new Compared("b", 3_000));
    assertThat(log.vector()).isEqualTo(logOfB.vector());
    assertThat(log.ops).containsExactlyInAnyOrderElementsOf(logOfB.ops);
  }

  /** Carries a question to b, and its answer back. */
  private AntiEntropyInput answerOfB(AntiEntropy rulesOfB, AntiEntropyEffect question) {
    AntiEntropyInput asked =
        switch (question) {
          case Compare(_, var have) -> new AntiEntropyInput.ComparedBy(1, have);
          case Pull(_, var fetch) -> new AntiEntropyInput.PulledBy(1, fetch);
          case Push(_, var ops) -> new AntiEntropyInput.PushedBy(1, ops);
          default -> throw new AssertionError(question);
        };
    List<AntiEntropyEffect> effects = rulesOfB.step(0, logOfB, asked);
    effects =
        switch (effects.getLast()) {
          case Take(var use, var ops) -> rulesOfB.step(0, logOfB, logOfB.take(use, ops));
          case Read(var use, var beyond, var limit) ->
              rulesOfB.step(
                  0, logOfB, new AntiEntropyInput.Found(use, logOfB.beyond(beyond, limit)));
          default -> effects;
        };
    return switch (((Answer) effects.getLast()).message()) {
      case Have have -> new AntiEntropyInput.PeerHas("b", have);
      case Replicate given -> {
        assertThat(given.ops()).hasSizeLessThanOrEqualTo(500);
        yield new AntiEntropyInput.PeerGave("b", given);
      }
      default -> throw new AssertionError(effects);
    };
  }

  private static AntiEntropyInput awaited(long ticket, long sequence) {
    return new AntiEntropyInput.Awaited(ticket, new OpId(ME, sequence), false);
  }

  private static Position at(Origin origin, long sequence) {
    return new Position(origin.server(), origin.incarnation(), sequence);
  }

  private static Have have(String server, Position... positions) {
    return said(server, List.of(positions), true, lifeOf(server), false);
  }

  private static Have incomplete(String server, Position... positions) {
    return said(server, List.of(positions), false, lifeOf(server), false);
  }

  private static Have said(
      String server, List<Position> positions, boolean complete, long life, boolean setBack) {
    return new Have(server, positions, 42, complete, life, setBack, List.of(), List.of(), true);
  }

  /** As in {@link #ME} and {@link #B}. */
  private static long lifeOf(String server) {
    return (long) server.charAt(0) - 'a' + 1;
  }

  private static Replicate replicate(String server, List<Op> ops) {
    return new Replicate(server, ops.stream().map(Op::wire).toList());
  }
}
