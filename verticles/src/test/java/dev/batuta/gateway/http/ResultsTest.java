package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a worker gave as a result, on its way back to clients. */
class ResultsTest extends GatewayCalls {

  static Stream<String> strange() {
    return Stream.of(
        "{\"" + "n".repeat(257) + "\":1}",
        nested(33),
        nested(500),
        "{\"a\":" + "7".repeat(101) + "}",
        "{\"a\":" + "7".repeat(1000) + "}",
        "{\"a\":[1.50,-7,null,true,\"\\n\\u0000\\\"\u00e9\ud83e\udd41\"],\"b\":{}}");
  }

  /** An object of so many levels. */
  private static String nested(int levels) {
    return "{\"a\":".repeat(levels - 1) + "{}" + "}".repeat(levels - 1);
  }

  @ParameterizedTest
  @MethodSource("strange")
  void aResultIsReadAsItsWorkerGaveIt(String json) {
    Reply done = post("tasks?waitMillis=20000", alice, make(json));
    String result = "\"result\":" + new JsonObject(json).encode() + ",";

    assertThat(done.status()).as(done.body()).isEqualTo(200);
    assertThat(done.body()).contains(result);
    String id = done.text("id");
    assertThat(get("tasks/" + id, alice).body()).contains(result);
    String page = "tasks?kind=OWN&limit=1&after=" + (Long.parseLong(id) - 1);
    assertThat(get(page, alice).body()).contains(result);
  }

  static Stream<Arguments> tooMuch() {
    return Stream.of(
        arguments(nested(501), "the result has more than 500 levels of objects and arrays: give"),
        arguments("deep", "the result has more than 500 levels of objects and arrays: give"),
        arguments(
            "digits",
            "the result has a number of 1001 characters (10000000000000000000..), more than 1000:"),
        arguments(
            "large", "the result has 16392 bytes as JSON, more than 16384: keep it elsewhere"),
        arguments("half", "in the result: The "),
        arguments("object", "the result cannot be written as JSON: "));
  }

  @ParameterizedTest
  @MethodSource("tooMuch")
  void aResultBeyondALimitFailsItsAttemptAndSaysWhichLimit(String what, String error) {
    Reply dead = post("tasks?waitMillis=20000", alice, make(what));

    assertThat(dead.status()).as(dead.body()).isEqualTo(200);
    assertThat(dead.text("state")).isEqualTo("DEAD");
    assertThat(dead.json().getValue("result")).isNull();
    assertThat(dead.text("error")).startsWith(error);
  }

  @Test
  void anErrorThatIsTooLongSaysHowLongItWas() {
    Reply dead = post("tasks?waitMillis=20000", alice, make("failure"));

    assertThat(dead.text("state")).isEqualTo("DEAD");
    assertThat(dead.text("error"))
        .startsWith("\ud83e\udd41\ufffdxx")
        .endsWith("x.. (the beginning of 2002 characters)");
    assertThat(dead.text("error").codePoints()).hasSize(500);
  }

  @Test
  void aHandlerSeesTheNumbersOfItsPayloadExactly() {
    Reply done =
        post(
            "tasks?waitMillis=20000",
            alice,
            "{\"kind\":\"OWN\",\"payload\":{\"a\":[1234567890123456.78,0.10,12345678901234567890]}}");

    assertThat(done.body())
        .contains(
            "\"result\":{\"a\":[1234567890123456.78,0.10,12345678901234567890],\"by\":\"OWN\"}");
  }

  @ParameterizedTest
  @MethodSource("stored")
  void whatAnOlderVersionStoredIsRead(String stored, String read) throws Exception {
    String id = post("tasks?waitMillis=20000", alice, make("{}")).text("id");
    gateway
        .server
        .database()
        .execute("UPDATE outcome SET result = '" + stored + "' WHERE id = " + id);

    // Not by way of the checker, whose own reader of JSON is not made for this.
    URI address = URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/tasks/" + id);
    HttpRequest request =
        HttpRequest.newBuilder(address).header("Authorization", "Bearer " + alice).build();
    assertThat(gateway.client().send(request, HttpResponse.BodyHandlers.ofString()).body())
        .contains("\"result\":" + read + ",");
  }

  static Stream<Arguments> stored() {
    String deep = "[".repeat(5000) + "]".repeat(5000);
    return Stream.of(
        arguments(deep, deep),
        arguments("{\"a\": 1.0e3,\r\n\t\"a\": -0.0}", "{\"a\":1.0e3,\"a\":-0.0}"),
        arguments("no JSON", "\"no JSON\""),
        arguments("1 2", "\"1 2\""),
        arguments("", "\"\""));
  }

  private static String make(String what) {
    return new JsonObject()
        .put("kind", "OWN")
        .put("payload", new JsonObject().put("make", what))
        .put("maxAttempts", 1)
        .encode();
  }
}
