package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many publications in one request. */
class PublishBatchTest extends GatewayCalls {
  private static final String PATH = "channels/geral/messages/batch";

  @Test
  void aBatchIsPublishedInItsOrderAndARepeatIsTheSame() {
    channel("geral");
    List<String> texts = IntStream.range(0, 10_000).mapToObj(i -> "ação " + i).toList();
    Reply first = keyed(texts, "k".repeat(120));
    assertThat(first.status()).isEqualTo(201);
    assertThat(first.json().getInteger("accepted")).isEqualTo(10_000);
    assertThat(first.json().getJsonArray("ids").stream().distinct()).hasSize(10_000);
    Reply again = keyed(texts, "k".repeat(120));
    assertThat(again.json()).isEqualTo(first.json());
    JsonArray last = get("channels/geral/messages?last=3", alice).json().getJsonArray("items");
    assertThat(last)
        .extracting(each -> ((JsonObject) each).getString("text"))
        .containsExactly("ação 9997", "ação 9998", "ação 9999");
    assertThat(last)
        .extracting(each -> ((JsonObject) each).getString("id"))
        .containsExactlyElementsOf(ids(first).subList(9_997, 10_000));

    Reply reused = keyed(texts.subList(0, 9), "k".repeat(120));
    assertThat(reused.text("code")).isEqualTo("key-reused");
    Reply tooLong = keyed(List.of("x"), "k".repeat(121));
    assertThat(tooLong.status()).isEqualTo(400);
    assertThat(tooLong.text("detail")).contains("121 characters", "1 to 120");
  }

  @Test
  void withoutAKeyEachBatchIsNew() {
    channel("keyless");
    String path = "channels/keyless/messages/batch";
    Reply first = post(path, alice, body(List.of("x", "x")).encode());
    Reply second = post(path, alice, body(List.of("x", "x")).encode());
    assertThat(ids(first)).doesNotContainAnyElementsOf(ids(second)).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | invalid-request | messages is missing",
        "{\"messages\": \"x\"} | invalid-request | messages is missing",
        "{\"messages\": []} | invalid-request | messages has 0 elements",
        "{\"messages\": [\"x\"]} | invalid-request | messages[0] is not an object",
        "{\"messages\": [{}]} | invalid-request | messages[0].text is missing",
        "{\"messages\": [{\"text\": 1}]} | invalid-request | messages[0].text is 1",
        "{\"messages\": [{\"text\": \"x\", \"to\": \"y\"}]} | invalid-request | messages[0].to is unknown",
        "{\"messages\": [{\"text\": \"x\"}], \"key\": 1} | invalid-request | key is unknown",
        "{\"messages\": [{\"text\": \"x\"}, {\"text\": \" \"}]} | text-blank | messages[1]:",
        "{\"messages\": [{\"text\": \"x\"}], \"user\": \"bob\"} | forbidden | bob",
        "[] | malformed-json | not a JSON object",
      })
  void whatIsWrongIsSaidAndNothingIsPublished(String body, String code, String sentence) {
    channel("wrong");
    Reply refused = post("channels/wrong/messages/batch", alice, body);
    assertThat(refused.text("code")).isEqualTo(code);
    assertThat(refused.text("detail")).contains(sentence);
    assertThat(get("channels/wrong/messages", alice).json().getJsonArray("items")).isEmpty();
  }

  @Test
  void tooManyAreRefusedAndSoIsAChannelThatIsNotThere() {
    List<String> tooMany = IntStream.range(0, 10_001).mapToObj(i -> "x").toList();
    Reply refused = post(PATH, alice, body(tooMany).encode());
    assertThat(refused.text("detail")).contains("10001 elements", "1 to 10000");
    Reply unknown = post("channels/nowhere/messages/batch", alice, body(List.of("x")).encode());
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(post(PATH, alice, "").text("code")).isEqualTo("missing-body");
  }

  private Reply keyed(List<String> texts, String key) {
    return call("POST", PATH, alice, body(texts).encode(), "Idempotency-Key", key);
  }

  private void channel(String name) {
    post("channels", alice, new JsonObject().put("name", name).encode());
  }

  private static JsonObject body(List<String> texts) {
    JsonArray messages = new JsonArray();
    texts.forEach(text -> messages.add(new JsonObject().put("text", text)));
    return new JsonObject().put("messages", messages);
  }

  private static List<String> ids(Reply reply) {
    return reply.json().getJsonArray("ids").stream().map(String.class::cast).toList();
  }
}
