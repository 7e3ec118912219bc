package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.FakeChat.Fault;
import dev.batuta.cli.client.FakeServer;
import dev.batuta.cli.client.FakeServer.Reply;
import dev.batuta.cli.client.Output;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bot}, against a chat that does wrong what a test decides. */
final class BotCommandTest {
  private final CommandRun line = new CommandRun();

  @ParameterizedTest
  @CsvSource({
    "NONE,            0, kept",
    "ANSWERS_UNKNOWN, 0, kept",
    "BREAKS_STREAMS,  0, kept",
    "IS_AWAY,         0, kept",
    "LOSES,           1, broken",
    "SKIPS,           1, broken",
    "DOUBLES,         1, broken",
  })
  void theExitCodeSaysWhetherAllThatWasAcknowledgedWasSeenOnceByAll(
      Fault fault, int exit, String verdict) throws IOException {
    try (var chat = new FakeChat(fault)) {
      assertThat(bots(chat, "--json")).isEqualTo(exit);
    }
    var printed = printed();
    var total = printed.getLast();
    assertThat(total.path("verdict").asText()).isEqualTo(verdict);
    assertThat(total.path("acknowledged").asInt()).isPositive();
    assertThat(total.path("missing").asInt())
        .isEqualTo(fault == Fault.LOSES ? 3 : fault == Fault.SKIPS ? 1 : 0);
    assertThat(total.path("doubled").asInt()).isEqualTo(fault == Fault.DOUBLES ? 3 : 0);
    assertThat(total.path("moves").asInt()).isEqualTo(fault == Fault.BREAKS_STREAMS ? 3 : 0);
    assertThat(total.path("unknown").asInt()).isEqualTo(fault == Fault.IS_AWAY ? 3 : 0);
    assertThat(total.path("p50Millis").asDouble()).isPositive();
    var bots = printed.stream().filter(each -> each.path("type").asText().equals("bot")).toList();
    assertThat(bots).hasSize(3).allMatch(each -> each.path("channel").asText().equals("bots"));
    for (var figure : List.of("sent", "acknowledged", "unknown", "seen", "missing", "doubled")) {
      assertThat(bots.stream().mapToInt(each -> each.path(figure).asInt()).sum())
          .isEqualTo(total.path(figure).asInt());
    }
    assertThat(printed.getFirst().path("type").asText()).isEqualTo("progress");
  }

  @Test
  void whoHopsFromServerToServerMissesNothingAndGetsNothingTwice() throws IOException {
    try (var chat = new FakeChat(Fault.NONE)) {
      assertThat(bots(chat, "--json", "--hop", "300ms")).isZero();
    }
    assertThat(printed().getLast().path("moves").asInt()).isPositive();
  }

  @Test
  void peopleReadATableAndASentence() throws IOException {
    try (var chat = new FakeChat(Fault.NONE)) {
      assertThat(bots(chat, "--name", "robot")).isZero();
    }
    assertThat(line.out.toString().lines())
        .anyMatch(each -> each.matches("robot-3 +bots( +\\d+){8}( +\\d+\\.\\d){2}"))
        .last()
        .isEqualTo("every acknowledged message was seen once by everybody in its channel");
  }

  @Test
  void whoMayNotHaveBotsIsToldTheServersReason() throws IOException {
    var refusal = "{\"status\":403,\"code\":\"forbidden\",\"detail\":\"log in as an admin\"}";
    try (var server = new FakeServer(asked -> new Reply(403, refusal))) {
      assertThat(line.run(server, "bot", "--count", "20")).isEqualTo(1);
      assertThat(line.err).hasToString("log in as an admin\n");
    }
  }

  @Test
  void whenNothingIsAcknowledgedItCannotBeTold() throws IOException {
    var away = "{\"status\":503,\"code\":\"x\",\"detail\":\"away\"}";
    try (var server =
        new FakeServer(
            asked ->
                asked.method().equals("GET")
                    ? new Reply(200, "id: 1\n\n")
                    : asked.path().endsWith("/messages")
                        ? new Reply(503, away)
                        : new Reply(201, "{}"))) {
      assertThat(line.run(server, "bot", "--seconds", "1", "--settle", "1s")).isEqualTo(2);
      assertThat(line.out.toString()).contains("nothing was acknowledged");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--count, 0, 1 to 500",
    "--count, 501, 1 to 500",
    "--rate, 0, 0.01 to 100",
    "--rate, NaN, 0.01 to 100",
    "--seconds, 0, 1 to 2592000",
    "--every, 0ms, such as 5s",
    "--hop, 0ms, such as 5s",
    "--name, a b, without blanks",
  })
  void whatIsOutOfRangeIsNamed(String option, String value, String reason) {
    assertThat(line.run("bot", option, value)).isEqualTo(2);
    assertThat(line.err.toString()).contains(option + " ").contains(reason);
  }

  private int bots(FakeChat chat, String... more) {
    var all =
        new ArrayList<>(
            List.of("bot", "--count", "3", "--rate", "20", "--seconds", "3", "--settle", "1s"));
    all.addAll(List.of("--url", chat.url(), "--token", "t", "--every", "1s"));
    all.addAll(List.of(more));
    return line.run(all.toArray(String[]::new));
  }

  private List<JsonNode> printed() throws JsonProcessingException {
    var printed = new ArrayList<JsonNode>();
    for (var each : line.out.toString().lines().toList()) {
      printed.add(Output.JSON.readTree(each));
    }
    return printed;
  }
}
