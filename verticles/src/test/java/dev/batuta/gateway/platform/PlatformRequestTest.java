package dev.batuta.gateway.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.gateway.platform.PlatformRequest.Heartbeat;
import dev.batuta.gateway.platform.PlatformRequest.LogIn;
import dev.batuta.gateway.platform.PlatformRequest.QueryTask;
import dev.batuta.gateway.platform.PlatformRequest.RegisterWorker;
import dev.batuta.gateway.platform.PlatformRequest.SubmitTask;
import dev.batuta.gateway.platform.PlatformRequest.TaskResult;
import dev.batuta.gateway.platform.PlatformRequest.Unknown;
import io.vertx.core.buffer.Buffer;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformRequestTest {
  private static PlatformRequest read(String json) {
    return PlatformRequest.of(Buffer.buffer(json));
  }

  private static Compute payload(String json) {
    String frame = "{\"type\":\"submit_task\",\"token\":\"t\",\"payload\":" + json + "}";
    return ((SubmitTask) read(frame)).task();
  }

  @Test
  void eachTypeIsReadAndWhatIsExtraIsPassedOver() {
    assertThat(read("{\"type\":\"auth\",\"username\":\"u\",\"password\":\"p\",\"x\":1}"))
        .isEqualTo(new LogIn("u", "p"));
    assertThat(read("{\"type\":\"login\",\"username\":\"u\",\"password\":\"p\"}"))
        .isEqualTo(new LogIn("u", "p"));
    assertThat(read("{\"type\":\"query_status\",\"token\":\"t\",\"task_id\":\"7\"}"))
        .isEqualTo(new QueryTask("t", "7"));
    assertThat(read("{\"type\":\"query_task\",\"token\":\"t\",\"task_id\":7}"))
        .isEqualTo(new QueryTask("t", "7"));
    assertThat(read("{\"type\":\"register_worker\",\"id\":\"w\",\"host\":\"h\",\"port\":9}"))
        .isEqualTo(new RegisterWorker("w", "h", 9));
    assertThat(read("{\"type\":\"register_worker\",\"port\":9}"))
        .isEqualTo(new RegisterWorker("", "", 9));
    assertThat(read("{\"type\":\"heartbeat\",\"worker_id\":7.0,\"lamport\":\"4\"}"))
        .isEqualTo(new Heartbeat("7", OptionalLong.of(4)));
    assertThat(read("{\"type\":\"heartbeat\",\"worker_id\":\"w\",\"load\":0.5,\"lamport\":4}"))
        .isEqualTo(new Heartbeat("w", OptionalLong.of(4)));
    assertThat(read("{\"type\":\"task_result\",\"task_id\":\"7\",\"worker_id\":\"w\",\"ok\":true}"))
        .isEqualTo(new TaskResult("7", "w", new WorkerAnswer.Done(null)));
    assertThat(read("{\"type\":\"list\"}")).isEqualTo(new Unknown("list"));
    assertThat(read("{}")).isEqualTo(new Unknown(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|1000|false",
        "null|1000|false",
        "{\"duration\":2}|2000|false",
        "{\"duration\":0.25,\"name\":\"x\"}|250|false",
        "{\"duration\":1E-400,\"crash\":false}|0|false",
        "{\"b\":[1.10,{}],\"a\":\"é\\n\",\"duration\":2.0}|2000|false",
        "{\"crash\":true}|1000|true"
      })
  void aPayloadIsADurationInSecondsAndMaybeACrash(String json, long millis, boolean crash) {
    assertThat(payload(json))
        .isEqualTo(new Compute(millis, crash, json.equals("null") ? null : json));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "7",
        "{\"duration\":-1}",
        "{\"duration\":\"2 s\"}",
        "{\"duration\":true}",
        "{\"duration\":1e400}",
        "{\"duration\":1e999999999}",
        "{\"duration\":86401}",
        "{\"crash\":\"yes\"}"
      })
  void aPayloadThatCannotBeMeantIsRefusedByItsField(String json) {
    assertThatThrownBy(() -> payload(json)).hasMessageStartingWith("payload");
  }

  /** What a worker gets of it is what was understood. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"duration\":\"20\"}|20000|false|{\"duration\":20}",
        "{\"duration\":\" 0.25\",\"x\":\"2\"}|250|false|{\"duration\":0.25,\"x\":\"2\"}",
        "{\"duration\":null,\"crash\":null}|1000|false|{\"crash\":false}",
        "{\"duration\":0,\"crash\":0}|0|false|{\"duration\":0,\"crash\":false}",
        "{\"crash\":\"true\"}|1000|true|{\"crash\":true}"
      })
  void aPayloadIsReadHoweverItsNumbersAreWritten(
      String json, long millis, boolean crash, String given) {
    assertThat(payload(json)).isEqualTo(new Compute(millis, crash, given));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6001", "6001.0", "\"6001\"", "6.001e3"})
  void aPortIsReadHoweverItIsWritten(String port) {
    assertThat(read("{\"type\":\"register_worker\",\"port\":" + port + "}"))
        .isEqualTo(new RegisterWorker("", "", 6001));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "-1", "\"\"", "1.5", "null", "99999999999"})
  void aPortThatIsNoneIsRefused(String port) {
    assertThatThrownBy(() -> read("{\"type\":\"register_worker\",\"port\":" + port + "}"))
        .hasMessageStartingWith("port is");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "9007199254740992", "1e300", "1.5", "\"x\"", "null", "[]"})
  void aClockThatCanBeNoneIsPassedOver(String lamport) {
    assertThat(read("{\"type\":\"heartbeat\",\"worker_id\":\"w\",\"lamport\":" + lamport + "}"))
        .isEqualTo(new Heartbeat("w", OptionalLong.empty()));
  }

  @Property(tries = 500)
  void anyBytesAreAMessageOrRefused(@ForAll @Size(max = 200) byte[] bytes) {
    try {
      PlatformRequest.of(Buffer.buffer(bytes));
    } catch (Refused refused) {
      assertThat(refused.failure().kind()).isEqualTo(Kind.INVALID);
    }
  }

  @Test
  void aMessageThatIsCutAtAnyByteIsRefused() {
    String whole = "{\"type\":\"submit_task\",\"token\":\"é\",\"payload\":{\"duration\":0.5}}";
    Buffer bytes = Buffer.buffer(whole);
    for (int end = 0; end < bytes.length(); end++) {
      Buffer cut = bytes.getBuffer(0, end);
      assertThatThrownBy(() -> PlatformRequest.of(cut)).isInstanceOf(Refused.class);
    }
  }

  @Test
  void whatIsNestedTooDeeplyIsRefused() {
    String deep = "[".repeat(100_000);
    assertThatThrownBy(() -> read("{\"payload\":" + deep)).isInstanceOf(Refused.class);
  }

  /** In every field of every message. */
  @ParameterizedTest
  @ValueSource(strings = {"null", "true", "-1", "1.5", "\"\"", "\"x\"", "[]", "[1]", "{}"})
  void aValueOfAnotherTypeIsReadOrRefusedAndBreaksNothing(String value) {
    for (String type :
        new String[] {
          "auth", "submit_task", "query_task", "register_worker", "heartbeat", "task_result"
        }) {
      for (String field :
          new String[] {
            "type",
            "username",
            "password",
            "token",
            "payload",
            "task_id",
            "worker_id",
            "id",
            "host",
            "port",
            "load",
            "lamport",
            "ok",
            "result",
            "error"
          }) {
        String prefix = field.equals("type") ? "{" : "{\"type\":\"" + type + "\",";
        try {
          read(prefix + "\"" + field + "\":" + value + "}");
        } catch (Refused refused) {
          assertThat(refused.failure().kind()).isEqualTo(Kind.INVALID);
        }
      }
    }
  }
}
