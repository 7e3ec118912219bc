package dev.batuta.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.batuta.cli.client.FakeServer.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ApiTest {
  private static final String PROBLEM =
      "{\"type\":\"about:blank\",\"title\":\"x\",\"status\":%d,\"code\":\"%s\",\"detail\":\"%s\"}";

  @TempDir Path home = Path.of(".");

  @Test
  void aServerThatIsAwayIsPassedOver() throws IOException {
    try (var living = new FakeServer(asked -> new Reply(200, "{\"a\":1}"))) {
      var api = api(List.of(nobody(), living.url()), "t");
      assertThat(api.get("/cluster").path("a").asInt()).isEqualTo(1);
      assertThat(living.asked.getFirst().path()).isEqualTo("/api/v1/cluster");
      assertThat(living.asked.getFirst().token()).isEqualTo("Bearer t");
    }
  }

  @Test
  void aSubmissionWhoseAnswerIsLostIsRepeatedElsewhereUnderTheSameKey() throws IOException {
    try (var losing = new FakeServer(asked -> new Reply(0, ""));
        var living = new FakeServer(asked -> new Reply(202, "{\"id\":\"7\"}"))) {
      var api = api(List.of(losing.url(), living.url()), "t");
      var body = Output.JSON.createObjectNode().put("kind", "QUERY");
      var answer = api.post("/tasks", body, null, Duration.ZERO);
      assertThat(answer.body().path("id").asText()).isEqualTo("7");
      assertThat(living.asked).hasSize(1);
      assertThat(living.asked.getFirst().key())
          .isNotBlank()
          .isEqualTo(losing.asked.getFirst().key());
      assertThat(living.asked.getFirst().body()).isEqualTo(body);
    }
  }

  @Test
  void whatMustNotHappenTwiceIsNotRepeatedWhenItsAnswerIsLost() throws IOException {
    try (var losing = new FakeServer(asked -> new Reply(0, ""));
        var living = new FakeServer(asked -> new Reply(201, "{}"))) {
      var api = api(List.of(losing.url(), living.url()), "t");
      var problem =
          catchThrowableOfType(
              Problem.class, () -> api.post("/channels", Output.JSON.createObjectNode()));
      assertThat(problem.exitCode()).isEqualTo(2);
      assertThat(living.asked).isEmpty();
    }
  }

  @Test
  void aRefusalIsTheServersOwnSentence() throws IOException {
    try (var server =
        new FakeServer(a -> new Reply(404, PROBLEM.formatted(404, "no-task", "There is none")))) {
      var api = api(List.of(server.url()), "t");
      var problem = catchThrowableOfType(Problem.class, () -> api.get("/tasks/1"));
      assertThat(problem).hasMessage("There is none");
      assertThat(problem.code()).isEqualTo("no-task");
      assertThat(problem.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void nobodyAnsweringIsOneSentenceThatNamesTheServers() throws IOException {
    var nobody = nobody();
    var problem =
        catchThrowableOfType(Problem.class, () -> api(List.of(nobody), "t").get("/audit"));
    assertThat(problem.code()).isEqualTo("unreachable");
    assertThat(problem).hasMessageContaining(nobody).hasMessageContaining("./batuta up");
  }

  @Test
  void onADemonstrationClusterOfThisMachineItLogsInAsTheDemonstrationAdmin() throws IOException {
    try (var server = new FakeServer(asked -> demo(asked, "demo"))) {
      assertThat(api(List.of(server.url()), null).get("/audit").path("ok").asBoolean()).isTrue();
    }
  }

  @Test
  void elsewhereWithoutATokenItSaysToLogInFirst() throws IOException {
    try (var server = new FakeServer(asked -> demo(asked, "production"))) {
      var problem =
          catchThrowableOfType(Problem.class, () -> api(List.of(server.url()), null).get("/audit"));
      assertThat(problem).hasMessage("log in first: ./batuta login --url " + server.url());
      assertThat(problem.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void whoTheEnvironmentNamesLogsInOnceForAllThreadsAndAnewWhenTheTokenHasExpired()
      throws IOException {
    var valid = new AtomicReference<>("first");
    var password = Files.writeString(home.resolve("password"), "secret\nnot this\n");
    try (var server =
        new FakeServer(
            asked ->
                asked.path().equals("/api/v1/login")
                    ? new Reply(200, "{\"token\":\"" + valid.get() + "\"}")
                    : ("Bearer " + valid.get()).equals(asked.token())
                        ? new Reply(200, "{\"ok\":true}")
                        : new Reply(401, PROBLEM.formatted(401, "token-expired", "Expired")))) {
      var login =
          OwnLogin.of(Map.of("BATUTA_USER", "carol", "BATUTA_PASSWORD_FILE", password.toString()));
      var first = api(List.of(server.url()), null, login);
      var second = first.beginningAt(1);
      assertThat(first.get("/audit").path("ok").asBoolean()).isTrue();
      assertThat(second.get("/audit").path("ok").asBoolean()).isTrue();
      valid.set("later");
      assertThat(second.get("/audit").path("ok").asBoolean()).isTrue();
      assertThat(first.get("/audit").path("ok").asBoolean()).isTrue();

      var logins = server.asked.stream().filter(a -> a.path().equals("/api/v1/login")).toList();
      assertThat(logins).hasSize(2);
      assertThat(logins.getFirst().body())
          .isEqualTo(Output.JSON.createObjectNode().put("user", "carol").put("password", "secret"));
    }
  }

  @Test
  void aTokenThatIsRefusedHoweverFreshIsNotAskedForForEver() throws IOException {
    try (var server =
        new FakeServer(
            asked ->
                asked.path().equals("/api/v1/login")
                    ? new Reply(200, "{\"token\":\"t\"}")
                    : new Reply(401, PROBLEM.formatted(401, "token-invalid", "No")))) {
      var login = OwnLogin.of(Map.of("BATUTA_USER", "carol", "BATUTA_PASSWORD", "secret"));
      var api = api(List.of(server.url()), null, login);
      assertThat(catchThrowableOfType(Problem.class, () -> api.get("/audit"))).hasMessage("No");
      assertThat(catchThrowableOfType(Problem.class, () -> api.stream("/events", null)))
          .hasMessage("No");
    }
  }

  @Test
  void aNameOfTheEnvironmentWithoutAPasswordIsSaid() {
    assertThatThrownBy(() -> OwnLogin.of(Map.of("BATUTA_USER", "carol")))
        .hasMessageContaining("'carol'")
        .hasMessageContaining("BATUTA_PASSWORD");
    var login = OwnLogin.of(Map.of("BATUTA_USER", "carol", "BATUTA_PASSWORD_FILE", "/not/there"));
    assertThatThrownBy(() -> login.instead(Optional.empty(), who -> Optional.empty()))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("/not/there");
  }

  @Test
  void eachThreadBeginsAtAServerOfItsOwn() throws IOException {
    try (var first = new FakeServer(asked -> new Reply(200, "{}"));
        var second = new FakeServer(asked -> new Reply(200, "{}"))) {
      var api = api(List.of(first.url(), second.url()), "t");
      assertThat(api.beginningAt(1).post("/x", Output.JSON.nullNode()).server())
          .isEqualTo(second.url());
      assertThat(api.beginningAt(2).post("/x", Output.JSON.nullNode()).server())
          .isEqualTo(first.url());
    }
  }

  private static Reply demo(FakeServer.Asked asked, String profile) {
    return switch (asked.path()) {
      case "/api/v1/cluster" -> new Reply(200, "{\"profile\":\"" + profile + "\"}");
      case "/api/v1/login" -> new Reply(200, "{\"token\":\"demo\"}");
      default ->
          "Bearer demo".equals(asked.token())
              ? new Reply(200, "{\"ok\":true}")
              : new Reply(401, PROBLEM.formatted(401, "token-missing", "A token is missing"));
    };
  }

  private Api api(List<String> servers, @Nullable String token) {
    return api(servers, token, OwnLogin.asDemonstration());
  }

  private Api api(List<String> servers, @Nullable String token, OwnLogin login) {
    var store = new TokenStore(home.resolve("tokens.json"));
    return new Api(
        servers, new TokenChoice(token, null, store, Optional.empty()), login, Optional.empty());
  }

  private static String nobody() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }
  }
}
