package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TopicsTest {
  private final Topics<String> topics = new Topics<>();

  /** One step of a subscriber. */
  record Step(boolean add, String subscriber, String topic) {}

  @Test
  void aSubscriptionIsTheBeginningOfATopicAndEachHearsOnce() {
    add("one", "sport");
    add("one", "");
    add("two", "sports");
    assertThat(topics.of(bytes("sports"))).containsExactlyInAnyOrder("one", "two");
    assertThat(topics.of(bytes("sport"))).containsExactly("one");
    assertThat(topics.ofWhole(bytes("sports"))).containsExactly("two");
    topics.remove("one", bytes(""));
    assertThat(topics.of(bytes("news"))).isEmpty();
    topics.remove("one");
    topics.remove("two");
    assertThat(topics.isEmpty()).isTrue();
  }

  @Test
  void subscriptionsAreBounded() {
    for (int i = 0; i < Topics.MOST; i++) {
      assertThat(add("one", "topic " + i)).isTrue();
    }
    assertThat(add("one", "one more")).isFalse();
    assertThat(add("two", "x".repeat(Topics.LONGEST_BYTES + 1))).isFalse();
  }

  @Property
  void itIsWhatASetOfPairsWouldSay(@ForAll("steps") List<Step> steps) {
    Topics<String> mine = new Topics<>();
    Set<List<String>> pairs = new HashSet<>();
    for (Step step : steps) {
      List<String> pair = List.of(step.subscriber(), step.topic());
      if (step.add()) {
        mine.add(step.subscriber(), bytes(step.topic()));
        pairs.add(pair);
      } else {
        mine.remove(step.subscriber(), bytes(step.topic()));
        pairs.remove(pair);
      }
    }
    for (String topic : List.of("", "a", "ab", "abc", "b")) {
      assertThat(mine.of(bytes(topic)))
          .containsExactlyInAnyOrderElementsOf(
              pairs.stream()
                  .filter(pair -> topic.startsWith(pair.get(1)))
                  .map(List::getFirst)
                  .distinct()
                  .toList());
    }
    pairs.stream().map(List::getFirst).distinct().forEach(mine::remove);
    assertThat(mine.isEmpty()).isTrue();
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(true, true, false),
            Arbitraries.of("one", "two", "three"),
            Arbitraries.of("", "a", "ab", "abc", "b"))
        .as(Step::new)
        .list()
        .ofMaxSize(30);
  }

  private boolean add(String subscriber, String topic) {
    return topics.add(subscriber, bytes(topic));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
