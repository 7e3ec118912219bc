package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Promise;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/**
 * A node that is no server has no copy of the messages, and says so to whoever would follow them.
 */
class NoMessagesTest {
  @Test
  void whoWouldFollowThemIsToldSoByEventsAndByTheBridge() throws Exception {
    try (HttpDoors doors = new HttpDoors();
        HttpClient http = HttpClient.newHttpClient()) {
      HttpDoors.Door door = doors.at(0);
      await(door.open());
      URI at = URI.create("http://127.0.0.1:" + door.port());
      HttpRequest login =
          HttpRequest.newBuilder(at.resolve("/api/v1/login"))
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"user\":\"alice\",\"password\":\"password1\"}"))
              .build();
      String token = new JsonObject(body(http, login)).getString("token");

      HttpRequest events =
          HttpRequest.newBuilder(at.resolve("/api/v1/events?types=messages"))
              .header("Authorization", "Bearer " + token)
              .build();
      JsonObject problem = new JsonObject(body(http, events));
      assertThat(problem.getInteger("status")).isEqualTo(503);
      assertThat(problem.getString("code")).isEqualTo("no-messages");

      JsonObject refused = registered(doors, door, token);
      assertThat(refused.getString("body")).isEqualTo("no-messages");
      assertThat(refused.getInteger("failureCode")).isEqualTo(503);
      assertThat(refused.getString("address")).isEqualTo("events.messages");
      assertThat(refused.getString("detail")).isEqualTo(problem.getString("detail"));
      await(door.close());
    }
  }

  private static String body(HttpClient http, HttpRequest request) throws Exception {
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  /**
   * The first frame that comes after a registration, and after one that is answered in any case.
   */
  private static JsonObject registered(HttpDoors doors, HttpDoors.Door door, String token) {
    WebSocketClient client = doors.vertx().createWebSocketClient();
    Promise<JsonObject> first = Promise.promise();
    WebSocket socket =
        await(
            client.connect(
                door.socket("http://127.0.0.1:" + door.port())
                    .addHeader("Cookie", "batuta_token=" + token)));
    socket.handler(frame -> first.tryComplete(frame.toJsonObject()));
    socket.writeTextMessage("{\"type\":\"register\",\"address\":\"events.messages\"}");
    socket.writeTextMessage("{\"type\":\"unregister\",\"address\":\"events.nodes\"}");
    JsonObject refused = await(first.future());
    await(client.close());
    return refused;
  }
}
