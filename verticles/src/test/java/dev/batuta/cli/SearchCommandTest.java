package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.FakeServer;
import dev.batuta.cli.client.FakeServer.Reply;
import dev.batuta.cli.client.Output;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** {@code chat search}, against a server whose answers are given. */
class SearchCommandTest {
  private static final String FOUND =
      "{\"items\":[{\"channel\":\"geral\",\"user\":\"ana\",\"text\":\"C++\",\"clock\":42}],\"next\":%s,"
          + "\"behind\":%d,\"indexedUntil\":%s}";

  private final CommandRun line = new CommandRun();

  @Test
  void itPrintsWhatIsFoundAsAHistoryDoes() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(200, FOUND.formatted("null", 0, "null")))) {
      assertThat(line.run(server, "chat", "search", "c++", "is", "--user", "bob")).isZero();
      assertThat(line.out).hasToString("[42]  #geral  <ana>  C++\n");
      assertThat(line.err.toString()).isEmpty();
      assertThat(server.asked.getFirst().path())
          .startsWith("/api/v1/search?limit=")
          .endsWith("&q=c%2B%2B%20is&order=time&as=bob");
    }
  }

  @Test
  void itSaysHowFarTheIndexIsAndThatThereIsMore() throws IOException {
    var lagging = FOUND.formatted("\"abc\"", 7, "\"2026-01-02T03:04:05Z\"");
    try (var server = new FakeServer(asked -> new Reply(200, lagging))) {
      assertThat(line.run(server, "chat", "search", "c++", "--order", "rank", "--limit", "1"))
          .isZero();
      assertThat(server.asked.getFirst().path()).endsWith("&order=rank");
      assertThat(line.err.toString())
          .contains("--after abc")
          .contains("7 operations are not in it yet, it has those until 2026-01-02T03:04:05Z");
    }
  }

  @Test
  void withJsonItIsOneObjectWithAllOfThat() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(200, FOUND.formatted("null", 3, "null")))) {
      assertThat(line.run(server, "chat", "search", "c++", "--json")).isZero();
      JsonNode printed = Output.JSON.readTree(line.out.toString());
      assertThat(printed.at("/items/0/text").asText()).isEqualTo("C++");
      assertThat(printed.path("behind").asInt()).isEqualTo(3);
      assertThat(printed.hasNonNull("next")).isFalse();
    }
  }

  @Test
  void wrongUsageExitsWith2() {
    assertThat(line.run("chat", "search")).isEqualTo(2);
    assertThat(line.run("chat", "search", "a", "--order", "best")).isEqualTo(2);
    assertThat(line.err.toString()).contains("best");
  }
}
