package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TracingSettingsTest {
  private static NodeSettings settings(String key, String value) {
    return NodeSettings.load("production", null, Map.of(), Map.of(key, value));
  }

  @Test
  void withoutACollectorNothingIsSent() {
    NodeSettings plain = NodeSettings.load("production", null, Map.of(), Map.of());
    assertThat(plain.get(Setting.TRACING_OTLP)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "http://collector:4318,http://collector:4318/v1/traces",
    "http://collector:4318/,http://collector:4318/v1/traces",
    "https://10.0.0.5/otlp/v1/traces,https://10.0.0.5/otlp/v1/traces"
  })
  void aCollectorIsAnAddressWithThePathOfOtlpUnlessItHasOne(String given, String meant) {
    assertThat(settings("tracing.otlp", given).get(Setting.TRACING_OTLP))
        .contains(URI.create(meant));
  }

  @ParameterizedTest
  @ValueSource(strings = {"collector:4318", "grpc://collector:4317", "http:///v1/traces", "a b"})
  void whatIsNoAddressStopsTheStart(String given) {
    assertThatThrownBy(() -> settings("tracing.otlp", given))
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            "tracing.otlp is \"%s\": it takes an address such as http://collector:4318", given);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0.05,0.05", "1,1", "1.0,1"})
  void thePartThatIsRecordedIsANumberFromZeroToOne(String given, double meant) {
    assertThat(settings("tracing.sample", given).get(Setting.TRACING_SAMPLE)).isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.1", "1.1", "5%", "1e-3"})
  void anyOtherStopsTheStart(String given) {
    assertThatThrownBy(() -> settings("tracing.sample", given))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("tracing.sample is \"" + given + "\": it takes a number from 0 to 1");
  }
}
