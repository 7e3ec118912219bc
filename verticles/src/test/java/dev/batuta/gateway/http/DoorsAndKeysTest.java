package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is shown of doors and keys. */
class DoorsAndKeysTest extends GatewayCalls {
  @Test
  void theDoorsAreShownWithWhatWentThroughAndWhatWasRefused() {
    JsonObject before = door();
    assertThat(get("tasks", null).status()).isEqualTo(401);
    assertThat(get("tasks/none", admin).status()).isEqualTo(404);
    JsonObject after = door();

    assertThat(after.getString("node")).isEqualTo("server-1");
    assertThat(after.getString("protocol")).isEqualTo("HTTP");
    assertThat(after.getLong("connections")).isPositive();
    assertThat(after.getLong("received")).isGreaterThanOrEqualTo(before.getLong("received") + 3);
    assertThat(after.getLong("sent")).isGreaterThanOrEqualTo(before.getLong("sent") + 3);
    for (String reason : List.of("token-missing", "task-not-found")) {
      assertThat(after.getJsonObject("refused").getLong(reason))
          .as(reason)
          .isGreaterThan(before.getJsonObject("refused").getLong(reason, 0L));
    }
  }

  /** The one that all calls go through. */
  private JsonObject door() {
    JsonArray doors = get("doors", bob).json().getJsonArray("items");
    return doors.stream()
        .map(JsonObject.class::cast)
        .filter(door -> door.getString("address").equals("127.0.0.1:" + gateway.port()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void afterARotationTokensOfTheOldKeyAreGoodAndNewOnesNameTheNewKey() {
    String before = gateway.token("carol", "pwd3");
    JsonObject old = get("keys", admin).json();
    JsonObject now = post("keys/rotate", admin, null).json();
    String after = gateway.token("carol", "pwd3");

    assertThat(now.getString("signs")).isNotEqualTo(old.getString("signs"));
    assertThat(now.getJsonArray("items")).hasSize(old.getJsonArray("items").size() + 1);
    assertThat(now.encode()).doesNotContain("secret");
    assertThat(keyId(after)).isEqualTo(now.getString("signs"));
    assertThat(keyId(before)).isEqualTo(old.getString("signs"));
    assertThat(get("accounts", before).status()).isEqualTo(200);
    assertThat(get("accounts", after).status()).isEqualTo(200);
  }

  static String keyId(String token) {
    byte[] header = Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.')));
    return new JsonObject(new String(header, StandardCharsets.UTF_8)).getString("kid");
  }
}
