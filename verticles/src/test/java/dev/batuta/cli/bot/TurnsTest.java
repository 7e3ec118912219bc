package dev.batuta.cli.bot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.cli.bot.Remark.Mark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TurnsTest {
  private static final long INTERVAL = 1_000;

  /** How a bot may be made that lets answers grow. */
  private enum Defect {
    NONE,
    ANSWERS_AT_ONCE,
    MAKES_UP_FOR_TURNS,
    ANSWERS_TWICE
  }

  /** A bot of the room, and when it spoke. */
  private static final class Member {
    final String name;
    final Turns turns;
    final List<Long> spoke = new ArrayList<>();
    final Map<String, Integer> askedBy = new HashMap<>();
    final Map<String, Integer> answered = new HashMap<>();

    Member(String name, long first) {
      this.name = name;
      this.turns = new Turns(name, INTERVAL, first);
    }
  }

  @Property(tries = 300)
  void answersTakeTurnsAndAddNoneHoweverMuchIsHeard(@ForAll long seed) {
    room(seed, Defect.NONE);
  }

  @ParameterizedTest
  @EnumSource(value = Defect.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void theRoomNoticesEachDefect(Defect defect) {
    assertThatThrownBy(
            () -> {
              for (long seed = 0; seed < 20; seed++) {
                room(seed, defect);
              }
            })
        .isInstanceOf(AssertionError.class);
  }

  /** Bots that all hear each other, and a crowd that shouts at one of them. */
  private static void room(long seed, Defect defect) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Member> members = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      members.add(new Member("bot-" + i, random.nextLong(INTERVAL)));
    }
    long now = 0;
    for (int step = 0; step < 300; step++) {
      boolean stalls = random.nextInt(30) == 0;
      now += stalls ? random.nextLong(20 * INTERVAL) : random.nextLong(INTERVAL / 4);
      if (random.nextInt(3) == 0) {
        String victim = members.get(random.nextInt(count)).name;
        all(members, "person", "@" + victim.toUpperCase(java.util.Locale.ROOT) + " you there?");
      }
      for (Member member : members) {
        speak(member, members, now, defect);
      }
    }
    members.forEach(TurnsTest::check);
  }

  private static void speak(Member member, List<Member> members, long now, Defect defect) {
    boolean due = now - member.turns.dueNanos() >= 0;
    long missed = due ? (now - member.turns.dueNanos()) / INTERVAL : 0;
    int times =
        switch (defect) {
          case ANSWERS_AT_ONCE -> Math.max(due ? 1 : 0, member.turns.owed());
          case MAKES_UP_FOR_TURNS -> due ? (int) missed + 1 : 0;
          case ANSWERS_TWICE, NONE -> due ? 1 : 0;
        };
    for (int i = 0; i < times; i++) {
      boolean answers = member.turns.owed() > 0;
      Turns.Say say = member.turns.speak(Math.max(now, member.turns.dueNanos()));
      member.spoke.add(now);
      say.to()
          .filter(to -> answers)
          .ifPresent(
              to ->
                  member.answered.merge(to, defect == Defect.ANSWERS_TWICE ? 2 : 1, Integer::sum));
      assertThat(say.to()).isNotEqualTo(Optional.of(member.name));
      Mark mark = new Mark("run", 0, member.spoke.size());
      all(members, member.name, new Remark(say.to(), say.words(), mark).text());
    }
  }

  private static void all(List<Member> members, String author, String text) {
    for (Member member : members) {
      member.turns.hear(author, text);
      if (Remark.isTo(member.name, text)) {
        member.askedBy.merge(author, 1, Integer::sum);
      }
      assertThat(member.turns.owed()).isLessThanOrEqualTo(Turns.MAX_OWED);
    }
  }

  private static void check(Member member) {
    List<Long> spoke = member.spoke;
    for (int from = 0; from < spoke.size(); from++) {
      for (int to = from; to < spoke.size(); to++) {
        long window = spoke.get(to) - spoke.get(from);
        assertThat(to - from + 1).isLessThanOrEqualTo((int) (window / INTERVAL) + 2);
      }
    }
    member.answered.forEach(
        (author, times) ->
            assertThat(times).isLessThanOrEqualTo(member.askedBy.getOrDefault(author, 0)));
  }

  @Test
  void whoAsksIsAnsweredNextInTheOrderOfAsking() {
    Turns turns = new Turns("bot-1", INTERVAL, 0);
    turns.hear("ana", "@bot-1 hello");
    turns.hear("bia", "@Bot-1 hello");
    turns.hear("caio", "hello");
    turns.hear("bot-1", "@bot-1 hello");
    assertThat(turns.speak(0).to()).contains("ana");
    assertThat(turns.speak(INTERVAL).to()).contains("bia");
    assertThat(turns.speak(2 * INTERVAL).to()).contains("caio");
  }

  @Test
  void aloneItSpeaksToEverybody() {
    assertThat(new Turns("bot-1", INTERVAL, 0).speak(0).to()).isEmpty();
  }

  @Test
  void beforeItsTurnItDoesNotSpeak() {
    Turns turns = new Turns("bot-1", INTERVAL, 500);
    assertThatThrownBy(() -> turns.speak(499)).hasMessage("bot-1 has no turn for 1 ns yet");
  }
}
