package dev.batuta.gateway.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.events.BridgeFrame.Malformed;
import dev.batuta.gateway.json.ExactJson;
import io.vertx.core.buffer.Buffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BridgeFrameTest {
  private static BridgeFrame read(String json) throws Malformed {
    return BridgeFrame.of(ExactJson.object(Buffer.buffer(json)));
  }

  @Test
  void aFrameHasATypeAnAddressAndMaybeMore() throws Malformed {
    assertThat(read("{\"type\":\"ping\"}").type()).isEqualTo(BridgeFrame.Type.PING);
    BridgeFrame frame =
        read(
            "{\"type\":\"send\",\"address\":\"a\",\"replyAddress\":\"r\",\"body\":{\"b\":1},"
                + "\"headers\":{\"authorization\":\"bearer  t \"}}");
    assertThat(frame.type()).isEqualTo(BridgeFrame.Type.SEND);
    assertThat(frame.address()).isEqualTo("a");
    assertThat(frame.replyAddress()).isEqualTo("r");
    assertThat(frame.token()).contains("t");
    assertThat(frame.body().path("b").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|missing_type",
        "{\"type\":7}|missing_type",
        "{\"type\":\"shout\",\"address\":\"a\"}|unknown_type",
        "{\"type\":\"send\"}|missing_address",
        "{\"type\":\"register\",\"address\":{}}|missing_address"
      })
  void whatIsNoFrameHasAWordOfTheBridges(String json, String word) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(Malformed.class).hasMessage(word);
  }

  @Test
  void aReplyAddressHasItsBound() {
    String json =
        "{\"type\":\"send\",\"address\":\"a\",\"replyAddress\":\"" + "r".repeat(129) + "\"}";
    assertThatThrownBy(() -> read(json)).hasMessage("invalid_reply_address");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "7", "[]", "{\"Authorization\":7}", "{\"Authorization\":\"t\"}"})
  void headersThatAreNoneHaveNoToken(String headers) throws Malformed {
    String json = "{\"type\":\"register\",\"address\":\"a\",\"headers\":" + headers + "}";
    assertThat(read(json).token()).isEmpty();
  }

  @Property(tries = 500)
  void anyBytesAreAFrameOrRefused(@ForAll @Size(max = 200) byte[] bytes) {
    try {
      BridgeFrame.of(ExactJson.object(Buffer.buffer(bytes)));
    } catch (Refused | Malformed refused) {
      assertThat(refused.getMessage()).isNotEmpty();
    }
  }
}
