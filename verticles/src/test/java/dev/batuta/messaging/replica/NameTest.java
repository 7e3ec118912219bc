package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameTest {
  @ParameterizedTest
  @CsvSource({
    "Straße, STRASSE",
    "Straße, STRAẞE",
    "'  Straße\u00a0', straße",
    "José, JOSE\u0301",
    "ΟΔΟΣ, οδος",
    "ILHA, ilha",
    "ILHA, \u0131lha",
    "\u0130zmir, i\u0307zmir",
  })
  void spellingsThatDifferByCaseBlanksOrAccentsAreOneName(String one, String other) {
    assertThat(Name.same(one, other)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"José, Jose", "a b, ab", "a, a~2", "Strase, Straße", "\u0130zmir, izmir"})
  void otherNamesAreOthers(String one, String other) {
    assertThat(Name.same(one, other)).isFalse();
  }

  @Test
  void theLanguageOfTheMachineChangesNothing() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.of("tr", "TR"));
      assertThat(Name.same("TITLE", "title")).isTrue();
      assertThat(Name.fold("TITLE")).isEqualTo("title");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Property(tries = 1_000)
  void aNameIsTheSameAsEachOfItsSpellings(
      @ForAll @CharRange(from = ' ', to = '\u017f') String name) {
    assertThat(Name.fold(Name.fold(name))).isEqualTo(Name.fold(name));
    assertThat(Name.same(name, " " + name + "\t")).isTrue();
    assertThat(Name.same(name, name.toUpperCase(Locale.ROOT))).isTrue();
    assertThat(Name.same(name, name.toLowerCase(Locale.ROOT))).isTrue();
  }
}
