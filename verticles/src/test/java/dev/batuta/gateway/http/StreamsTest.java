package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.ServerFixture;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many streams of events there may be, and how one ends. */
class StreamsTest extends GatewayCalls {
  private static final int BURST = 1_000;

  @Test
  void aStreamThatLosesItsMessagesSaysSoAndEndsAndTheClientMissesNothing() throws IOException {
    post("channels", alice, "{\"name\":\"lost\"}");
    say("one");
    List<String> first;
    String query = "types=messages,trace&channel=lost";
    try (BufferedReader reader = reader(open(query, null).join())) {
      say("two");
      first = lines(reader, "\"two\"");
      gateway.server.messages().breakAll();
      say("three");
      List<String> rest = lines(reader, null);
      int end = rest.indexOf("event: end");
      assertThat(end).as(rest.toString()).isGreaterThanOrEqualTo(0);
      assertThat(new JsonObject(rest.get(end + 1).substring("data: ".length())).getString("code"))
          .isEqualTo("feed-lost");
      assertThat(rest.subList(end + 2, rest.size())).containsOnly("");
    }
    String id = first.stream().filter(line -> line.startsWith("id: ")).toList().getLast();

    try (BufferedReader reader = reader(open(query, id.substring(4)).join())) {
      assertThat(lines(reader, "\"three\"")).noneMatch(line -> line.contains("\"two\""));
    }
  }

  /** A client that took it for a broken node would ask for the same again and again. */
  @Test
  void aStreamWhosePlaceNoServerFindsSaysThatAndNotThatTheNodeIsBroken() throws IOException {
    post("channels", alice, "{\"name\":\"lost\"}");
    try (BufferedReader reader = reader(open("types=messages&channel=lost", null).join())) {
      gateway.server.messages().breakAll(Refused.unavailable("position-lost", "Nobody has it."));
      List<String> all = lines(reader, null);
      assertThat(new JsonObject(all.get(all.indexOf("event: end") + 1).substring(6)))
          .isEqualTo(new JsonObject().put("code", "position-lost").put("detail", "Nobody has it."));
    }
  }

  @Test
  void aStreamThatBreaksBeforeItsFirstMessageHasAPlaceToGoOnFrom() throws IOException {
    post("channels", alice, "{\"name\":\"lost\"}");
    String query = "types=coordinator,messages&channel=lost";
    String id;
    try (BufferedReader reader = reader(open(query, null).join())) {
      id = lines(reader, "id: ").getLast().substring(4);
    }
    say("unheard");

    try (BufferedReader reader = reader(open(query, id).join())) {
      assertThat(lines(reader, "\"unheard\""))
          .as("the present state, which it did not get either")
          .contains("event: coordinator");
    }
  }

  @Test
  @Timeout(30)
  void aStreamEndsWithItsTokenAndSaysSoByTheCodeThatTheTokenGetsFromThenOn() throws IOException {
    String shortLived = gateway.server.token(ServerFixture.ALICE, Duration.ofSeconds(2));
    List<String> all;
    try (BufferedReader reader =
        reader(open("types=coordinator,messages", null, shortLived).join())) {
      all = lines(reader, null);
    }

    assertThat(all).contains("event: coordinator");
    JsonObject end =
        new JsonObject(all.get(all.indexOf("event: end") + 1).substring("data: ".length()));
    Reply refused = get("channels", shortLived);
    assertThat(refused.status()).isEqualTo(401);
    assertThat(end)
        .isEqualTo(
            new JsonObject().put("code", "token-expired").put("detail", refused.text("detail")));
    assertThat(refused.text("code")).isEqualTo("token-expired");
  }

  @Test
  void aStreamThatTheGatewayEndsGivesItsPlaceBack() throws IOException {
    post("channels", alice, "{\"name\":\"broken\"}");
    for (int i = 0; i < GatewayFixture.MAX_STREAMS; i++) {
      try (BufferedReader reader = reader(open("types=messages&channel=broken", null).join())) {
        gateway.server.messages().breakAll();
        assertThat(lines(reader, null)).contains("event: end");
      }
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> opened(GatewayFixture.MAX_STREAMS) == GatewayFixture.MAX_STREAMS);
  }

  @Test
  void theLimitHoldsUnderABurstAndPlacesComeBackWhenClientsVanish() {
    post("channels", alice, "{\"name\":\"burst\"}");
    for (int round = 0; round < 2; round++) {
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> opened(1) == 1);
      assertThat(opened(BURST)).isBetween(1, GatewayFixture.MAX_STREAMS);
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> opened(GatewayFixture.MAX_STREAMS) == GatewayFixture.MAX_STREAMS);
  }

  @Test
  void anOpeningThatBreaksGivesItsPlaceBack() throws IOException {
    post("channels", alice, "{\"name\":\"burst\"}");
    gateway.server.messages().setDefective(true);
    try {
      for (int i = 0; i < GatewayFixture.MAX_STREAMS; i++) {
        try (InputStream body = check(503, open("types=messages", null).join())) {
          assertThat(body.readAllBytes()).isNotEmpty();
        }
      }
    } finally {
      gateway.server.messages().setDefective(false);
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> opened(GatewayFixture.MAX_STREAMS) == GatewayFixture.MAX_STREAMS);
  }

  @Test
  void aClientThatDoesNotReadIsDroppedAndDisturbsNobody() throws IOException {
    int events = 6_000;
    String ballast = "x".repeat(5_000);
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(16 * 1024);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/events?types=coordinator HTTP/1.1\r\nHost: x\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      try (BufferedReader healthy = reader(open("types=coordinator", null).join())) {
        for (int i = 1; i <= events; i++) {
          gateway
              .bus()
              .event("coordinator", new JsonObject().put("epoch", i).put("reason", ballast));
          if (i % 100 == 0) {
            lines(healthy, "\"epoch\":" + i + ",");
          }
        }
      }
      assertThat(bytesUntilTheEnd(socket)).isLessThan((long) events * ballast.length());
    }
  }

  @Test
  void whatComesAtOnceIsWrittenAtOnce() throws IOException {
    post("channels", alice, "{\"name\":\"together\"}");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      socket.setSoTimeout(30_000);
      String request =
          "GET /api/v1/events?types=messages&channel=together HTTP/1.1\r\nHost: x\r\n"
              + "Authorization: Bearer "
              + alice
              + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var body = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      while (!line(body).isEmpty()) {
        // The head of the answer.
      }
      assertThat(chunk(body)).contains("retry: ");
      String messages = "{\"text\":\"one\"},".repeat(19) + "{\"text\":\"last\"}";
      post("channels/together/messages/batch", alice, "{\"messages\":[" + messages + "]}");

      String first = chunk(body);
      assertThat(first).contains("\"last\"");
      assertThat(first.split("event: messages", -1)).hasSize(21);
    }
  }

  /**
   * Who follows by the command line takes a server that is silent for longer for one that hangs.
   */
  @Test
  @Timeout(12)
  void aStreamOnWhichNothingHappensSaysThatItLives() throws IOException {
    post("channels", alice, "{\"name\":\"quiet\"}");
    try (BufferedReader reader = reader(open("types=messages&channel=quiet", null).join())) {
      for (String line = reader.readLine(); !":".equals(line); line = reader.readLine()) {
        assertThat(line).isNotNull().doesNotStartWith("event");
      }
    }
  }

  private static String chunk(DataInputStream body) throws IOException {
    String chunk;
    do {
      byte[] bytes = new byte[Integer.parseInt(line(body), 16)];
      body.readFully(bytes);
      assertThat(line(body)).isEmpty();
      chunk = new String(bytes, StandardCharsets.UTF_8);
    } while (chunk.equals(":\n\n"));
    return chunk;
  }

  private static String line(DataInputStream from) throws IOException {
    var line = new StringBuilder();
    for (char each = (char) from.readByte(); each != '\n'; each = (char) from.readByte()) {
      line.append(each);
    }
    return line.toString().strip();
  }

  /** What was still on its way to a client, until the gateway's end of the connection. */
  private static long bytesUntilTheEnd(Socket socket) throws IOException {
    socket.setSoTimeout(30_000);
    byte[] buffer = new byte[64 * 1024];
    long bytes = 0;
    try {
      for (int n = socket.getInputStream().read(buffer); n >= 0; ) {
        bytes += n;
        n = socket.getInputStream().read(buffer);
      }
    } catch (SocketTimeoutException stillOpen) {
      throw new AssertionError("the connection is still open", stillOpen);
    } catch (SocketException reset) {
      // As good an end as any other.
    }
    return bytes;
  }

  /** How many of so many clients at once get a stream; then all of them go. */
  private int opened(int clients) {
    List<CompletableFuture<HttpResponse<InputStream>>> asked = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      asked.add(open(i % 2 == 0 ? "types=messages&channel=burst" : "types=coordinator", null));
    }
    List<HttpResponse<InputStream>> answers = asked.stream().map(CompletableFuture::join).toList();
    int opened = 0;
    for (HttpResponse<InputStream> answer : answers) {
      assertThat(answer.statusCode()).isIn(200, 429);
      opened += answer.statusCode() == 200 ? 1 : 0;
    }
    for (HttpResponse<InputStream> answer : answers) {
      try {
        answer.body().close();
      } catch (IOException broken) {
        throw new AssertionError(broken);
      }
    }
    return opened;
  }

  private CompletableFuture<HttpResponse<InputStream>> open(
      String query, @Nullable String lastEventId) {
    return open(query, lastEventId, alice);
  }

  private CompletableFuture<HttpResponse<InputStream>> open(
      String query, @Nullable String lastEventId, String token) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/events?" + query))
            .header("Authorization", "Bearer " + token);
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    return gateway.client().sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  private static BufferedReader reader(HttpResponse<InputStream> response) {
    return new BufferedReader(new InputStreamReader(check(200, response), StandardCharsets.UTF_8));
  }

  private static InputStream check(int status, HttpResponse<InputStream> response) {
    assertThat(response.statusCode()).isEqualTo(status);
    return response.body();
  }

  /** All lines up to the one that has a text, or to the end. */
  private static List<String> lines(BufferedReader reader, @Nullable String last)
      throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lines.add(line);
      if (last != null && line.contains(last)) {
        return lines;
      }
    }
    assertThat(last).as("the stream ended after " + lines).isNull();
    return lines;
  }

  private void say(String text) {
    String body = new JsonObject().put("text", text).encode();
    assertThat(post("channels/lost/messages", alice, body).status()).isEqualTo(201);
  }
}
