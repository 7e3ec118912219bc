package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole copies of the chat, for admins. */
class CopiesTest extends GatewayCalls {
  private static final String EXPORT = "messages/export?server=server-1";

  @Test
  void aDigestIsOfAllThatIsThereAndChangesWithIt() {
    JsonObject before = digest();
    assertThat(before.getString("server")).isEqualTo("server-1");
    assertThat(before.getBoolean("complete")).isTrue();
    assertThat(digest()).isEqualTo(before);
    post("channels", alice, "{\"name\":\"digested\"}");
    post("channels/digested/messages", alice, "{\"text\":\"olá\"}");
    JsonObject after = digest();
    assertThat(after.getString("digest")).isNotEqualTo(before.getString("digest"));
    assertThat(after.getInteger("channelMessages"))
        .isEqualTo(before.getInteger("channelMessages") + 1);
    assertThat(after.getInteger("channels")).isEqualTo(before.getInteger("channels") + 1);
  }

  @Test
  void aServerAloneHasNobodyToCompareWith() {
    JsonObject synced =
        post("cluster/sync", admin, null).json().getJsonArray("servers").getJsonObject(0);
    assertThat(synced)
        .isEqualTo(new JsonObject().put("server", "server-1").putNull("with").put("moved", 0));
  }

  @Test
  void anExportHasEveryOpOnceWhateverThePages() {
    post("channels", alice, "{\"name\":\"exported\"}");
    post("channels/exported/messages", alice, "{\"text\":\"em público\"}");
    post("users", bob, "{\"name\":\"bob\"}");
    post("messages", alice, "{\"to\":\"bob\",\"text\":\"em particular\"}");

    List<JsonObject> whole = new ArrayList<>();
    for (String at = EXPORT + "&limit=2"; ; ) {
      JsonObject page = get(at, admin).json();
      JsonArray items = page.getJsonArray("items");
      assertThat(items.size()).isBetween(1, 2);
      items.forEach(item -> whole.add((JsonObject) item));
      if (page.getString("next") == null) {
        break;
      }
      at = EXPORT + "&limit=2&after=" + page.getString("next");
    }
    JsonArray atOnce = get(EXPORT + "&limit=1000", admin).json().getJsonArray("items");
    assertThat(new JsonArray(whole)).isEqualTo(atOnce);
    assertThat(whole)
        .extracting(op -> op.getInteger("sequence"))
        .doesNotHaveDuplicates()
        .isSorted();
    assertThat(whole)
        .filteredOn(op -> op.getString("kind").equals("direct-message"))
        .extracting(
            op -> op.getString("from") + " > " + op.getString("to") + " " + op.getString("text"))
        .contains("alice > bob em particular");
    assertThat(whole)
        .filteredOn(op -> op.getString("kind").equals("channel-message"))
        .extracting(op -> op.getString("channel") + " " + op.getString("text"))
        .contains("exported em público");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, messages/digest, alice, 403, forbidden",
    "POST, cluster/sync, alice, 403, forbidden",
    "GET, messages/export?server=server-1, alice, 403, forbidden",
    "GET, messages/export, admin, 400, invalid-parameter",
    "GET, messages/export?server=nobody, admin, 404, server-not-found",
    "GET, messages/export?server=server-1&after=x, admin, 400, after-invalid",
    "GET, messages/export?server=server-1&after=1.1, admin, 400, after-invalid",
    "GET, messages/export?server=server-1&after=1.0, admin, 400, after-invalid",
  })
  void whoMayNotAndWhatIsWrongIsSaid(
      String method, String path, String user, int status, String code) {
    Reply reply = call(method, path, user.equals("admin") ? admin : alice, null);
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.text("code")).isEqualTo(code);
  }

  private JsonObject digest() {
    return get("messages/digest", admin).json().getJsonArray("servers").getJsonObject(0);
  }
}
