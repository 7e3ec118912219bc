package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.Bytes;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Op;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.messaging.replica.Content;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of users, channels and accounts at the doors of HTTP: which are one, and which fit. */
class NamesTest extends GatewayCalls {
  private static final String HELLO = "{\"text\":\"hello\"}";
  private long sequence;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/b", "a\\b", "a?b", "a#b", "a%2Fb", "%2e%2e", "a;b", "a+b", "a%b", "a b", ":x", "*",
        "...", "a/../b", "a/.", "/a", "a//b", "[x]", "{x}", "a&b=c", "é🎼"
      })
  void aNameOfAnySignsIsReachedAsOneEncodedSegment(String name) {
    assertThat(create("channels", "name", name).status()).isEqualTo(201);
    assertThat(post("channels/" + encoded(name) + "/messages", admin, acting(HELLO)).status())
        .isEqualTo(201);
    assertThat(items(get("channels/" + encoded(name) + "/messages", admin))).hasSize(1);
    assertThat(items(get("messages?channel=" + encoded(name), admin))).hasSize(1);
    assertThat(create("accounts", "user", name).status()).isEqualTo(201);
    assertThat(get("accounts/" + encoded(name), admin).text("user")).isEqualTo(name);
    assertThat(items(get("accounts/" + encoded(name) + "/entries", admin))).hasSize(1);
    assertThat(items(get("entries?user=" + encoded(name), admin))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {".", ".."})
  void aNameThatNoPathCanHaveIsRefusedAtItsCreation(String name) {
    for (Reply refused :
        List.of(
            create("channels", "name", name),
            create("channels", "name", "\u00a0" + name + "\t"),
            create("users", "name", name),
            create("accounts", "user", name))) {
      assertThat(refused.status()).as(refused.body()).isEqualTo(400);
      assertThat(refused.text("detail"))
          .contains("'" + name + "'")
          .contains("is a step in the path");
    }
    for (String path :
        List.of("accounts/" + name, "accounts/%2E%2e", "channels/" + name + "/messages")) {
      Reply refused = get(path, admin);
      assertThat(refused.status()).as(refused.body()).isEqualTo(400);
      assertThat(refused.text("detail")).contains("given in the query");
    }
  }

  @Test
  void namesFromBeforeThatNoPathCanHaveAreUsedByAQuery() {
    arrive(new Content.Channel("..", 1, 1));
    arrive(new Content.User(".", 2, 2));
    gateway.server.database().execute("CALL create_account('..', 5, 0)");
    String said = "{\"channel\":\" .. \",\"text\":\"olá\",\"user\":\".\"}";
    assertThat(post("messages", admin, said).text("channel")).isEqualTo("..");
    assertThat(items(get("messages?channel=..", alice))).hasSize(1);
    assertThat(post("messages", alice, "{\"to\":\".\",\"text\":\"psst\"}").status()).isEqualTo(201);
    assertThat(items(get("messages?with=.", alice))).hasSize(1);
    assertThat(items(get("messages?with=alice&as=.", admin))).hasSize(1);
    assertThat(get("messages?with=alice&as=.", bob).status()).isEqualTo(403);
    assertThat(items(get("accounts?user=..", alice)).getJsonObject(0).getString("balance"))
        .isEqualTo("5.00");
    assertThat(items(get("accounts?user=.", alice))).isEmpty();
    assertThat(items(get("entries?user=..", alice))).hasSize(1);
    assertThat(get("entries?user=.", alice).status()).isEqualTo(404);
    assertThat(get("messages", alice).status()).isEqualTo(400);
    assertThat(get("messages?with=.&channel=..", alice).status()).isEqualTo(400);
    assertThat(post("messages", alice, HELLO).text("detail")).contains("either to or channel");
  }

  @Test
  void aChannelIsOneByWhateverSpellingItIsAskedFor() {
    assertThat(create("channels", "name", " Straße ").text("name")).isEqualTo("Straße");
    for (String spelling : List.of("STRASSE", "\u00a0straße", "STRAẞE")) {
      Reply said = post("channels/" + encoded(spelling) + "/messages", admin, acting(HELLO));
      assertThat(said.text("channel")).as(said.body()).isEqualTo("Straße");
    }
    assertThat(items(get("channels/STRASSE/messages", alice))).hasSize(3);
    assertThat(create("channels", "name", "strasse").status()).isEqualTo(409);
    String long64 = "é".repeat(64);
    assertThat(create("channels", "name", long64).status()).isEqualTo(201);
    String decomposed = encoded(" " + "e\u0301".repeat(64) + " ");
    assertThat(items(get("channels/" + decomposed + "/messages", alice))).isEmpty();
  }

  @Test
  void anOwnNameIsOnesOwnInEverySpellingAndUnderTheNameThatItIsKnownBy() {
    assertThat(post("users", bob, "{\"name\":\" BOB \"}").text("name")).isEqualTo("BOB");
    assertThat(create("channels", "name", "own").status()).isEqualTo(201);
    Reply said = post("channels/own/messages", bob, "{\"text\":\"1\",\"user\":\"bOb\"}");
    assertThat(said.text("user")).as(said.body()).isEqualTo("BOB");
    assertThat(post("channels/own/messages", alice, "{\"text\":\"1\",\"user\":\"BOB\"}").status())
        .isEqualTo(403);

    String carol = gateway.token("carol", "pwd3");
    assertThat(post("channels/own/messages", carol, HELLO).text("user")).isEqualTo("carol");
    // A channel of that name, made before elsewhere, arrives.
    arrive(new Content.Channel("Carol", 1, 1));
    Reply renamed = post("channels/own/messages", carol, HELLO);
    assertThat(renamed.text("user")).as(renamed.body()).isEqualTo("carol~2");
    Reply named = post("channels/own/messages", carol, "{\"text\":\"2\",\"user\":\"CAROL~2\"}");
    assertThat(named.text("user")).as(named.body()).isEqualTo("carol~2");
  }

  @Test
  void aUserWithBlanksAroundIsNobodyElse() {
    String query = "{\"kind\":\"QUERY\",\"payload\":{\"user\":\"11111111111 \"}}";
    String batch = "{\"tasks\":[" + query + "]}";
    for (Reply refused :
        List.of(
            post("tasks", alice, query),
            post("tasks/batch", alice, batch),
            get("tasks?user=alice%20", admin))) {
      assertThat(refused.status()).as(refused.body()).isEqualTo(400);
      assertThat(refused.text("detail")).contains(" \" has blanks around it; leave them out");
    }
    assertThat(get("accounts/11111111111%20", alice).status()).isEqualTo(404);
    assertThat(get("accounts/11111111111%20/entries", alice).status()).isEqualTo(404);
    assertThat(items(get("accounts?user=11111111111%20", alice))).isEmpty();
    String login = "{\"user\":\"admin \",\"password\":\"admin\"}";
    assertThat(post("login", null, login).status()).isEqualTo(401);
  }

  @Test
  void keysThatDifferByTrailingBlanksAreTwoKeys() {
    String first = keyed("QUERY", "k1");
    assertThat(keyed("QUERY", "k1 ")).isNotEqualTo(first);
    assertThat(keyed("QUERY", "k1")).isEqualTo(first);
    Reply other =
        post(
            "tasks",
            alice,
            "{\"kind\":\"COMPUTE\",\"payload\":{\"durationMillis\":0},\"idempotencyKey\":\"k1 "
                + " \"}");
    assertThat(other.status()).as(other.body()).isEqualTo(202);
  }

  private String keyed(String kind, String key) {
    JsonObject task = new JsonObject(QUERY).put("kind", kind).put("idempotencyKey", key);
    return post("tasks", alice, task.encode()).text("id");
  }

  /** An op of another server, as replication brings it. */
  private void arrive(Content content) {
    Bus bus = gateway.bus();
    Op op = new Op("server-0", 7, ++sequence, Bytes.owning(Content.encode(content).toArray()));
    await(
        bus.request(
            Addresses.replica("server-1"),
            new Replicate("server-0", List.of(op)),
            Have.class,
            Duration.ofSeconds(10)));
  }

  /** As the registered name of the admin. */
  private String acting(String message) {
    create("users", "name", "admin");
    return message;
  }

  private Reply create(String what, String field, String name) {
    return post(what, admin, new JsonObject().put(field, name).encode());
  }

  private static JsonArray items(Reply reply) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json().getJsonArray("items");
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
