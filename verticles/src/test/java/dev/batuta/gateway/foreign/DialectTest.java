package dev.batuta.gateway.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.foreign.Said.Greeting;
import dev.batuta.gateway.foreign.Said.Manner;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DialectTest {
  private static final List<String> ALL =
      List.of(
          "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"w-1\",\"SERVER_UUID\":\"server-2\"}",
          "{\"STATUS\":\"OK\",\"SALDO\":99.99,\"TASK\":\"QUERY\",\"WORKER_UUID\":\"w-1\"}",
          "{\"cpf\":\"1\",\"saldo\":9.9,\"task\":\"QUERY\",\"status\":\"OK\",\"update_at\":\"2025-01-01T00:00:00\"}",
          "{\"SERVER_UUID\":\"A\",\"TASK\":\"COMMAND_RELEASE\",\"WORKERS_UUID\":[\"w-1\"]}",
          "{\"TASK\":\"WORKER_REQUEST\",\"REQUESTOR_INFO\":{\"ip\":\"10.0.0.1\",\"port\":8000}}");

  static Stream<String> all() {
    return ALL.stream();
  }

  private static Said read(String json) {
    return Dialect.read(json);
  }

  private static Said present(String worker, String owner, Manner manner) {
    return new Said.Present(
        worker.isEmpty() ? null : worker, owner.isEmpty() ? null : owner, manner);
  }

  @Test
  void workersPresentThemselvesInAnyDialect() {
    assertThat(read("{\"WORKER\":\"ALIVE\"}")).isEqualTo(present("", "", Manner.USUAL));
    assertThat(read(ALL.getFirst())).isEqualTo(present("w-1", "server-2", Manner.USUAL));
    assertThat(read("{\"WORKER\":\"ALIVE\",\"WORKER_ID\":7,\"OWNER_ID\":\"B\",\"more\":[{}]}"))
        .isEqualTo(present("7", "B", Manner.BY_WORKER_ID));
    assertThat(read("{\"flag\":\"WORKER:ALIVE\"}")).isEqualTo(present("", "", Manner.BY_FLAG));
  }

  @Test
  void resultsAreReadWhateverTheyLeaveOut() {
    assertThat(read(ALL.get(1)))
        .isEqualTo(
            new Said.Result("w-1", null, true, "QUERY", null, null, new BigDecimal("99.99"), null));
    assertThat(read("{\"STATUS\":\"NOK\",\"TASK\":\"QUERY\",\"ERROR\":\"User not found\"}"))
        .isEqualTo(new Said.Result(null, null, false, "QUERY", null, null, null, "User not found"));
    assertThat(
            read(
                "{\"STATUS\":\"OK\",\"WORKER\":\"Ana's laptop\",\"TASK_ID\":\"42\",\"SALDO\":\"7\"}"))
        .isEqualTo(
            new Said.Result(
                null, "Ana's laptop", true, null, "42", null, new BigDecimal("7"), null));
    assertThat(read(ALL.get(2)))
        .isEqualTo(
            new Said.Result(null, null, true, "QUERY", null, "1", new BigDecimal("9.9"), null));
  }

  @Test
  void mastersGreetAndAnswerInThreeDialects() {
    assertThat(read("{\"SERVER\":\"ALIVE\",\"TASK\":\"REQUEST\"}"))
        .isEqualTo(new Said.Heartbeat(Greeting.SERVER_ALIVE, null));
    assertThat(read("{\"SERVER\":\"ALIVE\"}"))
        .isEqualTo(new Said.Heartbeat(Greeting.SERVER_ALIVE, null));
    assertThat(read("{\"SERVER_UUID\":\"A\",\"TASK\":\"HEARTBEAT\"}"))
        .isEqualTo(new Said.Heartbeat(Greeting.SERVER_UUID, "A"));
    assertThat(read("{\"SERVER_ID\":\"A\",\"TASK\":\"HEARTBEAT\"}"))
        .isEqualTo(new Said.Heartbeat(Greeting.SERVER_ID, "A"));
    assertThat(read("{\"SERVER\":\"ALIVE\",\"TASK\":\"RECIEVE\"}"))
        .isEqualTo(new Said.HeartbeatAnswer(null));
    assertThat(read("{\"SERVER_UUID\":\"B\",\"TASK\":\"HEARTBEAT\",\"RESPONSE\":\"ALIVE\"}"))
        .isEqualTo(new Said.HeartbeatAnswer("B"));
  }

  @Test
  void mastersAskForWorkersAndGiveThemBack() {
    assertThat(read("{\"TASK\":\"WORKER_REQUEST\",\"WORKERS_NEEDED\":5}"))
        .isEqualTo(new Said.WorkerRequest(null, 5, null));
    assertThat(read(ALL.get(4)))
        .isEqualTo(new Said.WorkerRequest(null, 1, new Endpoint("10.0.0.1", 8000)));
    assertThat(read("{\"TASK\":\"WORKER_REQUEST\",\"MASTER\":\"A\"}"))
        .isEqualTo(new Said.WorkerRequest("A", 1, null));
    assertThat(
            read(
                "{\"TASK\":\"WORKER_RESPONSE\",\"STATUS\":\"ACK\",\"MASTER\":\"B\","
                    + "\"WORKERS\":[\"w-1\",{\"WORKER_UUID\":\"w-2\"}]}"))
        .isEqualTo(new Said.WorkerResponse("B", List.of("w-1", "w-2")));
    assertThat(read("{\"SERVER_UUID\":\"B\",\"RESPONSE\":\"AVAILABLE\",\"WORKERS_UUID\":[\"w\"]}"))
        .isEqualTo(new Said.WorkerResponse("B", List.of("w")));
    assertThat(read("{\"TASK\":\"WORKER_RESPONSE\",\"STATUS\":\"NACK\",\"WORKERS\":[]}"))
        .isEqualTo(new Said.WorkerResponse(null, List.of()));
    assertThat(read("{\"SERVER_UUID\":\"B\",\"RESPONSE\":\"UNAVAILABLE\"}"))
        .isEqualTo(new Said.WorkerResponse("B", List.of()));
    assertThat(read(ALL.get(3))).isEqualTo(new Said.Release("A", List.of("w-1")));
    assertThat(
            read("{\"SERVER_UUID\":\"B\",\"RESPONSE\":\"RELEASE_ACK\",\"WORKERS_UUID\":[\"w\"]}"))
        .isEqualTo(new Said.ReleaseAck("B", List.of("w")));
    assertThat(
            read("{\"SERVER_UUID\":\"B\",\"RESPONSE\":\"RELEASE_COMPLETED\",\"WORKERS_UUID\":[]}"))
        .isEqualTo(new Said.ReleaseCompleted("B", List.of()));
  }

  @Test
  void whatMeansNothingIsUnknownAndWhatIsNoObjectIsMalformed() {
    assertThat(read("{\"TASK\":\"DANCE\"}")).isEqualTo(new Said.Unknown());
    assertThat(read("{\"WORKER\":{\"WORKER\":\"ALIVE\"}}")).isEqualTo(new Said.Unknown());
    assertThat(read("[1]")).isEqualTo(new Said.Malformed());
    assertThat(read("{}}")).isEqualTo(new Said.Malformed());
    assertThat(read("{\"a\":" + "[".repeat(40) + "]".repeat(40) + "}"))
        .isEqualTo(new Said.TooComplex());
    assertThat(read("{\"STATUS\":\"OK\",\"SALDO\":1e999999999999}"))
        .isEqualTo(new Said.TooComplex());
    assertThat(read("{\"STATUS\":\"OK\",\"SALDO\":1e999999999}")).isInstanceOf(Said.Result.class);
  }

  @ParameterizedTest
  @MethodSource("all")
  void aMessageThatIsCutOffAtAnyByteIsMalformed(String message) {
    byte[] bytes = message.getBytes(UTF_8);
    for (int length = 0; length < bytes.length; length++) {
      assertThat(Dialect.read(new String(bytes, 0, length, UTF_8))).isEqualTo(new Said.Malformed());
    }
  }

  @Property(tries = 1_000)
  void anyBytesAreReadAsSomething(@ForAll byte[] bytes, @ForAll int at, @ForAll byte other) {
    assertThat(Dialect.read(new String(bytes, UTF_8))).isNotNull();
    byte[] message = ALL.get(Math.floorMod(at, ALL.size())).getBytes(UTF_8);
    message[Math.floorMod(at, message.length)] = other;
    assertThat(Dialect.read(new String(message, UTF_8))).isNotNull();
  }
}
