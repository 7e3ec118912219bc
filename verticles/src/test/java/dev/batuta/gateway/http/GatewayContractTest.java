package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every operation against a real gateway; an answer that openapi.yaml does not describe fails. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GatewayContractTest extends GatewayCalls {
  private static final String UPDATE =
      "{\"kind\":\"UPDATE\",\"payload\":{\"user\":\"11111111111\",\"operation\":\"%s\",\"amount\":%s}}";

  @Test
  void aLoginGivesATokenAndACookieThatScriptsCannotRead() {
    Reply reply = post("login", null, "{\"user\":\"admin\",\"password\":\"admin\"}");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().getJsonArray("roles")).contains("admin");
    assertThat(reply.headers().firstValue("Set-Cookie").orElse(""))
        .startsWith("batuta_token=")
        .containsIgnoringCase("; HttpOnly")
        .contains("; SameSite=Strict", "; Path=/");
  }

  @Test
  void aTaskIsAcceptedDoneAndRead() {
    Reply accepted = post("tasks", alice, QUERY);
    assertThat(accepted.status()).isEqualTo(202);

    Reply done = get("tasks/" + accepted.text("id") + "?waitMillis=20000", alice);
    assertThat(done.status()).isEqualTo(200);
    assertThat(done.text("state")).isEqualTo("DONE");
    assertThat(done.json().getJsonObject("result").getString("balance")).isEqualTo("100.00");
    assertThat(get("tasks?state=DONE&kind=QUERY&limit=1", admin).json().getJsonArray("items"))
        .hasSize(1);
  }

  @Test
  void aSubmissionThatWaitsGivesTheResultInItsAnswer() {
    Reply done = post("tasks?waitMillis=20000", alice, UPDATE.formatted("set", "\"120.5\""));

    assertThat(done.status()).isEqualTo(200);
    assertThat(done.json().getJsonObject("result"))
        .isEqualTo(new JsonObject().put("status", "OK").put("balance", "120.50").putNull("error"));
    assertThat(get("accounts/11111111111", bob).text("balance")).isEqualTo("120.50");
  }

  @Test
  void everyKindGoesInAndComesOutWithItsResult() {
    String body = "{\"kind\":\"%s\",\"payload\":%s}";
    Reply transfer =
        post(
            "tasks?waitMillis=20000",
            alice,
            body.formatted(
                "TRANSFER",
                "{\"from\":\"33333333333\",\"to\":\"44444444444\",\"amount\":\"0.25\"}"));
    assertThat(transfer.json().getJsonObject("result").getString("balance")).isEqualTo("99.75");
    assertThat(get("accounts/44444444444", bob).text("balance")).isEqualTo("100.25");

    Reply compute =
        post("tasks?waitMillis=20000", alice, body.formatted("COMPUTE", "{\"durationMillis\":5}"));
    assertThat(compute.text("state")).isEqualTo("DONE");
    assertThat(compute.json().getValue("result")).isNull();

    Reply own =
        post("tasks?waitMillis=20000", alice, body.formatted("OWN", "{\"a\":[1.5,\"\u00e9\"]}"));
    assertThat(own.status()).as(own.body()).isEqualTo(200);
    assertThat(own.body()).contains("\"result\":{\"a\":[1.5,\"\u00e9\"],\"by\":\"OWN\"}");

    Reply external = post("tasks", alice, body.formatted("EXTERNAL", "[1,{\"b\":null}]"));
    assertThat(external.status()).isEqualTo(202);
    assertThat(external.json().getJsonArray("payload").encode()).isEqualTo("[1,{\"b\":null}]");
    assertThat(get("tasks?kind=EXTERNAL&state=PENDING", alice).json().getJsonArray("items"))
        .hasSize(1);
  }

  @Test
  void aRepeatedKeyIsTheSameTaskAndAnotherPayloadUnderItAConflict() {
    Reply first = call("POST", "tasks", alice, QUERY, "Idempotency-Key", "k-1");
    Reply again = call("POST", "tasks?waitMillis=20000", alice, QUERY, "Idempotency-Key", "k-1");
    Reply other =
        call("POST", "tasks", alice, UPDATE.formatted("set", "1"), "Idempotency-Key", "k-1");

    assertThat(again.text("id")).isEqualTo(first.text("id"));
    assertThat(other.status()).isEqualTo(409);
    assertThat(call("POST", "tasks", bob, QUERY, "Idempotency-Key", "k-1").text("id"))
        .isNotEqualTo(first.text("id"));
  }

  @Test
  void aBatchIsAcceptedTogether() {
    JsonArray tasks = new JsonArray();
    for (int i = 0; i < 250; i++) {
      tasks.add(new JsonObject(QUERY));
    }
    String body = new JsonObject().put("idempotencyKey", "b-1").put("tasks", tasks).encode();

    Reply first = post("tasks/batch", alice, body);
    Reply again = post("tasks/batch", alice, body);

    assertThat(first.status()).isEqualTo(202);
    assertThat(first.json().getInteger("accepted")).isEqualTo(250);
    assertThat(again.json().getJsonArray("ids")).isEqualTo(first.json().getJsonArray("ids"));
  }

  @Test
  void aUserSeesItsOwnTasksOnly() {
    String id = post("tasks", alice, QUERY).text("id");

    assertThat(get("tasks/" + id, bob).status()).isEqualTo(403);
    assertThat(get("tasks/" + id, admin).status()).isEqualTo(200);
    assertThat(get("tasks?limit=1000", bob).json().getJsonArray("items"))
        .noneMatch(task -> ((JsonObject) task).getString("id").equals(id));
  }

  @Test
  void accountsEntriesAndTheAuditAreRead() {
    assertThat(post("accounts", admin, "{\"user\":\"acc\",\"balance\":10.5}").status())
        .isEqualTo(201);
    assertThat(post("accounts", admin, "{\"user\":\"acc\"}").status()).isEqualTo(409);
    assertThat(get("accounts?limit=1", alice).text("next")).isNotNull();
    assertThat(get("accounts/acc/entries", alice).json().getJsonArray("items")).hasSize(1);
    assertThat(get("entries?user=acc", alice).body())
        .isEqualTo(get("accounts/acc/entries", alice).body());
    assertThat(get("audit", admin).json().getBoolean("ok")).isTrue();
  }

  @Test
  void chatGoesThroughAndDirectMessagesStayBetweenTheirTwoEnds() {
    assertThat(post("channels", alice, "{\"name\":\"geral\"}").status()).isEqualTo(201);
    assertThat(post("users", admin, "{\"name\":\"dave\"}").status()).isEqualTo(201);
    assertThat(post("users", bob, "{\"name\":\"bob\"}").status()).isIn(201, 409);
    Reply posted =
        call(
            "POST",
            "channels/geral/messages",
            alice,
            "{\"text\":\"ol\u00e1\"}",
            "Idempotency-Key",
            "m-1");
    Reply again =
        call(
            "POST",
            "channels/geral/messages",
            alice,
            "{\"text\":\"ol\u00e1\"}",
            "Idempotency-Key",
            "m-1");
    Reply other =
        call(
            "POST",
            "channels/geral/messages",
            alice,
            "{\"text\":\"oi\"}",
            "Idempotency-Key",
            "m-1");
    Reply direct = post("messages", alice, "{\"to\":\"bob\",\"text\":\"psst\"}");

    assertThat(other.status()).isEqualTo(409);
    assertThat(other.text("code")).isEqualTo("key-reused");
    assertThat(other.text("detail")).contains("another text or receiver");
    assertThat(posted.status()).isEqualTo(201);
    assertThat(posted.text("user")).isEqualTo("alice");
    assertThat(again.text("id")).isEqualTo(posted.text("id"));
    assertThat(direct.text("from")).isEqualTo("alice");
    assertThat(get("channels/geral/messages", bob).json().getJsonArray("items")).hasSize(1);
    assertThat(get("conversations/alice", bob).json().getJsonArray("items")).hasSize(1);
    Awaitility.await().until(() -> get("search?q=psst", bob).status() == 200);
    assertThat(get("messages?with=alice", bob).json().getJsonArray("items")).hasSize(1);
    assertThat(get("conversations/alice?as=bob", admin).json().getJsonArray("items")).hasSize(1);
    assertThat(get("conversations/alice?as=bob", gateway.token("carol", "pwd3")).status())
        .isEqualTo(403);
    String batch = "{\"messages\":[{\"text\":\"1\"},{\"text\":\"2\"}]}";
    assertThat(post("channels/geral/messages/batch", bob, batch).status()).isEqualTo(201);
    assertThat(get("messages/digest", admin).status()).isEqualTo(200);
    assertThat(get("messages/export?server=server-1", admin).status()).isEqualTo(200);
    assertThat(post("cluster/sync", admin, null).status()).isEqualTo(200);
    assertThat(get("users", bob).json().getJsonArray("items")).isNotEmpty();
    assertThat(get("channels", bob).json().getJsonArray("items")).isNotEmpty();
    assertThat(
            post("channels/geral/messages", admin, "{\"text\":\"x\",\"user\":\"dave\"}").status())
        .isEqualTo(201);
    assertThat(post("channels/geral/messages", bob, "{\"text\":\"x\",\"user\":\"dave\"}").status())
        .isEqualTo(403);
  }

  @Test
  void anAdminGivesAUserAPassword() {
    String dora = "{\"user\":\"dora\",\"password\":\"her secret\"}";
    assertThat(post("logins", admin, dora).status()).isEqualTo(200);
  }

  @Test
  void theClusterIsShownToEverybodyInDemo() {
    JsonObject cluster = get("cluster", null).json();

    assertThat(cluster.getString("coordinator")).isEqualTo("server-1");
    assertThat(cluster.getJsonArray("workers").getJsonObject(0).getString("id")).isEqualTo("W1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "GET  | tasks/none            |                   | 404 | There is no task \"none\"",
        "GET  | tasks/4611686018427387904 |               | 404 | 4611686018427387904",
        "GET  | tasks?limit=0         |                   | 400 | limit is \"0\"",
        "GET  | tasks?limit=x         |                   | 400 | limit is \"x\"",
        "GET  | tasks?state=NONE      |                   | 400 | state is \"NONE\"",
        "GET  | tasks?after=x         |                   | 400 | after \"x\"",
        "GET  | accounts/none         |                   | 404 | There is no account \"none\"",
        "GET  | accounts/none/entries |                   | 404 | There is no account \"none\"",
        "GET  | channels/none/messages |                  | 404 | none",
        "GET  | events?types=none     |                   | 400 | types has \"none\"",
        "GET  | events?types=messages&channel=none |      | 404 | none",
        "POST | tasks                 | {                 | 400 | The body is not JSON (line 1",
        "POST | tasks                 | []                | 400 | not a JSON object",
        "POST | tasks                 | {}                | 400 | is missing",
        "POST | tasks                 | {`kind`:`NONE`,`payload`:{}} | 400 | kind \"NONE\" is"
            + " unknown; use QUERY, UPDATE, TRANSFER, COMPUTE, EXTERNAL or OWN",
        "POST | tasks                 | {`kind`:`none`,`payload`:{}} | 400 | kind is \"none\"",
        "POST | tasks | {`kind`:`TRANSFER`,`payload`:{`from`:`a`,`to`:`a`,`amount`:1}} | 400 |"
            + " payload.to",
        "POST | tasks | {`kind`:`COMPUTE`,`payload`:{`durationMillis`:-1}} | 400 | durationMillis"
            + " is -1",
        "GET  | tasks?kind=none       |                   | 400 | kind is \"none\"",
        "POST | tasks?waitMillis=-1   | {`kind`:`QUERY`,`payload`:{`user`:`u`}} | 400 | waitMillis",
        "POST | tasks | {`kind`:`UPDATE`,`payload`:{`user`:`u`,`amount`:`12,5`}} | 400 | \"12,5\"",
        "POST | tasks | {`kind`:`UPDATE`,`payload`:{`user`:`u`,`amount`:1e400}} | 400 | 1E+400",
        "POST | tasks | {`kind`:`UPDATE`,`payload`:{`user`:`u`,`amount`:1.005}} | 400 | 1.005 has",
        "POST | tasks | {`kind`:`UPDATE`,`payload`:{`user`:`u`,`amount`:-1}} | 400 | -1 is"
            + " negative",
        "POST | tasks/batch           | {`tasks`:[{}]}    | 400 | tasks[0].kind is missing",
        "POST | accounts              | {`user`:``}       | 400 | user",
        "POST | accounts              | {`user`:`x`,`balance`:`1.001`} | 400 | more than 2"
            + " decimals",
        "POST | channels              | {`name`:`"
            + "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
            + "`} | 400 | 64",
        "POST | channels              | {`name`:7}        | 400 | name is 7",
        "POST | channels              | {`nome`:`x`}      | 400 | is",
        "POST | channels/none/messages | {`text`:`x`,`user`:`admin`} | 404 | ",
        "POST | channels/none/messages/batch | {`messages`:[{`text`:`x`}],`user`:`admin`} | 404 |",
        "GET  | channels/none/messages?last=3&limit=2 |  | 400 | leave out after and limit",
        "POST | login                 | {`user`:`alice`,`password`:`no`} | 401 | alice",
      })
  void badInputIsRefusedWithTheValue(
      String method, String path, @Nullable String body, int status, @Nullable String sentence) {
    String sent = body == null ? null : body.replace('`', '"');
    Reply reply = call(method, path, path.equals("login") ? null : admin, sent);

    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.text("detail")).contains(sentence == null ? "" : sentence).endsWith(".");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, cluster, 200, 401, 200",
    "GET, tasks, 401, 401, 200",
    "POST, tasks, 401, 401, 400",
    "POST, tasks/batch, 401, 401, 400",
    "GET, tasks/1, 401, 401, 404",
    "GET, accounts, 401, 401, 200",
    "POST, accounts, 401, 401, 403",
    "GET, accounts/none, 401, 401, 404",
    "GET, audit, 401, 401, 403",
    "GET, users, 401, 401, 200",
    "POST, users, 401, 401, 400",
    "GET, channels, 401, 401, 200",
    "POST, channels, 401, 401, 400",
    "GET, channels/none/messages, 401, 401, 404",
    "POST, channels/none/messages, 401, 401, 400",
    "POST, channels/none/messages/batch, 401, 401, 400",
    "POST, messages, 401, 401, 400",
    "GET, conversations/none, 401, 401, 404",
    "GET, search, 401, 401, 400",
    "GET, messages/digest, 401, 401, 403",
    "POST, cluster/sync, 401, 401, 403",
    "GET, doors, 401, 401, 200",
    "GET, keys, 401, 401, 403",
    "POST, keys/rotate, 401, 401, 403",
    "POST, logins, 401, 401, 403",
    "POST, cluster/election, 401, 401, 403",
    "POST, cluster/clock-sync, 401, 401, 403",
  })
  void whoMay(String method, String path, int anonymous, int invalidToken, int user) {
    String body = method.equals("POST") ? "{}" : null;

    assertThat(call(method, path, null, body).status()).isEqualTo(anonymous);
    assertThat(call(method, path, "a.b.c", body).status()).isEqualTo(invalidToken);
    assertThat(call(method, path, bob, body).status()).isEqualTo(user);
    assertThat(call(method, path, admin, body).status()).isNotIn(401, 403);
  }

  @Test
  void outsideDemoEvenTheClusterNeedsAToken() {
    int port = gateway.open(gateway.server.behind("production"), 1000, 0);

    assertThat(gateway.call(port, "GET", "/api/v1/cluster", null, null).status()).isEqualTo(401);
    assertThat(gateway.call(port, "GET", "/api/v1/events", null, null).status()).isEqualTo(401);
    assertThat(gateway.call(port, "GET", "/api/v1/cluster", alice, null).status()).isEqualTo(200);
    Reply tooLarge =
        gateway.call(port, "POST", "/api/v1/channels", alice, "\"" + "x".repeat(1000) + "\"");
    assertThat(tooLarge.status()).isEqualTo(413);
    assertThat(tooLarge.text("detail")).contains("over 1000 bytes");
  }

  @Test
  void aPathThatIsNotBuiltIsA404() {
    for (String path : List.of("tasks/1/none", "selftest", "none")) {
      Reply reply = post(path, admin, "{}");
      assertThat(reply.status()).as(path).isEqualTo(404);
      assertThat(reply.contentType()).isEqualTo("application/problem+json");
    }
  }

  @Test
  void anotherMethodIsA405ThatNamesTheRightOnes() {
    Reply reply = call("DELETE", "tasks", admin, null);

    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.headers().firstValue("Allow")).contains("GET, POST");
  }

  @Test
  void theFileHealthAndMetricsAreServed() {
    assertThat(raw("/openapi.yaml").body()).contains("openapi: 3.1.0");
    assertThat(raw("/health/live").status()).isEqualTo(200);
    assertThat(raw("/health/ready").status()).isEqualTo(200);
    assertThat(raw("/metrics").status()).isEqualTo(401);
    assertThat(gateway.call("GET", "/metrics", alice, null).status()).isEqualTo(200);
    assertThat(raw("/health/live").headers().firstValue("Content-Security-Policy")).isPresent();
    assertThat(raw("/").headers().firstValue("Cache-Control")).contains("no-cache");
  }

  @Test
  void theTokenOfWhoScrapesOpensMetricsAndNothingElse() {
    String scraper = GatewayFixture.METRICS_TOKEN;

    assertThat(gateway.call("GET", "/metrics", scraper, null).status()).isEqualTo(200);
    assertThat(gateway.call("GET", "/metrics", scraper + "x", null).status()).isEqualTo(401);
    assertThat(call("GET", "tasks", scraper, null).status()).isEqualTo(401);
  }

  @Test
  void aTaskIsCancelledAndADeadOneTriedAgain() {
    String id = later();

    assertThat(post("tasks/" + id + "/cancel", alice, null).status()).isEqualTo(200);
    assertThat(post("tasks/" + id + "/retry", alice, null).status()).isEqualTo(409);
    String dead = gateway.deadTask(alice);
    assertThat(post("tasks/" + dead + "/cancel", alice, null).status()).isEqualTo(409);
    Reply again = post("tasks/" + dead + "/retry", alice, null);
    // The worker that fails everything may have failed it once more before the answer is read.
    boolean failedOnceMore = again.text("state").equals("DEAD");
    assertThat(again.status()).isEqualTo(failedOnceMore ? 200 : 202);
    assertThat(again.json().getInteger("attempt")).isGreaterThanOrEqualTo(failedOnceMore ? 2 : 1);
  }

  @Test
  void aCheckpointIsForAdminsAndShowsTheServer() {
    Reply reply = post("cluster/checkpoint", admin, null);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().getJsonArray("servers").getJsonObject(0).getString("server"))
        .isEqualTo("server-1");
    assertThat(post("cluster/checkpoint", alice, null).status()).isEqualTo(403);
  }

  @Test
  void theCheckCanFail() {
    HttpHeaders json =
        HttpHeaders.of(
            Map.of("Content-Type", List.of("application/json")), GatewayContractTest::all);
    HttpHeaders text =
        HttpHeaders.of(Map.of("Content-Type", List.of("text/plain")), GatewayContractTest::all);
    ContractChecker checker = gateway.checker;
    String good = "{\"items\":[],\"next\":null}";

    checker.check("listTasks", new Reply(200, json, good));
    assertUndescribed("listTasks", new Reply(201, json, good));
    assertUndescribed("listTasks", new Reply(200, text, good));
    assertUndescribed("listTasks", new Reply(200, json, "{\"items\":[]}"));
    assertUndescribed("listTasks", new Reply(200, json, "{\"items\":[],\"next\":null,\"x\":1}"));
    assertUndescribed("listTasks", new Reply(200, json, "{\"items\":[{}],\"next\":null}"));
    assertUndescribed("listTasks", new Reply(404, json, good));
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void everyOperationOfTheFileWasCalled() throws Exception {
    HttpResponse<?> events =
        gateway
            .client()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/events"))
                    .build(),
                HttpResponse.BodyHandlers.ofInputStream());
    ((java.io.InputStream) events.body()).close();
    gateway.checker.check("events", new Reply(events.statusCode(), events.headers(), "retry: 1"));

    assertThat(gateway.checker.unseen()).isEmpty();
  }

  private static boolean all(String name, String value) {
    return true;
  }

  private void assertUndescribed(String operation, Reply reply) {
    assertThatThrownBy(() -> gateway.checker.check(operation, reply))
        .hasMessageContaining("does not describe");
  }

  private Reply raw(String path) {
    return gateway.call("GET", path, null, null);
  }
}
