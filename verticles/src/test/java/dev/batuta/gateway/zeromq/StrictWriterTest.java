package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StrictWriterTest {
  @Test
  void integersTakeTheFewestBytesAndAreNeverFloats() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("small", 5L);
    data.put("seconds", 1_767_225_600L);
    data.put("clock", 1L << 53);
    data.put("names", List.of("é"));
    byte[] bytes = StrictWriter.write(data);
    assertThat(Packed.json(bytes))
        .isEqualTo(
            "{\"small\":5,\"seconds\":1767225600,\"clock\":9007199254740992,\"names\":[\"é\"]}");
    assertThat(bytes[1 + 6]).isEqualTo((byte) 5);
    assertThat(bytes[1 + 6 + 1 + 8]).isEqualTo((byte) 0xce);
  }

  @Test
  void aLoginIsAboutAQuarterSmallerThanAsJson() {
    Map<String, Object> login =
        Map.of("service", "login", "data", Map.of("user", "alice", "timestamp", 1_234_567_890L));
    int json = new JsonObject(login).encode().getBytes(UTF_8).length;
    assertThat(json).isEqualTo(66);
    assertThat(StrictWriter.write(login).length).isBetween(44, 53);
  }

  @Test
  void eachMessageIsAnArrayOfItsOwn() {
    Map<String, Object> data = Map.of("a", 1L);
    assertThat(StrictWriter.write(data)).isNotSameAs(StrictWriter.write(data));
  }
}
