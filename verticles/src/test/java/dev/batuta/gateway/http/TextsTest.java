package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that cannot be kept as they are given, at the doors of HTTP: refused, with their place. */
class TextsTest extends GatewayCalls {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tasks | {'kind':'EXTERNAL','payload':{'a':[1,'x#y']}} | text at /payload/a/1 | 2",
        "tasks | {'kind':'EXTERNAL','payload':'#'} | text at /payload has | 1",
        "tasks | {'kind':'OWN','payload':{'a':{'b#':1}}} | name at /payload/a/b\uFFFD | 2",
        "tasks | {'kind':'QUERY','payload':{'user':'u#'}} | text at /payload/user | 2",
        "tasks | {'kind':'QUERY','payload':{'user':'u'},'idempotencyKey':'k#'} | /idempotencyKey | 2",
        "tasks | {'kind':'QUERY','payload':{'user':'u'},'#':1} | name at /\uFFFD | 1",
        "tasks/batch | {'tasks':[{'kind':'QUERY','payload':{'user':'u'}},{'kind':'OWN','payload':"
            + "{'a':'🎼#'}}]} | text at /tasks/1/payload/a | 2",
        "accounts | {'user':'x#y'} | text at /user | 2",
        "channels | {'name':'x#y'} | text at /name | 2",
        "users | {'name':'x#y'} | text at /name | 2",
        "channels/geral/messages | {'text':'x#y'} | text at /text | 2",
        "messages | {'to':'bob','text':'x#'} | text at /text | 2",
        "messages | {'to':'b#','text':'x'} | text at /to | 2",
        "login | {'user':'admin','password':'adm#in'} | text at /password | 4",
        "login | {'user':'#','password':'admin'} | text at /user | 1",
      })
  void halfOfASurrogatePairIsRefusedWithItsPlace(
      String path, String body, String place, int character) {
    for (String half : new String[] {"\\ud800", "\\udfbc", "\\ud83c\\u0020"}) {
      String sent = body.replace('\'', '"').replace("#", half);
      Reply refused = post(path, path.equals("login") ? null : admin, sent);
      assertThat(refused.status()).as(refused.body()).isEqualTo(400);
      assertThat(refused.text("code")).isEqualTo("invalid-text");
      assertThat(refused.text("detail"))
          .contains(place)
          .contains("half of a surrogate pair (" + half.substring(0, 6) + ")")
          .contains("as its character " + character);
    }
  }

  @Test
  void whatIsWholeComesBackAsItWasGiven() {
    String payload = "{\"a🎼\":\"\\ud83c\\udfbc\\u0000\u00e9\"}";
    Reply done =
        post("tasks?waitMillis=20000", admin, "{\"kind\":\"OWN\",\"payload\":" + payload + "}");
    assertThat(done.json().getJsonObject("payload")).isEqualTo(new JsonObject(payload));
    assertThat(done.json().getJsonObject("result").getString("a🎼")).isEqualTo("🎼\u0000\u00e9");
  }

  @ParameterizedTest
  // A lone byte, half a surrogate pair, a cut-off letter, a letter in two.
  @ValueSource(strings = {"ff", "eda080", "c3", "c181"})
  void bytesThatAreNoUtf8AreRefused(String bytes) throws Exception {
    assertNoUtf8("channels", "{\"name\":\"x", bytes, "\"}");
    String tasks = "{\"tasks\":[" + QUERY + "],\"idempotencyKey\":\"x";
    assertNoUtf8("tasks/batch", tasks, bytes, "\"}");
    assertNoUtf8("tasks/batch", "{\"tasks\":[{\"kind\":\"COMPUTE", bytes, "\"}]}");
  }

  private void assertNoUtf8(String path, String before, String bytes, String after)
      throws Exception {
    HexFormat hex = HexFormat.of();
    byte[] body =
        hex.parseHex(
            hex.formatHex(before.getBytes(StandardCharsets.US_ASCII))
                + bytes
                + hex.formatHex(after.getBytes(StandardCharsets.US_ASCII)));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/" + path))
            .header("Authorization", "Bearer " + admin)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<String> refused =
        gateway.client().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
    assertThat(new JsonObject(refused.body()).getString("detail"))
        .isEqualTo(
            "The body is no UTF-8 from its byte " + (before.length() + 1) + " on; encode it so.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "accounts/%ED%A0%80         | The path segment \"%ED%A0%80\", no UTF-8",
        "accounts?after=%ED%A0%80   | The query has \"%ED%A0%80\", no UTF-8",
        "accounts?after=%FF         | The query has \"%FF\", no UTF-8",
        "accounts?%FF=x             | The query has \"%FF\", no UTF-8",
        "accounts?after=%zz         | The query has \"%zz\", with a % that two",
        "accounts?after=%4          | The query has \"%4\", with a % that two",
        "accounts/a%zz              | The path segment \"a%zz\", with a % that two",
        "accounts/é                 | beyond ASCII; percent-encode it as UTF-8",
        "accounts?after=é           | beyond ASCII; percent-encode it as UTF-8",
        "cluster?x=%C3              | The query has \"%C3\", no UTF-8",
        "x/../accounts              | The path segment \"..\", a step and no name",
      })
  void anAddressThatIsNoPercentEncodedUtf8IsRefused(String path, String sentence)
      throws IOException {
    String refused = raw("GET /api/v1/" + path, null);
    assertThat(refused).startsWith("HTTP/1.1 400").contains("\"code\":\"bad-address\"");
    assertThat(new JsonObject(refused.substring(refused.indexOf("\r\n\r\n"))).getString("detail"))
        .contains(sentence);
  }

  @Test
  void aKeyInTheHeaderIsAsciiAndBesideItAnything() throws IOException {
    assertThat(raw("POST /api/v1/tasks", "Idempotency-Key: ß"))
        .startsWith("HTTP/1.1 400")
        .contains("Idempotency-Key has characters beyond ASCII");
    String body = new JsonObject(QUERY).put("idempotencyKey", "ß").encode();
    String other = new JsonObject(QUERY).put("idempotencyKey", "é").encode();
    assertThat(post("tasks", alice, body).text("id"))
        .isEqualTo(post("tasks", alice, body).text("id"))
        .isNotEqualTo(post("tasks", alice, other).text("id"));
  }

  /** Byte for byte, as no client library would send it. */
  private String raw(String line, @Nullable String header) throws IOException {
    String body = line.startsWith("POST") ? QUERY : "";
    String request =
        line
            + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + ("Authorization: Bearer " + admin + "\r\nContent-Length: " + body.length() + "\r\n")
            + (header == null ? "" : header + "\r\n")
            + "\r\n"
            + body;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
        InputStream in = socket.getInputStream()) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
