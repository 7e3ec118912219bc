package dev.batuta.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @ParameterizedTest
  @ValueSource(strings = {"01", "03", "ff"})
  void theLowestFlagSaysThatItIsRecorded(String flags) {
    TraceContext read = TraceContext.parse("00-" + TRACE + "-" + SPAN + "-" + flags);
    assertThat(read).isEqualTo(new TraceContext(TRACE, SPAN, true));
  }

  @Test
  void whatIsReadIsWrittenAlike() {
    String header = "00-" + TRACE + "-" + SPAN + "-00";
    TraceContext read = TraceContext.parse(header);
    assertThat(read).isEqualTo(new TraceContext(TRACE, SPAN, false)).hasToString(header);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "-what-the-future-will-be-like"})
  void aLaterVersionIsReadAsFarAsItIsKnown(String more) {
    TraceContext read = TraceContext.parse("cc-" + TRACE + "-" + SPAN + "-01" + more);
    assertThat(read).isEqualTo(new TraceContext(TRACE, SPAN, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
        "00-ggf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      })
  void whatIsNotValidSaysNothing(String header) {
    assertThat(TraceContext.parse(header)).isNull();
  }

  @Test
  void aHeaderThatComesTwiceSaysNothing() {
    String header = "00-" + TRACE + "-" + SPAN + "-01";
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("TraceParent", header);
    assertThat(TraceContext.given(headers)).isNotNull();
    assertThat(TraceContext.given(List.of(Map.entry("traceparent", header)))).isNotNull();

    headers.add("traceparent", header);
    assertThat(TraceContext.given(headers)).isNull();
    assertThat(TraceContext.given(headers.entries())).isNull();
  }

  @Test
  void onesThatAreBegunAreValidAndDiffer() {
    TraceContext begun = TraceContext.fresh();
    assertThat(TraceContext.parse(begun.toString())).isEqualTo(begun);
    assertThat(TraceContext.fresh().traceId()).isNotEqualTo(begun.traceId());
  }
}
