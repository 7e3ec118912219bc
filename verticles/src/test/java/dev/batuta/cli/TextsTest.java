package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.FakeServer;
import dev.batuta.cli.client.FakeServer.Reply;
import dev.batuta.cli.client.Output;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names and texts on their way from a command to the server: as they were typed, or refused. */
final class TextsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aNameThatNoPathCanHaveGoesIntoTheQuery() throws IOException {
    var none = "{\"items\":[],\"next\":null}";
    try (var server =
        new FakeServer(
            asked -> asked.method().equals("POST") ? new Reply(201, "{}") : new Reply(200, none))) {
      run(server, "chat", "history", "..");
      run(server, "chat", "history", "--with", ".", "--user", "a/b");
      run(server, "chat", "publish", "..", "olá", "--key", "k");
      assertThat(run(server, "accounts", "..")).isEqualTo(1);
      assertThat(run(server, "task", "..")).isEqualTo(1);
      run(server, "accounts", "a/..");
      assertThat(server.asked.stream().map(FakeServer.Asked::path))
          .containsExactly(
              "/api/v1/messages?limit=500&channel=..",
              "/api/v1/messages?limit=500&with=.&as=a%2Fb",
              "/api/v1/messages",
              "/api/v1/accounts?user=..",
              "/api/v1/accounts/a%2F..",
              "/api/v1/accounts/a%2F../entries?limit=500");
      assertThat(server.asked.get(2).body())
          .isEqualTo(json("{\"text\":\"olá\",\"channel\":\"..\"}"));
    }
  }

  @Test
  void halfOfASurrogatePairReachesTheServerWhichRefusesIt() throws IOException {
    var problem = "{\"status\":400,\"code\":\"invalid-text\",\"detail\":\"half of a pair\"}";
    try (var server = new FakeServer(asked -> new Reply(400, problem))) {
      assertThat(run(server, "submit", "EXTERNAL", "--payload", "{\"a\":\"x\\ud800y\"}"))
          .isEqualTo(1);
      assertThat(err).hasToString("half of a pair\n");
      assertThat(server.asked.getFirst().body().at("/payload/a").asText()).isEqualTo("x\ud800y");
    }
  }

  @Test
  void keysOfTasksGoAsTheyWereTyped() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(202, "{}"))) {
      for (var key : List.of("é", "ß", "€")) {
        run(server, "submit", "QUERY", "--user", "1", "--key", key);
        assertThat(server.asked.getLast().body().path("idempotencyKey").asText()).isEqualTo(key);
      }
    }
  }

  @Test
  void whatTheWayWouldTurnIntoAnotherTextIsRefusedHere() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(202, "{}"))) {
      var misread = new String[] {"chat", "create", "ol\uFFFD", "--url", server.url()};
      assertThat(Main.execute(misread, new PrintWriter(out), new PrintWriter(err))).isEqualTo(2);
      assertThat(err.toString()).contains("'ol\uFFFD' has bytes that are no UTF-8");
      assertThat(server.asked).isEmpty();
    }
  }

  private int run(FakeServer server, String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--url", server.url(), "--token", "t"));
    return Main.commandLine(new PrintWriter(out), new PrintWriter(err))
        .execute(all.toArray(String[]::new));
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return Output.JSON.readTree(text);
  }
}
