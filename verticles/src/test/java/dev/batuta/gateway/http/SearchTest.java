package dev.batuta.gateway.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Search as clients of the API have it. */
class SearchTest extends GatewayCalls {
  @Test
  void aPageIsOfWhatTheCallerMayReadAndGoesOnWhereItEnded() {
    channel("geral");
    say("geral", alice, "uma ação");
    say("geral", bob, "outra ação");
    for (String user : List.of("alice", "bob", "carol")) {
      post("users", admin, new JsonObject().put("name", user).encode());
    }
    direct(alice, "bob", "ação entre dois");
    direct(bob, "carol", "ação dos outros");

    assertThat(texts(found("q=acao", alice)))
        .containsExactly("ação entre dois", "outra ação", "uma ação");
    assertThat(texts(found("q=acao", bob))).hasSize(4);
    assertThat(texts(found("q=acao", admin))).containsExactly("outra ação", "uma ação");
    assertThat(texts(found("q=acao&as=alice", admin))).hasSize(3);
    assertThat(texts(found("q=acao&as=ALICE", alice))).hasSize(3);
    assertThat(get("search?q=acao&as=bob", alice).status()).isEqualTo(403);
    assertThat(get("search?q=acao&as=nobody", admin).text("code")).isEqualTo("user-not-found");

    JsonObject first = found("q=acao&limit=2", alice).json();
    assertThat(first.getLong("behind")).isZero();
    assertThat(first.getValue("indexedUntil")).isNull();
    Reply rest = found("q=acao&limit=2&after=" + first.getString("next"), alice);
    assertThat(texts(rest)).containsExactly("uma ação");
    assertThat(rest.json().getValue("next")).isNull();
  }

  @Test
  void theBestOrTheLatestComesFirst() {
    channel("houses");
    say("houses", alice, "house house");
    say("houses", alice, "a house among so many other words that it is hardly seen");

    assertThat(texts(found("q=house&order=rank", bob)).getFirst()).isEqualTo("house house");
    assertThat(texts(found("q=house&order=time", bob)).getFirst()).startsWith("a house");
    JsonObject best = found("q=house&order=rank&limit=1", bob).json();
    Reply next = found("q=house&order=rank&limit=1&after=" + best.getString("next"), bob);
    assertThat(texts(next).getFirst()).startsWith("a house");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"c++", "\"", "a\"b*", "AND", "NEAR(", "it's", "3.14", "#x", "@y", "%", "-"})
  void noCharacterIsAnError(String query) {
    assertThat(found("q=" + URLEncoder.encode(query, UTF_8), alice).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "search, invalid-parameter",
    "search?q=, invalid-parameter",
    "search?q=%20, query-blank",
    "search?q=x&order=best, invalid-parameter",
    "search?q=x&limit=0, invalid-parameter",
    "search?q=x&after=!, after-invalid",
    "search?q=x&order=rank&after=AAAA, after-invalid",
    "search?q=x&user=alice, unknown-parameter",
    "search?q=a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q, query-too-long",
  })
  void whatIsWrongIsSaid(String path, String code) {
    found("q=x", alice);
    Reply reply = get(path, alice);
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(reply.text("code")).as(reply.body()).isEqualTo(code);
    assertThat(reply.text("detail")).endsWith(".");
  }

  private void channel(String name) {
    assertThat(post("channels", alice, new JsonObject().put("name", name).encode()).status())
        .isEqualTo(201);
  }

  private void say(String channel, String token, String text) {
    String body = new JsonObject().put("text", text).encode();
    assertThat(post("channels/" + channel + "/messages", token, body).status()).isEqualTo(201);
  }

  private void direct(String token, String to, String text) {
    String body = new JsonObject().put("to", to).put("text", text).encode();
    assertThat(post("messages", token, body).status()).isEqualTo(201);
  }

  /** By an index that has caught up. */
  private Reply found(String query, String token) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> get("search?" + query, token),
            reply -> reply.status() == 200 && reply.json().getLong("behind") == 0);
  }

  private static List<String> texts(Reply reply) {
    JsonArray items = reply.json().getJsonArray("items");
    return items.stream().map(item -> ((JsonObject) item).getString("text")).toList();
  }
}
