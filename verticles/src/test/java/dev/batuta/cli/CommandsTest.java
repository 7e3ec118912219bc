package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.FakeServer;
import dev.batuta.cli.client.FakeServer.Reply;
import dev.batuta.cli.client.Output;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a user types them, against a server whose answers are given. */
final class CommandsTest {
  private final CommandRun line = new CommandRun();
  private final StringWriter out = line.out;
  private final StringWriter err = line.err;

  @Test
  void submitWithWaitPrintsStateResultAndBalance() throws IOException {
    var task =
        "{\"id\":\"123\",\"state\":\"DONE\",\"result\":{\"status\":\"OK\",\"balance\":\"120.50\",\"error\":null},\"error\":null}";
    try (var server = new FakeServer(asked -> new Reply(200, task))) {
      int exit =
          run(
              server,
              "submit",
              "update",
              "--user",
              "1",
              "--amount",
              "120.50",
              "--wait",
              "--key",
              "k");
      assertThat(exit).isZero();
      assertThat(out).hasToString("DONE  OK  balance 120.50  (task 123)\n");
      var asked = server.asked.getFirst();
      assertThat(asked.key()).isEqualTo("k");
      assertThat(asked.path()).startsWith("/api/v1/tasks?waitMillis=");
      assertThat(asked.body())
          .isEqualTo(
              json(
                  "{\"kind\":\"UPDATE\",\"payload\":{\"user\":\"1\",\"amount\":\"120.50\"},\"idempotencyKey\":\"k\"}"));
    }
  }

  @Test
  void aResultOfNokExitsWith1() throws IOException {
    var task =
        "{\"id\":\"5\",\"state\":\"DONE\",\"result\":{\"status\":\"NOK\",\"balance\":null,\"error\":\"insufficient funds\"}}";
    try (var server = new FakeServer(asked -> new Reply(200, task))) {
      assertThat(run(server, "submit", "QUERY", "--user", "1", "--wait")).isEqualTo(1);
      assertThat(out).hasToString("DONE  NOK  insufficient funds  (task 5)\n");
    }
  }

  @Test
  void amountsArePassedOnAsTheyWereWrittenAndTheRefusalIsTheServers() throws IOException {
    var problem = "{\"status\":400,\"code\":\"invalid-amount\",\"detail\":\"'12,5' is no amount\"}";
    try (var server = new FakeServer(asked -> new Reply(400, problem))) {
      assertThat(run(server, "submit", "UPDATE", "--user", "1", "--amount", "12,5")).isEqualTo(1);
      assertThat(err).hasToString("'12,5' is no amount\n");
      assertThat(server.asked.getFirst().body().at("/payload/amount").asText()).isEqualTo("12,5");
    }
  }

  @Test
  void retryNamesTheAttemptThatItSawAndIsSafelyRepeated() throws IOException {
    var tries = new AtomicInteger();
    try (var server =
        new FakeServer(
            asked ->
                switch (asked.path()) {
                  case "/api/v1/tasks/7" ->
                      new Reply(200, "{\"id\":\"7\",\"state\":\"DEAD\",\"attempt\":5}");
                  case "/api/v1/tasks/7/retry?attempt=5" ->
                      tries.incrementAndGet() == 1
                          ? new Reply(504, "{\"status\":504,\"code\":\"x\",\"detail\":\"x\"}")
                          : new Reply(202, "{\"id\":\"7\",\"state\":\"FAILED\"}");
                  default -> throw new AssertionError(asked.path());
                })) {
      assertThat(run(server, "retry", "7")).isZero();
      assertThat(out).hasToString("FAILED  (task 7)\n");
      assertThat(tries).hasValue(2);
    }
  }

  @Test
  void cancelPrintsTheTaskAndExitsWith1WhenItHasEnded() throws IOException {
    var problem = "{\"status\":409,\"code\":\"task-ended\",\"detail\":\"Task 7 is DONE\"}";
    try (var server =
        new FakeServer(
            asked ->
                asked.path().equals("/api/v1/tasks/8/cancel")
                    ? new Reply(200, "{\"id\":\"8\",\"state\":\"CANCELLED\"}")
                    : new Reply(409, problem))) {
      assertThat(run(server, "cancel", "8")).isZero();
      assertThat(run(server, "cancel", "7")).isEqualTo(1);
      assertThat(out).hasToString("CANCELLED  (task 8)\n");
      assertThat(err).hasToString("Task 7 is DONE\n");
    }
  }

  @Test
  void withJsonAProblemIsPrintedAsItsObject() throws IOException {
    var problem = "{\"status\":404,\"code\":\"no-channel\",\"detail\":\"There is none\"}";
    try (var server = new FakeServer(asked -> new Reply(404, problem))) {
      assertThat(run(server, "chat", "history", "geral", "--json")).isEqualTo(1);
      assertThat(json(err.toString())).isEqualTo(json(problem));
    }
  }

  @Test
  void aTaskIsPrintedWithAllThatItWaitsFor() throws IOException {
    var task =
        "{\"id\":\"7\",\"kind\":\"QUERY\",\"payload\":{\"user\":\"1\"},\"state\":\"PENDING\",\"priority\":3,"
            + "\"attempt\":1,\"maxAttempts\":5,\"notBefore\":\"2030-01-01T00:00:00Z\","
            + "\"timeoutMillis\":1500,\"idempotencyKey\":\"k1\"}";
    try (var server = new FakeServer(asked -> new Reply(200, task))) {
      assertThat(run(server, "task", "7")).isZero();
      assertThat(out.toString().lines())
          .contains(
              "attempt 1 of 5, priority 3, owner -, worker -",
              "not before 2030-01-01T00:00:00Z, timeout 1500 ms, key k1");
    }
  }

  @Test
  void aListGoesOnAfterAPageOnWhichNothingWasFound() throws IOException {
    var last = "{\"items\":[{\"id\":\"77\",\"state\":\"DONE\"}],\"next\":null}";
    try (var server =
        new FakeServer(
            asked ->
                asked.path().contains("after=40000")
                    ? new Reply(200, last)
                    : new Reply(200, "{\"items\":[],\"next\":\"40000\"}"))) {
      assertThat(run(server, "tasks", "--state", "DONE", "--user", "alice", "--json")).isZero();
      assertThat(json(out.toString()).at("/items/0/id").asText()).isEqualTo("77");
      assertThat(err.toString()).isEmpty();
    }
  }

  @Test
  void historyPrintsEachMessageWithItsLamportClock() throws IOException {
    var page =
        "{\"items\":[{\"channel\":\"geral\",\"user\":\"alice\",\"text\":\"olá\",\"clock\":42}],\"next\":null}";
    try (var server = new FakeServer(asked -> new Reply(200, page))) {
      assertThat(run(server, "chat", "history", "geral")).isZero();
      assertThat(out).hasToString("[42]  #geral  <alice>  olá\n");
    }
  }

  @Test
  void theTailOfAHistoryIsOnePageAskedForByItsLength() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(200, "{\"items\":[],\"next\":null}"))) {
      assertThat(run(server, "chat", "history", "geral", "--last", "3")).isZero();
      assertThat(run(server, "chat", "history", "--with", "bob", "--user", "ana", "--last", "3"))
          .isZero();
      assertThat(server.asked)
          .extracting(FakeServer.Asked::path)
          .containsExactly(
              "/api/v1/channels/geral/messages?last=3", "/api/v1/conversations/bob?last=3&as=ana");
    }
  }

  @Test
  void aKeyThatAHeaderCannotCarryIsRefusedWhereItWouldHaveTo() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(201, "{}"))) {
      assertThat(run(server, "chat", "publish", "geral", "a", "--key", "chave-é")).isEqualTo(2);
      assertThat(err.toString()).contains("--key 'chave-é' has characters that are not ASCII");
      assertThat(server.asked).isEmpty();
    }
  }

  @Test
  @Timeout(60)
  void followingAChannelThatIsNotThereEndsAtOnceWithTheReason() throws IOException {
    var problem = "{\"status\":404,\"code\":\"x\",\"detail\":\"There is no channel 'lost'\"}";
    try (var server = new FakeServer(asked -> new Reply(404, problem))) {
      assertThat(run(server, "chat", "follow", "lost")).isEqualTo(1);
      assertThat(err).hasToString("There is no channel 'lost'\n");
    }
  }

  @Test
  void anAuditThatDoesNotBalanceExitsWith1() throws IOException {
    var audit =
        "{\"ok\":false,\"accounts\":2,\"total\":\"3.00\",\"entriesTotal\":\"2.00\",\"differences\":[]}";
    try (var server = new FakeServer(asked -> new Reply(200, audit))) {
      assertThat(run(server, "audit")).isEqualTo(1);
      assertThat(out.toString()).startsWith("DOES NOT BALANCE");
    }
  }

  @Test
  void wrongUsageExitsWith2AndSaysWhatWasWrong() {
    assertThat(run("sumbit")).isEqualTo(2);
    assertThat(err.toString()).contains("'sumbit'").contains("batuta submit");
    assertThat(run("submit", "QUERY", "--timeout", "5x")).isEqualTo(2);
    assertThat(err.toString()).contains("'5x' is no duration");
    assertThat(run("submit", "COMPUTE", "--payload", "{")).isEqualTo(2);
    assertThat(run()).isEqualTo(2);
    assertThat(run("status", "--url", "nowhere")).isEqualTo(2);
  }

  @Test
  void transferTakesTheUserAsPayer() throws IOException {
    try (var server =
        new FakeServer(asked -> new Reply(202, "{\"id\":\"1\",\"state\":\"PENDING\"}"))) {
      run(
          server,
          "submit",
          "TRANSFER",
          "--user",
          "a",
          "--to",
          "b",
          "--amount",
          "1",
          "--priority",
          "9",
          "--attempts",
          "2",
          "--timeout",
          "1.5s",
          "--key",
          "chave-é");
      assertThat(server.asked.getFirst().body())
          .isEqualTo(
              json(
                  "{\"kind\":\"TRANSFER\",\"payload\":{\"from\":\"a\",\"to\":\"b\",\"amount\":\"1\"},\"priority\":9,\"timeoutMillis\":1500,\"maxAttempts\":2,\"idempotencyKey\":\"chave-é\"}"));
      assertThat(out).hasToString("PENDING  (task 1)\n");
    }
  }

  @Test
  void electSaysWhoWonUnderWhichEpochAndWhy() throws IOException {
    var body =
        "{\"epoch\":8,\"coordinator\":\"server-3\",\"previous\":\"server-2\",\"acting\":false,\"reason\":\"an operator asked\",\"at\":\"2026-01-01T00:00:00Z\"}";
    try (var server = new FakeServer(asked -> new Reply(200, body))) {
      assertThat(run(server, "elect")).isZero();
      assertThat(out)
          .hasToString(
              "server-3 holds the baton in epoch 8 (before: server-2): an operator asked\n");
      assertThat(server.asked.getFirst().method()).isEqualTo("POST");
      assertThat(server.asked.getFirst().path()).isEqualTo("/api/v1/cluster/election");
    }
  }

  @Test
  void anElectionWithoutAnOutcomeInTimeExitsWith2AndOneThatCannotBeHeldWith1() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(504, "{\"detail\":\"undecided\"}"))) {
      assertThat(run(server, "elect")).isEqualTo(2);
    }
    try (var server = new FakeServer(asked -> new Reply(503, "{\"detail\":\"nobody\"}"))) {
      assertThat(run(server, "clock-sync")).isEqualTo(1);
    }
  }

  @Test
  void clockSyncPrintsALineForEachServer() throws IOException {
    var body =
        "{\"round\":9,\"coordinator\":\"server-3\",\"servers\":[{\"name\":\"server-1\",\"clock\":5,\"offsetMillis\":-12.5,\"roundTripMillis\":0.25,\"counted\":true},{\"name\":\"server-2\",\"clock\":7,\"offsetMillis\":3,\"roundTripMillis\":40,\"counted\":false}],\"at\":\"2026-01-01T00:00:00Z\"}";
    try (var server = new FakeServer(asked -> new Reply(200, body))) {
      assertThat(run(server, "clock-sync")).isZero();
      assertThat(out.toString().lines())
          .containsExactly(
              "round 9, held by server-3 at 2026-01-01T00:00:00Z",
              "",
              "SERVER    OFFSET      ROUND TRIP  COUNTED  CLOCK",
              "server-1  -12.500 ms  0.250 ms    yes      5",
              "server-2  +3.000 ms   40.000 ms   no       7");
    }
  }

  @Test
  void upThatCannotReadItsSettingsLeavesNoTraceInTheDataFolder(@TempDir Path data) {
    assertThat(line.run("up", "--profile", "none-such", "--data", data.toString())).isEqualTo(2);
    assertThat(err).asString().contains("none-such");
    assertThat(data).isEmptyDirectory();
  }

  @Test
  void doorsPrintsALineForEachAndNamesTheNodesThatAreSilent() throws IOException {
    var body =
        "{\"items\":[{\"node\":\"server-1\",\"name\":\"http\",\"protocol\":\"HTTP\",\"address\":\"127.0.0.1:8080\",\"connections\":2,\"received\":10,\"sent\":12,\"refused\":{\"busy\":3,\"not-found\":1}},{\"node\":\"server-1\",\"name\":\"bridge\",\"protocol\":\"TCP\",\"address\":\"127.0.0.1:7000\",\"connections\":0,\"received\":0,\"sent\":0,\"refused\":{}}],\"silent\":[\"server-2\"]}";
    try (var server = new FakeServer(asked -> new Reply(200, body))) {
      assertThat(run(server, "doors")).isZero();
      assertThat(server.asked.getFirst().path()).isEqualTo("/api/v1/doors");
      assertThat(out.toString().lines())
          .containsExactly(
              "NODE      DOOR    ADDRESS         PROTOCOL  OPEN  IN  OUT  REFUSED",
              "server-1  http    127.0.0.1:8080  HTTP      2     10  12   busy 3, not-found 1",
              "server-1  bridge  127.0.0.1:7000  TCP       0     0   0    -",
              "server-2 did not answer");
    }
  }

  @Test
  void keysRotateAsksOnceAndPrintsTheKeysThatThereAreThen() throws IOException {
    var body =
        "{\"signs\":\"2\",\"items\":[{\"id\":\"1\",\"createdAt\":\"2026-01-01T00:00:00Z\",\"retiredAt\":\"2026-02-01T00:00:00Z\",\"keptUntil\":\"2027-02-02T00:00:00Z\"},{\"id\":\"2\",\"createdAt\":\"2026-02-01T00:00:00Z\",\"retiredAt\":null,\"keptUntil\":null}]}";
    try (var server = new FakeServer(asked -> new Reply(200, body))) {
      assertThat(run(server, "keys", "rotate")).isZero();
      assertThat(server.asked).hasSize(1);
      assertThat(server.asked.getFirst().method()).isEqualTo("POST");
      assertThat(server.asked.getFirst().path()).isEqualTo("/api/v1/keys/rotate");
      assertThat(out.toString().lines())
          .containsExactly(
              "KEY  MADE                  RETIRED               KEPT UNTIL",
              "1    2026-01-01T00:00:00Z  2026-02-01T00:00:00Z  2027-02-02T00:00:00Z",
              "2    2026-02-01T00:00:00Z  -                     -");
    }
  }

  @Test
  void statusSaysWhyThereIsNoCoordinatorAndWhenOneIsActing() throws IOException {
    var none = "{\"coordinator\":null,\"epoch\":4,\"reason\":\"server-3 is silent\"}";
    try (var server = new FakeServer(asked -> new Reply(200, none))) {
      run(server, "status");
      assertThat(out.toString())
          .startsWith("coordinator none, because server-3 is silent, last epoch 4\n");
    }
    out.getBuffer().setLength(0);
    var acting = "{\"coordinator\":\"server-2\",\"epoch\":4,\"acting\":true}";
    try (var server = new FakeServer(asked -> new Reply(200, acting))) {
      run(server, "status");
      assertThat(out.toString())
          .startsWith("coordinator server-2, epoch 4, acting without the database");
    }
  }

  @Test
  void eventsPrintsALineForEachSendAndReceiveOfATrace() throws IOException {
    var batch =
        "{\"node\":\"server-1\",\"events\":[{\"node\":\"server-1\",\"event\":\"send\",\"clock\":7,\"sender\":\"server-1\",\"sent\":7,\"type\":\"Poll\",\"address\":\"x\"},{\"node\":\"server-1\",\"event\":\"receive\",\"clock\":12,\"sender\":\"server-2\",\"sent\":11,\"type\":\"Reading\",\"address\":\"y\"}],\"dropped\":3}";
    try (var server =
        new FakeServer(asked -> new Reply(200, "event: trace\nid: 1\ndata: " + batch + "\n\n"))) {
      assertThat(run(server, "events", "--types", "trace")).isZero();
      assertThat(out.toString().lines())
          .containsExactly(
              "trace  [7] server-1 sends Poll at x",
              "trace  [12] server-1 receives Reading of server-2 [11] at y",
              "trace  3 more at server-1 did not fit");
    }
  }

  private int run(FakeServer server, String... arguments) {
    return line.run(server, arguments);
  }

  private int run(String... arguments) {
    return line.run(arguments);
  }

  /** A number as the parser would read it. */
  private static JsonNode json(String text) throws JsonProcessingException {
    return Output.JSON.readTree(text);
  }
}
