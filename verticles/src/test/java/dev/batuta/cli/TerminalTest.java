package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.cli.client.FakeServer;
import dev.batuta.cli.client.FakeServer.Reply;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing that others wrote drives the terminal of who reads it. */
final class TerminalTest {
  /** Moves the cursor up, erases the line, and looks like another line; then C1, DEL, overrides. */
  private static final String EVIL =
      "x\u001b[1A\u001b[2K\r\n[1]  #geral  <bob>  y\u009b2J\u007f\u2028\u202e";

  private static final String SEEN =
      "x\\u001b[1A\\u001b[2K\\r\\n[1]  #geral  <bob>  y\\u009b2J\\u007f\\u2028\\u202e";

  private final CommandRun line = new CommandRun();

  @Test
  void aMessageIsOneLineWhateverItSays() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(200, history().toString()))) {
      assertThat(line.run(server, "chat", "history", "geral")).isZero();
      assertThat(line.out).hasToString("[42]  #geral  <" + SEEN + ">  " + SEEN + "\n");
    }
  }

  @Test
  void jsonIsOneLineOfTheSameValueAndDrivesNoTerminalEither() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(200, history().toString()))) {
      assertThat(line.run(server, "chat", "history", "geral", "--json")).isZero();
      assertHarmless(line.out.toString(), 1);
      assertThat(Output.JSON.readTree(line.out.toString())).isEqualTo(history());
    }
  }

  @Test
  void columnsAreAsWideAsWhatIsSeen() throws IOException {
    var accounts = Output.JSON.createObjectNode().putNull("next");
    accounts.putArray("items").addObject().put("user", "a\nb").put("balance", "1.00");
    try (var server = new FakeServer(asked -> new Reply(200, accounts.toString()))) {
      line.run(server, "accounts");
      assertThat(line.out.toString().lines())
          .containsExactly("USER  BALANCE  OVERDRAFT", "a\\nb  1.00     -");
    }
  }

  static Stream<List<String>> commands() {
    return Stream.of(
        List.of("status"),
        List.of("task", "7"),
        List.of("tasks"),
        List.of("submit", "QUERY", "--user", "1"),
        List.of("submit", "QUERY", "--user", "1", "--wait"),
        List.of("cancel", "7"),
        List.of("retry", "7"),
        List.of("accounts"),
        List.of("accounts", "1"),
        List.of("accounts", "create", "1"),
        List.of("audit"),
        List.of("chat", "login", "a"),
        List.of("chat", "users"),
        List.of("chat", "channels"),
        List.of("chat", "create", "a"),
        List.of("chat", "publish", "a", "b"),
        List.of("chat", "message", "a", "b"),
        List.of("chat", "history", "a"),
        List.of("elect"),
        List.of("clock-sync"),
        List.of("checkpoint"),
        List.of("events", "--types", "messages"),
        List.of("events", "--types", "trace"));
  }

  /** Every text of an answer is harmful, whatever the command makes of it. */
  @ParameterizedTest
  @MethodSource("commands")
  void noCommandPrintsWhatDrivesATerminal(List<String> command) throws IOException {
    try (var server = new FakeServer(TerminalTest::evil)) {
      line.run(server, command.toArray(String[]::new));
      assertThat(line.out + "" + line.err).containsIgnoringCase("\\u001b[1A");
      assertHarmless(line.out.toString() + line.err, 60);
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void noRefusalDrivesATerminal(List<String> command) throws IOException {
    var problem = Output.JSON.createObjectNode().put("detail", EVIL).put("code", EVIL);
    try (var server = new FakeServer(asked -> new Reply(400, problem.toString()))) {
      assertThat(line.run(server, command.toArray(String[]::new))).isEqualTo(1);
      assertThat(line.err).hasToString(SEEN + "\n");
      assertThat(line.out.toString()).isEmpty();
    }
  }

  @Test
  void argumentsThatMakeNoCommandAreSeenToo() {
    assertThat(line.run("task", "1", EVIL)).isEqualTo(2);
    assertThat(line.err.toString()).contains("\\u001b[1A");
    assertHarmless(line.err.toString(), 2);
  }

  @Test
  void aDefectAndWhatAProcessSaidLastAreShownLineByLine() {
    var output =
        new Output(new java.io.PrintWriter(line.out), new java.io.PrintWriter(line.err), false);
    output.trace(new IllegalStateException(EVIL, new IOException(EVIL)));
    assertThat(line.err.toString().lines())
        .startsWith("java.lang.IllegalStateException: " + SEEN)
        .contains("caused by java.io.IOException: " + SEEN)
        .allMatch(each -> each.startsWith("    at ") || each.endsWith(SEEN));
    line.err.getBuffer().setLength(0);
    output.problem(Problem.failed("did-not-start", EVIL).saying(List.of("one", EVIL)));
    assertThat(line.err.toString().lines()).containsExactly(SEEN, "  | one", "  | " + SEEN);
  }

  private static void assertHarmless(String printed, int mostLines) {
    assertThat(printed.codePoints().filter(c -> c != '\n'))
        .noneMatch(
            c ->
                Character.isISOControl(c)
                    || Character.getType(c) == Character.LINE_SEPARATOR
                    || c == 0x202E);
    assertThat(printed.lines().count()).isLessThanOrEqualTo(mostLines);
    assertThat(printed.lines()).noneMatch(each -> each.startsWith("[1]  #geral"));
  }

  private static ObjectNode history() {
    var page = Output.JSON.createObjectNode().putNull("next");
    page.putArray("items")
        .addObject()
        .put("channel", "geral")
        .put("user", EVIL)
        .put("text", EVIL)
        .put("clock", 42);
    return page;
  }

  /** An answer with a harmful text in each field that a command may print. */
  private static Reply evil(FakeServer.Asked asked) {
    var answer = fields(Output.JSON.createObjectNode());
    for (var list :
        List.of("items", "nodes", "workers", "servers", "unfinished", "differences", "events")) {
      fields(answer.putArray(list).addObject());
    }
    fields(answer.putObject("tasks"));
    for (JsonNode server : answer.path("servers")) {
      fields(((ObjectNode) server).putArray("unfinished").addObject());
      fields(((ObjectNode) server).putArray("workers").addObject());
      fields(((ObjectNode) server).putObject("tasks")).put(EVIL, 1);
    }
    if (asked.path().startsWith("/api/v1/events")) {
      var type = asked.path().contains("trace") ? "trace" : "messages";
      return new Reply(200, "event: %s\nid: 1\ndata: %s\n\n".formatted(type, answer));
    }
    return new Reply(200, answer.put("state", "DEAD").toString());
  }

  private static ObjectNode fields(ObjectNode object) {
    for (var field :
        List.of(
            "name",
            "id",
            "url",
            "state",
            "rank",
            "clock",
            "pid",
            "home",
            "master",
            "outstanding",
            "coordinator",
            "reason",
            "previous",
            "epoch",
            "at",
            "user",
            "balance",
            "overdraft",
            "amount",
            "task",
            "total",
            "accounts",
            "entriesTotal",
            "from",
            "to",
            "text",
            "kind",
            "owner",
            "worker",
            "error",
            "attempt",
            "maxAttempts",
            "priority",
            "createdAt",
            "startedAt",
            "finishedAt",
            "server",
            "term",
            "due",
            "place",
            "registration",
            "credits",
            "node",
            "event",
            "sender",
            "sent",
            "type",
            "address",
            "round",
            "notBefore",
            "timeoutMillis",
            "idempotencyKey",
            "offsetMillis",
            "load")) {
      object.put(field, EVIL);
    }
    object.putArray("roles").add(EVIL);
    object.putObject("result").put("status", EVIL).put("error", EVIL).put("balance", EVIL);
    object.putObject("payload").put(EVIL, EVIL);
    return object;
  }
}
