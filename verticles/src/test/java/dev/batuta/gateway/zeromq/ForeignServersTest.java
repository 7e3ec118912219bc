package dev.batuta.gateway.zeromq;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.ServerFixture;
import dev.batuta.gateway.zeromq.Listener.Heard;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Each row of the tables of PROTOCOLS B between servers, through the real ports. */
class ForeignServersTest extends ZeroMqCalls {
  @Test
  void theServicesBetweenServersAreAnsweredAndMoveNothing() {
    JsonObject clock = services.ask("clock", Map.of("timestamp", 1_000.5));
    assertThat(clock.getValue("time")).isInstanceOf(Integer.class);
    assertThat(clock.getDouble("offset")).isGreaterThan(1e9);
    assertThat(services.ask("clock", Map.of()).containsKey("offset")).isFalse();
    assertThat(services.ask("election", Map.of()).getString("election")).isEqualTo("OK");
    assertThat(services.ask("heartbeat", Map.of("user", "x")).getString("status")).isEqualTo("OK");
    assertThat(services.ask("adjust", Map.of("adjustment", -3.5)).getString("status"))
        .isEqualTo("OK");
    assertThat(services.ask("adjust", Map.of("adjustment", "now")).getString("description"))
        .contains("\"adjustment\"");
    assertThat(fixture.server().gateway().parts().coordinator().get().coordinator())
        .isEqualTo(ServerFixture.NODE);
  }

  @Test
  void aForeignServerIsRankedAndListedAndItsAnnouncementsCountForNothing() {
    int rank = reference.ask("rank", Map.of("user", "foreign-1")).getInteger("rank");
    assertThat(rank).isPositive();
    assertThat(reference.ask("rank", Map.of("user", "foreign-1")).getInteger("rank"))
        .isEqualTo(rank);
    assertThat(reference.ask("heartbeat", Map.of("user", "foreign-1")).getString("status"))
        .isEqualTo("OK");
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                reference.ask("list", Map.of()).getJsonArray("list").stream()
                    .map(JsonObject.class::cast)
                    .anyMatch(
                        each ->
                            each.getString("name").equals("foreign-1")
                                && each.getInteger("rank") == rank));
    assertThat(reference.ask("coordinator", Map.of("coordinator", "foreign-1")).getString("status"))
        .isEqualTo("OK");
    long refused = fixture.refused("text-blank");
    Map<String, Object> blank =
        Map.of("user", "foreign-1", "channel", "geral", "message", " ", "timestamp", 1);
    for (Map<String, Object> never :
        List.of(
            Map.<String, Object>of("type", "vote"),
            Map.<String, Object>of("type", "channel_message", "content", blank))) {
      assertThat(reference.ask("replicate", never).getString("status")).isEqualTo("OK");
      assertThat(services.ask("replicate", never).getString("status")).isEqualTo("erro");
    }
    assertThat(fixture.refused("text-blank")).isEqualTo(refused + 2);
    publisher("servers", Map.of("service", "election", "data", Map.of("coordinator", "foreign-1")));
    assertThat(fixture.server().gateway().parts().coordinator().get().coordinator())
        .isEqualTo(ServerFixture.NODE);
  }

  @Test
  void whatAnotherSystemReplicatesIsStoredOnceAtItsTimeWhateverWayItComes() {
    Map<String, Object> content =
        Map.of(
            "username", "from-afar", "channel", "afar", "message", "m", "timestamp", 1_600_000_000);
    Map<String, Object> op = Map.of("type", "channel_message", "content", content);
    for (int i = 0; i < 3; i++) {
      assertThat(services.ask("replicate", op).getString("status")).isEqualTo("OK");
      assertThat(reference.ask("replicate", op).getString("status")).isEqualTo("OK");
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              publisher("replication", Map.of("service", "replicate", "data", op));
              publisher(
                  "afar",
                  Map.of(
                      "user",
                      "from-afar",
                      "channel",
                      "afar",
                      "message",
                      "m",
                      "timestamp",
                      1_600_000_000L,
                      "clock",
                      3));
              publisher(
                  "afar",
                  Map.of("user", "from-afar", "message", "end", "timestamp", 1_600_000_001L));
              return history("afar").size() > 1;
            });
    List<JsonObject> history = history("afar");
    assertThat(history).extracting(each -> each.getString("message")).containsExactly("m", "end");
    assertThat(history.getFirst().getLong("timestamp")).isEqualTo(1_600_000_000);
    assertThat(services.ask("replicate", Map.of("type", "vote")).getString("description"))
        .contains("\"type\"");
  }

  @Test
  void aPublicationWhoseTimeCannotBeReadIsKeptWithTheTimeOfNow() {
    long ignored = fixture.refused("time-ignored");
    long before = System.currentTimeMillis() / 1_000;
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              publisher(
                  "geral",
                  Map.of(
                      "user",
                      "eva",
                      "channel",
                      "geral",
                      "message",
                      "late",
                      "timestamp",
                      "tea time"));
              return count("geral", "late") > 0;
            });
    assertThat(fixture.refused("time-ignored")).isGreaterThan(ignored);
    assertThat(history("geral"))
        .filteredOn(each -> each.getString("message").equals("late"))
        .allMatch(each -> each.getLong("timestamp") >= before);
    assertThat(
            services
                .ask(
                    "replicate",
                    Map.of(
                        "type",
                        "channel_message",
                        "content",
                        Map.of(
                            "user",
                            "eva",
                            "channel",
                            "geral",
                            "message",
                            "late",
                            "timestamp",
                            "tea time")))
                .getString("description"))
        .contains("\"timestamp\"");
  }

  @Test
  void whoBringsAnOpWhileItIsStoredIsAnsweredWithWhatComesOfIt() {
    ForeignOps foreign =
        new ForeignOps(
            fixture.server().gateway().services().chat(),
            Caller.ofDoor("zeromq"),
            System::currentTimeMillis,
            new SeenOps());
    ForeignOp never = new ForeignOp.InChannel("eva", "geral", " ", OptionalLong.of(1_000));
    ForeignOp good = new ForeignOp.InChannel("eva", "geral", "brought", OptionalLong.of(1_000));
    Promise<List<Future<Void>>> brought = Promise.promise();
    fixture
        .server()
        .node()
        .vertx()
        .runOnContext(
            here ->
                brought.complete(
                    List.of(
                        foreign.store(never),
                        foreign.store(never),
                        foreign.store(good),
                        foreign.store(good))));
    List<Future<Void>> stored = await(brought.future());
    await(Future.join(stored).otherwiseEmpty());
    assertThat(stored).extracting(Future::succeeded).containsExactly(false, false, true, true);
    assertThat(count("geral", "brought")).isEqualTo(1);
  }

  @Test
  void whatACopyOfHereBringsBackIsNotSaidAgainEvenAfterARestart() {
    publish("ana", "geral", "copied");
    tell("ana", "bob", "copied too");
    Map<String, Object> content =
        Map.of(
            "user", "eva", "channel", "geral", "message", "fraction", "timestamp", 1_600_000_100.5);
    services.ask("replicate", Map.of("type", "channel_message", "content", content));
    JsonObject copy = services.ask("sync", Map.of());
    JsonArray inChannels = copy.getJsonArray("channel_messages");
    assertThat(texts(inChannels)).contains("copied", "fraction");
    // What a door remembers ends with it.
    ForeignOps restarted =
        new ForeignOps(
            fixture.server().gateway().services().chat(),
            Caller.ofDoor("zeromq"),
            System::currentTimeMillis,
            new SeenOps());

    replay(restarted, "channel_message", inChannels);
    replay(restarted, "user_message", copy.getJsonArray("user_messages"));

    JsonObject after = services.ask("sync", Map.of());
    assertThat(after.getJsonArray("channel_messages")).isEqualTo(inChannels);
    assertThat(after.getJsonArray("user_messages")).isEqualTo(copy.getJsonArray("user_messages"));
  }

  private static void replay(ForeignOps into, String type, JsonArray contents) {
    for (Object content : contents) {
      Map<String, Object> op = Map.of("type", type, "content", ((JsonObject) content).getMap());
      await(into.store(ForeignOp.replicated(LooseReader.read(StrictWriter.write(op)))));
    }
  }

  @Test
  void whatIsPublishedHereAndComesBackIsNotSaidAgain() {
    try (Listener replication = listener("replication")) {
      replication.awaitFirst(() -> publish("ana", "geral", "echo"));
      Heard heard = replication.heard().getFirst();
      assertThat(heard.map().getString("service")).isEqualTo("replicate");
      JsonObject op = heard.map().getJsonObject("data");
      assertThat(op.getString("type")).isEqualTo("channel_message");
      long before = count("geral", "echo");
      JsonObject content = op.getJsonObject("content");
      assertThat(
              services
                  .ask("replicate", Map.of("type", "channel_message", "content", content.getMap()))
                  .getString("status"))
          .isEqualTo("OK");
      assertThat(count("geral", "echo")).isEqualTo(before);
      services.ask("login", Map.of("user", "replicated"));
      services.ask("channel", Map.of("channel", "replicated-too"));
      replication.await(
          () ->
              replication.heard().stream()
                      .map(each -> each.map().getJsonObject("data").getString("type"))
                      .filter(type -> type.equals("login") || type.equals("channel"))
                      .count()
                  >= 2);
    }
  }
}
