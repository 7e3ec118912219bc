package dev.batuta.election;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ElectionMessage.Coordinator;
import dev.batuta.codec.ElectionMessage.Released;
import dev.batuta.election.Reason.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReasonTest {
  private static final Path WORDS = Path.of("../webroot/words.js");
  private static final Pattern LANGUAGE = Pattern.compile("(?m)^  ([a-z]{2}): \\{$");
  private static final Pattern REASON = Pattern.compile("'reason\\.([a-z-]+)': '([^']*)'");
  private static final Pattern PLACE = Pattern.compile("\\{\\d}");

  @Test
  void aSentenceIsMadeFromTheCodeAndItsArguments() {
    assertThat(Reason.of(Code.RANKS_BETTER_THAN, "c", "b").sentence())
        .isEqualTo("c ranks better than b");
    assertThat(Reason.of(Code.RENEWAL_OVERDUE, 7).sentence())
        .isEqualTo("its renewal of epoch 7 is overdue");
    assertThat(Reason.of(Code.TOLD, "a $1 \\ {0}").sentence()).isEqualTo("a $1 \\ {0}");
  }

  @Test
  void theReasonOfAReleaseIsWithinTheOneOfTheElectionThatFollows() {
    Reason why = Reason.of(Code.RANKS_BETTER, "c");
    Reason after =
        Reason.letGo(new Released("b", 7, why.sentence(), why.code().wire(), why.arguments()));
    assertThat(after.sentence()).isEqualTo("b let the baton go: c ranks better");
    assertThat(after.arguments()).containsExactly("b", "ranks-better", "c");
    assertThat(Reason.of(announcing(after))).isEqualTo(after);
  }

  /** Of a server before codes, or after this one. */
  @Test
  void whatIsSaidInWordsOnlyIsTold() {
    Reason told = Reason.of(Code.TOLD, "the sun shone");
    for (String code : List.of("", "the-sun-shone", "gone", "let-go")) {
      assertThat(Reason.of(new Coordinator("c", 7, false, "", "the sun shone", code, List.of())))
          .as(code)
          .isEqualTo(told);
    }
    assertThat(Reason.letGo(new Released("c", 7, "the sun shone", "", List.of())).sentence())
        .isEqualTo("c let the baton go: the sun shone");
  }

  @ParameterizedTest
  @EnumSource
  void everyReasonIsReadFromTheWireAsItWasWritten(Code code) {
    Reason why =
        code == Code.LET_GO
            ? Reason.of(code, "a", "stops")
            : new Reason(code, List.of("a", "b").subList(0, code.places()));
    assertThat(Reason.of(announcing(why))).isEqualTo(why);
  }

  /** English is what servers say themselves. */
  @ParameterizedTest
  @EnumSource
  void theConsoleSaysEveryReasonInEveryOtherLanguage(Code code) throws IOException {
    Map<String, Map<String, String>> languages = sentences();
    assertThat(languages).containsOnlyKeys("en", "pt");
    assertThat(languages.get("en")).as("English comes from the server").isEmpty();
    languages.remove("en");
    languages.forEach(
        (language, sentences) -> {
          assertThat(sentences).as(language).containsKey(code.wire());
          assertThat(PLACE.matcher(sentences.get(code.wire())).results().count())
              .as("places of %s in %s", code.wire(), language)
              .isEqualTo(code.places());
        });
  }

  /** The sentences of reasons by their codes, in the languages of the console. */
  private static Map<String, Map<String, String>> sentences() throws IOException {
    String words = Files.readString(WORDS);
    Map<String, Map<String, String>> languages = new TreeMap<>();
    List<MatchResult> heads = LANGUAGE.matcher(words).results().toList();
    for (int i = 0; i < heads.size(); i++) {
      int end = i + 1 < heads.size() ? heads.get(i + 1).start() : words.length();
      Map<String, String> sentences = new TreeMap<>();
      REASON
          .matcher(words.substring(heads.get(i).end(), end))
          .results()
          .forEach(found -> sentences.put(found.group(1), found.group(2)));
      languages.put(heads.get(i).group(1), sentences);
    }
    return languages;
  }

  private static Coordinator announcing(Reason why) {
    return new Coordinator("c", 7, false, "", why.sentence(), why.code().wire(), why.arguments());
  }
}
