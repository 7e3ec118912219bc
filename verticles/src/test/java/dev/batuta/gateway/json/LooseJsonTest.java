package dev.batuta.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LooseJsonTest {
  private static JsonNode value(String json) {
    return ExactJson.object(Buffer.buffer("{\"v\":" + json + "}")).path("v");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "7|7",
        "7.0|7",
        "7e2|700",
        "-3|-3",
        "\"6001\"|6001",
        "\" 6001.0 \"|6001",
        "9223372036854775807|9223372036854775807",
        "\"123456789012345678\"|123456789012345678"
      })
  void aWholeNumberIsReadHoweverItIsWritten(String json, long number) {
    assertThat(LooseJson.whole(value(json))).isEqualTo(OptionalLong.of(number));
    assertThat(LooseJson.number(value(json))).isEqualTo(OptionalDouble.of((double) number));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.25", "\".25\"", "\"+2.5e-1\"", "2.5E-1"})
  void aFractionIsANumberAndNoWholeOne(String json) {
    assertThat(LooseJson.number(value(json))).isEqualTo(OptionalDouble.of(0.25));
    assertThat(LooseJson.whole(value(json))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"null", "true", "[7]", "{}", "\"\"", "\"7x\"", "\"NaN\"", "\"0x1p3\"", "1e400"})
  void whatIsNoNumberIsNone(String json) {
    assertThat(LooseJson.number(value(json))).isEmpty();
    assertThat(LooseJson.whole(value(json))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775808", "9007199254740992.0", "1e300", "1e999999999"})
  void aNumberThatIsTooLargeIsNoWholeOne(String json) {
    assertThat(LooseJson.whole(value(json))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "true|true",
        "false|false",
        "1|true",
        "0|false",
        "0.0|false",
        "\"True\"|true",
        "\"false\"|false",
        "\"0\"|false"
      })
  void truthIsAWordOrANumber(String json, boolean truth) {
    assertThat(LooseJson.truth(value(json))).isEqualTo(Optional.of(truth));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "2", "\"yes\"", "\"\"", "[]", "{}"})
  void anythingElseIsNoTruth(String json) {
    assertThat(LooseJson.truth(value(json))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "\" w \"|' w '",
        "\"7.0\"|7.0",
        "7|7",
        "7.0|7",
        "1.50|1.50",
        "1e999999999|1E+999999999",
        "null|''",
        "true|''",
        "[]|''"
      })
  void aTextIsItselfOrTheDigitsOfANumber(String json, String text) {
    assertThat(LooseJson.text(value(json))).isEqualTo(text);
  }
}
