package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.Have;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When one of three servers makes a fold; its log is in memory, the others are played. */
class FoldingTest {
  private static final List<String> SERVERS = List.of("a", "b", "c");
  private static final long LIFE = 99;

  private long nowMillis;

  @Test
  void whatHasEndedAndAMajorityHasIsFoldedOnceThereIsEnough() {
    MemoryLog log = withEnded("a", Folding.ENOUGH - 1);
    AntiEntropy rules = rules(log);
    answer(rules, log, "b", true);
    assertThat(foldsWithin(rules, log, 20_000)).as("too few").isEmpty();
    take(log, new Origin("c", LIFE), 1);
    answer(rules, log, "c", true);
    assertThat(foldsWithin(rules, log, 20_000)).as("one that runs is none").isEmpty();
    take(log, new Origin("removed", 3), 1);
    assertThat(foldsWithin(rules, log, 20_000)).as("which nobody else has").isEmpty();
    answer(rules, log, "b", true);
    assertThat(foldsWithin(rules, log, 2_000)).as("others are given time").isEmpty();
    List<AntiEntropyEffect.Fold> made = foldsWithin(rules, log, 20_000);
    assertThat(made).as("one at a time").hasSize(1);
    assertThat(made.getFirst().lasts())
        .hasSize(Folding.ENOUGH)
        .contains(new OpId(new Origin("removed", 3), 1))
        .doesNotContain(new OpId(new Origin("c", LIFE), 1));
    log.fold(made.getFirst().parents(), made.getFirst().lasts());
    step(rules, log, new AntiEntropyInput.FoldEnded());
    assertThat(foldsWithin(rules, log, 20_000)).isEmpty();
  }

  /** As a release left them that knew no folds. */
  @Test
  void whatThousandsOfStartsLeftIsFoldedByAFewOps() {
    MemoryLog log = withEnded("a", 2_500);
    AntiEntropy rules = rules(log);
    answer(rules, log, "b", true);
    answer(rules, log, "c", true);
    for (int made = 0; made < 3; made++) {
      AntiEntropyEffect.Fold fold = foldsWithin(rules, log, 10_000).getFirst();
      assertThat(fold.lasts()).hasSizeLessThanOrEqualTo(1_000);
      log.fold(fold.parents(), fold.lasts());
      step(rules, log, new AntiEntropyInput.FoldEnded());
    }
    assertThat(log.vector().recent()).containsOnlyKeys(log.self, new Origin("b", LIFE));
  }

  @Test
  void eachServerWaitsLongerThanTheOneBeforeIt() {
    List<Integer> waits = new ArrayList<>();
    for (String server : SERVERS) {
      MemoryLog log = withEnded(server, Folding.ENOUGH);
      AntiEntropy rules = rules(log);
      for (String other : SERVERS) {
        if (!other.equals(server)) {
          answer(rules, log, other, true);
        }
      }
      int millis = 0;
      while (foldsWithin(rules, log, 250).isEmpty()) {
        millis += 250;
      }
      waits.add(millis);
    }
    assertThat(waits).containsExactly(2_000, 4_000, 6_000);
  }

  @Test
  void nothingIsFoldedByWhoDoesNotCount() {
    MemoryLog log = withEnded("a", 2 * Folding.ENOUGH);
    log.complete = false;
    AntiEntropy rules = rules(log);
    answer(rules, log, "b", true);
    answer(rules, log, "c", true);
    assertThat(foldsWithin(rules, log, 20_000)).isEmpty();
  }

  /** It could not read the tokens. */
  @Test
  void theFirstFoldWaitsForAServerThatDoesNotKnowFoldsAndNoLaterOne() {
    MemoryLog log = withEnded("a", Folding.ENOUGH);
    AntiEntropy rules = rules(log);
    answer(rules, log, "b", true);
    answer(rules, log, "c", false);
    assertThat(foldsWithin(rules, log, 20_000)).isEmpty();
    log.fold(List.of(), List.of(new OpId(new Origin("b", 1), 1)));
    take(log, new Origin("b", 50), 1);
    answer(rules, log, "b", true);
    assertThat(foldsWithin(rules, log, 20_000)).hasSize(1);
  }

  /** It may be of the release before, and late. */
  @Test
  void theFirstFoldWaitsForAServerThatIsAwayUntilItIsBack() {
    MemoryLog log = withEnded("a", Folding.ENOUGH);
    AntiEntropy rules = rules(log);
    answer(rules, log, "b", true);
    assertThat(foldsWithin(rules, log, 60_000)).isEmpty();
    answer(rules, log, "c", true);
    assertThat(foldsWithin(rules, log, 4_000)).hasSize(1);
  }

  @Test
  void whoIsNoneOfTheConfiguredServersMakesNone() {
    MemoryLog log = withEnded("x", 2 * Folding.ENOUGH);
    AntiEntropy rules = rules(log);
    SERVERS.forEach(server -> answer(rules, log, server, true));
    assertThat(foldsWithin(rules, log, 20_000)).isEmpty();
  }

  /** Of servers that are none of the configured ones it is never learned that they run. */
  @Test
  void whatGoesOnBehindFoldsIsFoldedAgainOnlyOnceItIsSilentAndForLongerEachTime() {
    MemoryLog log = withEnded("a", 0);
    AntiEntropy rules = rules(log);
    List<MemoryLog> outside = new ArrayList<>();
    for (int server = 0; server <= Folding.ENOUGH; server++) {
      outside.add(new MemoryLog(new Origin("x" + server, 1)));
    }
    assertThat(foldedWhileTheyTalk(rules, log, outside, 60)).isEqualTo(1);
    assertThat(foldedWhileTheyTalk(rules, log, List.of(), 15)).isEqualTo(1);
    assertThat(foldedWhileTheyTalk(rules, log, outside, 1)).isZero();
    assertThat(foldedWhileTheyTalk(rules, log, List.of(), 8)).isZero();
    assertThat(foldedWhileTheyTalk(rules, log, List.of(), 10)).isEqualTo(1);
  }

  /** How many folds are made in so many seconds, in each of which some servers say something. */
  private int foldedWhileTheyTalk(
      AntiEntropy rules, MemoryLog log, List<MemoryLog> outside, int seconds) {
    int folds = 0;
    for (int second = 0; second < seconds; second++) {
      outside.forEach(server -> log.take(new LogUse.PulledBy(0), server.make(1)));
      answer(rules, log, "b", true);
      answer(rules, log, "c", true);
      for (AntiEntropyEffect.Fold fold : foldsWithin(rules, log, 1_000)) {
        folds++;
        log.fold(fold.parents(), fold.lasts());
        step(rules, log, new AntiEntropyInput.FoldEnded());
      }
    }
    return folds;
  }

  private static AntiEntropy rules(MemoryLog log) {
    var settings =
        new ReplicationSettings(log.self, SERVERS, AckPolicy.MAJORITY, Duration.ofSeconds(5));
    return new AntiEntropy(settings, log.complete());
  }

  /** Of a server that has seen so many lives of others. */
  private static MemoryLog withEnded(String server, int count) {
    MemoryLog log = new MemoryLog(new Origin(server, LIFE));
    log.make(1);
    for (int life = 1; life <= count; life++) {
      take(log, new Origin(life % 2 == 0 ? "a" : "b", life), 1);
    }
    return log;
  }

  private static void take(MemoryLog log, Origin origin, int count) {
    log.take(new LogUse.PulledBy(0), new MemoryLog(origin).make(count));
  }

  /** Another server has all that is here. */
  private void answer(AntiEntropy rules, MemoryLog log, String other, boolean readsFolds) {
    step(rules, log, new AntiEntropyInput.CompareAsked(other));
    var have =
        new Have(
            other,
            log.vector().positions(),
            42,
            true,
            LIFE,
            false,
            List.of(),
            List.of(),
            readsFolds);
    step(rules, log, new AntiEntropyInput.PeerHas(other, have));
    step(rules, log, new AntiEntropyInput.PeerFailed(other, new IllegalStateException("gone")));
  }

  private List<AntiEntropyEffect.Fold> foldsWithin(AntiEntropy rules, MemoryLog log, int millis) {
    List<AntiEntropyEffect.Fold> folds = new ArrayList<>();
    for (int passed = 0; passed < millis; passed += 250) {
      for (AntiEntropyEffect effect : step(rules, log, new AntiEntropyInput.Tick())) {
        switch (effect) {
          case AntiEntropyEffect.Fold fold -> folds.add(fold);
          case AntiEntropyEffect.Compare(var peer, _) ->
              step(
                  rules,
                  log,
                  new AntiEntropyInput.PeerFailed(peer, new IllegalStateException("gone")));
          default -> {}
        }
      }
      nowMillis += 250;
    }
    return folds;
  }

  private List<AntiEntropyEffect> step(AntiEntropy rules, MemoryLog log, AntiEntropyInput input) {
    return List.copyOf(rules.step(Duration.ofMillis(nowMillis).toNanos(), log, input));
  }
}
