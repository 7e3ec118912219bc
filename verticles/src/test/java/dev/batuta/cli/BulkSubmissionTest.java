package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.FakeServer;
import dev.batuta.cli.client.FakeServer.Reply;
import dev.batuta.cli.client.Output;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** {@code submit --count}, against a server whose answers are given. */
final class BulkSubmissionTest {
  private final CommandRun line = new CommandRun();
  private final StringWriter out = line.out;
  private final StringWriter err = line.err;

  @Test
  void manyTasksAreAcceptedInBatchesUnderKeysOfTheirOwnAndFollowedToTheirEnds() throws IOException {
    var next = new AtomicInteger(1_000);
    try (var server = new FakeServer(asked -> ledger(asked, next))) {
      int exit =
          run(
              server,
              "submit",
              "UPDATE",
              "--user",
              "1",
              "--operation",
              "deposit",
              "--amount",
              "0.01",
              "--count",
              "10003",
              "--wait",
              "--json",
              "--key",
              "k");
      var printed = json(out.toString());
      assertThat(exit).isZero();
      assertThat(printed.path("accepted").asInt()).isEqualTo(10_003);
      assertThat(printed.path("ids").size()).isEqualTo(10_003);
      assertThat(printed.path("states")).isEqualTo(json("{\"DONE\":10003}"));
      assertThat(printed.path("tasksPerSecond").asDouble()).isPositive();
      var keys =
          server.asked.stream()
              .filter(a -> a.path().endsWith("/tasks/batch"))
              .map(FakeServer.Asked::key)
              .toList();
      assertThat(keys).containsExactly("k/0", "k/1");
    }
  }

  @Test
  void idsArePrintedWhenTheirBatchIsAcceptedAndStayWhenALaterOneIsRefused() throws IOException {
    var next = new AtomicInteger(1_000);
    var before = new AtomicReference<>("");
    try (var server =
        new FakeServer(
            asked -> {
              if (!"k/1".equals(asked.key())) {
                return ledger(asked, next);
              }
              before.set(out.toString());
              return new Reply(400, "{\"status\":400,\"code\":\"x\",\"detail\":\"no more\"}");
            })) {
      int exit =
          run(server, "submit", "QUERY", "--user", "1", "--count", "10001", "--key", "k", "--json");
      assertThat(exit).isEqualTo(1);
      assertThat(before.get()).contains("\"1000\"", "\"10999\"");
      assertThat(json(out.toString()).path("ids").size()).isEqualTo(10_000);
      assertThat(json(out.toString()).path("states")).isEqualTo(json("{\"PENDING\":10000}"));
      assertThat(json(err.toString()).path("detail").asText()).isEqualTo("no more");
    }
  }

  @Test
  void tasksOfOthersBetweenItsOwnAreNotCounted() throws IOException {
    var accepted = "{\"accepted\":4,\"ids\":[\"7\",\"8\",\"20\",\"21\"]}";
    try (var server =
        new FakeServer(
            asked ->
                asked.path().endsWith("/tasks/batch")
                    ? new Reply(202, accepted)
                    : ledger(asked, new AtomicInteger(100)))) {
      assertThat(run(server, "submit", "QUERY", "--user", "1", "--count", "4", "--wait")).isZero();
      assertThat(out.toString())
          .startsWith("4 accepted  DONE 4  ")
          .endsWith("(submitted and ended)\n");
    }
  }

  @Test
  void aKeyOfTheFullLengthWorksForManyAsForOneAndGivesTheSameKeysAgain() throws IOException {
    var next = new AtomicInteger(1_000);
    for (int length : List.of(126, 127, 128)) {
      var key = "é".repeat(length);
      try (var server = new FakeServer(asked -> ledger(asked, next))) {
        for (int times = 0; times < 2; times++) {
          assertThat(
                  run(server, "submit", "QUERY", "--user", "1", "--count", "10001", "--key", key))
              .isZero();
        }
        var keys = server.asked.stream().map(FakeServer.Asked::key).toList();
        assertThat(keys).hasSize(4).allMatch(each -> each != null && each.length() <= 128);
        assertThat(keys.subList(2, 4)).isEqualTo(keys.subList(0, 2)).doesNotHaveDuplicates();
        assertThat(keys.getFirst().equals(key + "/0")).isEqualTo(length == 126);
      }
    }
  }

  @Test
  void aKeyThatIsTooLongForOneIsTooLongForMany() throws IOException {
    try (var server = new FakeServer(asked -> ledger(asked, new AtomicInteger()))) {
      var key = "k".repeat(129);
      assertThat(run(server, "submit", "QUERY", "--user", "1", "--count", "2", "--key", key))
          .isEqualTo(2);
      assertThat(err.toString()).contains("--key has 129 characters", "1 to 128");
      assertThat(server.asked).isEmpty();
    }
  }

  /** Accepts batches, and has every task done. */
  private static Reply ledger(FakeServer.Asked asked, AtomicInteger next) {
    var path = asked.path();
    if (path.endsWith("/tasks/batch")) {
      List<String> ids = new ArrayList<>();
      asked.body().path("tasks").forEach(task -> ids.add("\"" + next.getAndIncrement() + "\""));
      return new Reply(
          202, "{\"accepted\":%d,\"ids\":[%s]}".formatted(ids.size(), String.join(",", ids)));
    }
    if (path.startsWith("/api/v1/tasks?")) {
      int after = Integer.parseInt(path.replaceAll(".*after=(\\d+).*", "$1"));
      List<String> items = new ArrayList<>();
      for (int id = after + 1; id <= after + 1_000 && id < next.get(); id++) {
        items.add(done(Integer.toString(id)));
      }
      return new Reply(200, "{\"items\":[%s],\"next\":null}".formatted(String.join(",", items)));
    }
    return new Reply(200, done(path.replaceAll(".*/tasks/(\\d+).*", "$1")));
  }

  private static String done(String id) {
    return "{\"id\":\"%s\",\"state\":\"DONE\",\"result\":{\"status\":\"OK\"}}".formatted(id);
  }

  private int run(FakeServer server, String... arguments) {
    return line.run(server, arguments);
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return Output.JSON.readTree(text);
  }
}
