package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.messaging.replica.Name;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TopicsTest {
  private static final String COMPOSED = "Ação";
  private static final String DECOMPOSED = Normalizer.normalize(COMPOSED, Normalizer.Form.NFD);

  private final Topics<String> topics = new Topics<>();

  /** One step of a subscriber. */
  record Step(boolean add, String subscriber, String topic) {}

  /** A subscription. */
  record Pair(String subscriber, String topic) {}

  @Test
  void aSubscriptionIsTheBeginningOfATopicAndEachHearsOnce() {
    add("one", "sport");
    add("one", "");
    add("two", "sports");
    assertThat(of(topics, "sports")).isEqualTo(Map.of("one", "sports", "two", "sports"));
    assertThat(of(topics, "sport")).isEqualTo(Map.of("one", "sport"));
    assertThat(ofWhole(topics, "sports")).isEqualTo(Map.of("two", "sports"));
    topics.remove("one", bytes(""));
    assertThat(of(topics, "news")).isEmpty();
    assertThat(topics.isHeard(bytes("news"))).isFalse();
    topics.remove("one");
    topics.remove("two");
    assertThat(topics.isEmpty()).isTrue();
  }

  @Test
  void aNameIsHeardInTheSpellingThatASubscriberHas() {
    add("case", "aÇÃo");
    add("blanks", " Ação ");
    add("accents", DECOMPOSED);
    add("two", "ação");
    add("two", COMPOSED);
    add("all", "");
    add("beginning", "Aç");
    add("other beginning", "aç");
    Map<String, String> whole =
        Map.of("case", "aÇÃo", "blanks", " Ação ", "accents", DECOMPOSED, "two", COMPOSED);
    assertThat(ofWhole(topics, COMPOSED)).isEqualTo(whole);
    Map<String, String> all = new HashMap<>(whole);
    all.put("all", COMPOSED);
    all.put("beginning", COMPOSED);
    assertThat(of(topics, COMPOSED)).isEqualTo(all);
    topics.remove("two", bytes(COMPOSED));
    assertThat(ofWhole(topics, COMPOSED)).containsEntry("two", "ação");
    topics.remove("two", bytes("ação"));
    assertThat(ofWhole(topics, COMPOSED)).doesNotContainKey("two");
  }

  @Test
  void bytesThatAreNoTextAreNobodysName() {
    topics.add("one", new byte[] {(byte) 0xff});
    topics.add("two", new byte[] {(byte) 0xfe});
    Map<String, String> heard = new HashMap<>();
    topics.of(new byte[] {(byte) 0xff}, (subscriber, topic) -> heard.put(subscriber, "it"));
    assertThat(heard).containsOnlyKeys("one");
    assertThat(topics.isHeard(bytes("a"))).isFalse();
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
    Set<Pair> pairs = new LinkedHashSet<>();
    for (Step step : steps) {
      Pair pair = new Pair(step.subscriber(), step.topic());
      if (step.add()) {
        mine.add(step.subscriber(), bytes(step.topic()));
        pairs.add(pair);
      } else {
        mine.remove(step.subscriber(), bytes(step.topic()));
        pairs.remove(pair);
      }
    }
    for (String topic : List.of("", "a", "A", "ab", "aB", "abc", "b")) {
      assertThat(of(mine, topic)).as(topic).isEqualTo(expected(pairs, topic, false));
      assertThat(ofWhole(mine, topic)).as(topic).isEqualTo(expected(pairs, topic, true));
      assertThat(mine.isHeard(bytes(topic))).isEqualTo(!of(mine, topic).isEmpty());
    }
    pairs.stream().map(Pair::subscriber).distinct().forEach(mine::remove);
    assertThat(mine.isEmpty()).isTrue();
  }

  private static Map<String, String> expected(Set<Pair> pairs, String topic, boolean whole) {
    Map<String, String> expected = new HashMap<>();
    for (String subscriber : List.of("one", "two", "three")) {
      List<String> own =
          pairs.stream()
              .filter(pair -> pair.subscriber().equals(subscriber))
              .map(Pair::topic)
              .toList();
      Optional<String> spelling =
          own.stream()
              .filter(each -> !topic.isEmpty() && Name.same(each, topic))
              .findFirst()
              .map(first -> own.contains(topic) ? topic : first);
      spelling.ifPresent(as -> expected.put(subscriber, as));
      if (!whole && spelling.isEmpty() && own.stream().anyMatch(topic::startsWith)) {
        expected.put(subscriber, topic);
      }
    }
    return expected;
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(true, true, false),
            Arbitraries.of("one", "two", "three"),
            Arbitraries.of("", "a", "A", "ab", "aB", "abc", " b", "b"))
        .as(Step::new)
        .list()
        .ofMaxSize(30);
  }

  /** Who hears a topic, and as what; each once. */
  private static Map<String, String> of(Topics<String> topics, String topic) {
    Map<String, String> heard = new HashMap<>();
    topics.of(bytes(topic), (subscriber, as) -> hear(heard, subscriber, as));
    return heard;
  }

  private static Map<String, String> ofWhole(Topics<String> topics, String topic) {
    Map<String, String> heard = new HashMap<>();
    topics.ofWhole(bytes(topic), (subscriber, as) -> hear(heard, subscriber, as));
    return heard;
  }

  private static void hear(Map<String, String> heard, String subscriber, byte[] as) {
    assertThat(heard.put(subscriber, new String(as, UTF_8))).as(subscriber).isNull();
  }

  private boolean add(String subscriber, String topic) {
    return topics.add(subscriber, bytes(topic));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
