package dev.batuta.messaging.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.batuta.codec.Refused;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a query means, and by what terms a text is found. */
class SearchQueryTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "acao | Uma AÇÃO rápida",
        "ação | uma acao",
        "tieng | Tôi nói tiếng Việt",
        "tiếng viet | Tôi nói tiếng Việt",
        "dang | Đang",
        "strasse | Lange Straße",
        "σοφος | ΣΟΦΟΣ",
        "istanbul | İSTANBUL",
        "c++ | C++ and C#",
        "c# | C++ and C#",
        "3.14 | pi is 3.14, about",
        "foo-bar | a foo-bar",
        "it's | it’s here",
        "#tag | with #tag",
        "@user | to @user:",
        "AND | this and that",
        "* | 2 * 3",
        ":) | fine :)",
        "👍 | 👍👍",
        "hello, | Hello world",
        "会议 | 明天的会议很长",
        "京 | 我在北京",
        "東京 | 明日は東京に行く",
        "ラーメン | おいしいﾗｰﾒﾝ",
        "กาแฟ | ฉันชอบกาแฟเย็น",
        "हिन्दी | मैं हिन्दी बोलता हूँ",
        "한국 | 한국 사람",
        "서울 | 서울에서 왔다",
        "검색 | 검색을 했다",
        "국 | 한국",
        "apple | ดีapple mixed",
        "ดี | ดีapple mixed",
        "ปี | ปี2026",
        "2026 | ปี2026",
        "ที | ที่นี่",
        "กิ | กิ้น",
        "ດີ | ດີapple",
        "apple | ດີapple",
        "ប្រទេស | ប្រទេសកម្ពុជា2026",
        "2026 | ប្រទេសកម្ពុជា2026",
        "မြန် | မြန်မာ",
        "apple | မြန်မာapple",
        "会 | 会议2026",
        "iphone | iPhone™ 17",
        "ab | xab ab",
        "a+a | ba+a+a",
      })
  void itIsFoundByWhatPeopleType(String typed, String text) {
    assertThat(SearchQuery.of(typed).matches(TextFolding.fold(text))).isTrue();
    assertThat(terms(text)).containsAll(sought(typed));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "c++ | c and d",
        "3.14 | 3 14",
        "foo-bar | foo bar",
        "foo | foobar",
        "bar | foobar",
        "会议 | 会长的议",
        "हद | हिन्दी",
        "one two | one",
        "हिन | हिन्दी",
        "दी | हिन्दी",
        "aab | aaaab aabb",
      })
  void itIsNotFoundByWhatItDoesNotSay(String typed, String text) {
    assertThat(SearchQuery.of(typed).matches(TextFolding.fold(text))).isFalse();
  }

  /** The query of the index is one of quoted terms, none of which has a quotation mark. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"",
        "a\"b",
        "NEAR(a b)",
        "a OR b",
        "terms: a",
        "^a",
        "a*",
        "-a",
        "{a}",
        "'",
        "\\"
      })
  void noCharacterHasAMeaningOfItsOwn(String typed) {
    assertThat(SearchQuery.of(typed).expression(Readership.ofChannels()))
        .matches("\\(\"\uE100\"\\)( AND \"[^\" ]+\")+");
  }

  @Test
  void ofPrivateCharactersNoneReachesTheIndexSoThatNobodyMarksATextAsReadable() {
    assertThat(TextFolding.fold("a \uE100 b")).isEqualTo("a \uFFFD b");
    assertThat(Run.of("a").getFirst().text()).isEqualTo("a");
  }

  @Test
  void whatIsBlankOrTooLongIsRefusedWithItsValue() {
    assertThatThrownBy(() -> SearchQuery.of(" \u200B\n"))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("is blank");
    assertThatThrownBy(() -> SearchQuery.of("x".repeat(257)))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("257 characters")
        .hasMessageContaining("at most 256");
    assertThatThrownBy(() -> SearchQuery.of("a b c d e f g h i j k l m n o p q"))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("17 words");
  }

  @Test
  void aBetterAnswerSaysItMoreOftenInFewerWordsOrAsItWasTyped() {
    SearchQuery query = SearchQuery.of("red house");
    int together = query.score("the red house");
    int apart = query.score("a house is red");
    int lost = query.score("red " + "and so on ".repeat(30) + "house");
    assertThat(together).isGreaterThan(apart);
    assertThat(apart).isGreaterThan(lost);
    assertThat(SearchQuery.of("a").score("a b a b")).isGreaterThan(query.score("house red"));
  }

  @Test
  void aLongWordIsFoundAsAWholeOnly() {
    String word = "x".repeat(100);
    assertThat(SearchQuery.of(word).matches(word)).isTrue();
    assertThat(SearchQuery.of(word).matches(word + "x")).isFalse();
    assertThat(terms(word)).containsAll(sought(word));
  }

  /** A text of one letter, and a query of it, took the product of their lengths. */
  @Test
  void aTextThatRepeatsItselfIsLookedAtOnce() {
    String letters = "a".repeat(10_000_000);
    for (String typed : List.of("a".repeat(255), "a".repeat(254) + "b")) {
      SearchQuery query = SearchQuery.of(typed);
      assertTimeout(Duration.ofSeconds(1), () -> assertThat(query.matches(letters)).isFalse());
    }
    String mark = "\u0e34";
    SearchQuery marks = SearchQuery.of(mark.repeat(255));
    String marked = "a" + mark.repeat(1_000_000);
    assertTimeout(Duration.ofSeconds(1), () -> assertThat(marks.matches(marked)).isFalse());
  }

  private static Set<String> terms(String text) {
    return SearchQuery.document(TextFolding.fold(text), List.of());
  }

  private static Set<String> sought(String typed) {
    Set<String> sought = new TreeSet<>();
    String expression = SearchQuery.of(typed).expression(Readership.ofChannels());
    for (String part : expression.split(" AND ", -1)) {
      if (!part.startsWith("(")) {
        sought.add(part.substring(1, part.length() - 1));
      }
    }
    return sought;
  }
}
