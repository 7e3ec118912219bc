package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.cli.client.FakeServer;
import dev.batuta.cli.client.FakeServer.Reply;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers pass through the command line as they are, in both directions. */
final class ExactOutputTest {
  private static final String TASK =
      "{\"id\":\"7\",\"kind\":\"OWN\",\"payload\":{\"n\":%1$s},\"state\":\"DONE\",\"result\":{\"n\":%1$s}}";

  private final CommandRun line = new CommandRun();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1234567890123456.78",
        "1.10",
        "0.1000000000000000055511151231257827",
        "123456789012345678901234567890",
        "-0.30",
        "1E+400",
        "1E-400"
      })
  void aNumberIsSentAndPrintedAsItIs(String number) throws IOException {
    var task = TASK.formatted(number);
    try (var server = new FakeServer(asked -> new Reply(200, task))) {
      var payload = "{\"n\":" + number + "}";
      assertThat(line.run(server, "submit", "own", "--payload", payload, "--wait")).isZero();
      assertThat(server.asked.getFirst().text()).contains("\"payload\":" + payload);
      assertThat(line.out).hasToString("DONE  " + payload + "  (task 7)\n");
      line.out.getBuffer().setLength(0);
      assertThat(line.run(server, "task", "7", "--json")).isZero();
      assertThat(line.out).hasToString(task + "\n");
    }
  }

  @Test
  void aNumberOfAnEventIsPrintedAsItIs() throws IOException {
    var data = "{\"recent\":[{\"result\":{\"n\":1234567890123456.780}}]}";
    try (var server =
        new FakeServer(asked -> new Reply(200, "event: tasks\nid: 1\ndata: " + data + "\n\n"))) {
      assertThat(line.run(server, "events", "--types", "tasks", "--json")).isZero();
      assertThat(line.out).hasToString("{\"type\":\"tasks\",\"id\":\"1\",\"data\":" + data + "}\n");
    }
  }

  @Test
  void aNumberOfAsManyDigitsAsAResultMayHaveIsPrinted() throws IOException {
    var task = TASK.formatted("9".repeat(16_000));
    try (var server = new FakeServer(asked -> new Reply(200, task))) {
      assertThat(line.run(server, "task", "7", "--json")).isZero();
      assertThat(line.out).hasToString(task + "\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"a\":1,\"a\":2}", "{} x", "{\"n\":1e99999999999}", "{\"n\":NaN}", "{\"n\":01}"})
  void aPayloadThatWouldNotArriveAsItWasWrittenIsRefused(String payload) throws IOException {
    try (var server = new FakeServer(asked -> new Reply(202, TASK.formatted("1")))) {
      assertThat(line.run(server, "submit", "own", "--payload", payload)).isEqualTo(2);
      assertThat(line.err.toString()).contains("--payload '" + payload + "' is no JSON");
      assertThat(server.asked).isEmpty();
    }
  }

  @Test
  void anAnswerThatIsNoJsonIsSaidToBeNone() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(200, "<html>"))) {
      assertThat(line.run(server, "task", "7")).isEqualTo(2);
      assertThat(line.err.toString()).contains(server.url(), "200", "no JSON");
      assertThat(server.asked).hasSize(1);
    }
  }
}
