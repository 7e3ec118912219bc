package dev.batuta.gateway.zeromq;

import static dev.batuta.node.TestCluster.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.ServerFixture;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.ChatService.PageOf;
import dev.batuta.gateway.services.ChatService.Saying;
import dev.batuta.gateway.zeromq.Listener.Heard;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZMQ.Socket;

/** Each row of the tables of PROTOCOLS B, through the real ports. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ZeroMqDoorTest {
  private static final String SUBSCRIPTIONS = "zeromq-subscriptions";

  private ZeroMqFixture fixture;
  private Asker services;
  private Asker reference;

  @BeforeAll
  void start(@TempDir Path folder) {
    fixture = new ZeroMqFixture(folder);
    services = fixture.services();
    reference = fixture.reference();
    for (String name : List.of("ana", "bob", "eva")) {
      services.ask("login", Map.of("user", name));
    }
    services.ask("channel", Map.of("channel", "geral"));
  }

  @AfterAll
  void stop() {
    fixture.close();
  }

  @Test
  void aLoginRegistersANameAndATakenOneIsAnErrorThatChangesNothing() {
    assertThat(services.ask("login", Map.of("user", "new")).getString("status"))
        .isEqualTo("sucesso");
    JsonObject taken = services.ask("login", Map.of("user", "NEW"));
    assertThat(taken.getString("status")).isEqualTo("erro");
    assertThat(taken.getString("description")).isEqualTo("Usuário já existe");
    assertThat(services.ask("users", Map.of()).getJsonArray("users")).contains("new", "ana", "bob");
  }

  @Test
  void aChannelIsCreatedUnderEitherFieldAndListedTwice() {
    assertThat(services.ask("channel", Map.of("name", "sport")).getString("status"))
        .isEqualTo("sucesso");
    assertThat(services.ask("channel", Map.of("channel", "sport")).getString("status"))
        .isEqualTo("erro");
    JsonObject channels = services.ask("channels", Map.of());
    assertThat(channels.getJsonArray("channels")).contains("sport", "geral");
    assertThat(channels.getJsonArray("users")).isEqualTo(channels.getJsonArray("channels"));
  }

  @Test
  void namesThatAreTopicsOfTheProtocolAreRefused() {
    for (String reserved : List.of("servers", "replication", "Servers")) {
      assertThat(services.ask("login", Map.of("user", reserved)).getString("description"))
          .contains("kept for Batuta");
      assertThat(services.ask("channel", Map.of("channel", reserved)).getString("status"))
          .isEqualTo("erro");
    }
    assertThat(services.ask("login", Map.of("user", "geral")).getString("status"))
        .isEqualTo("erro");
  }

  @Test
  void whatIsPublishedIsHeardOnTheChannelAndReadInItsHistory() {
    try (Listener geral = listener("geral")) {
      geral.awaitFirst(() -> publish("ana", "geral", "olá"));
      Heard heard = geral.heard().getFirst();
      assertThat(heard.topic()).isEqualTo("geral");
      assertThat(heard.map().fieldNames())
          .containsExactlyInAnyOrder("user", "message", "channel", "timestamp", "clock");
      assertThat(heard.map().getString("user")).isEqualTo("ana");
      assertThat(heard.map().getString("message")).isEqualTo("olá");
      JsonObject last = last(services.ask("history", Map.of("channel", "geral")));
      assertThat(last.getString("channel")).isEqualTo("geral");
      assertThat(last.getValue("timestamp")).isInstanceOf(Integer.class);
      assertThat(last.getLong("clock")).isEqualTo(geral.heard().getLast().map().getLong("clock"));
    }
  }

  @Test
  void aRefusedPublicationSaysWhyInBothFields() {
    for (Map<String, String> wrong :
        List.of(
            Map.of("user", "nobody", "channel", "geral", "message", "x"),
            Map.of("user", "ana", "channel", "nowhere", "message", "x"),
            Map.of("user", "ana", "channel", "geral", "message", " "),
            Map.of("user", "ana", "channel", "geral"))) {
      JsonObject refused = services.ask("publish", wrong);
      assertThat(refused.getString("status")).isEqualTo("erro");
      assertThat(refused.getString("message"))
          .isNotBlank()
          .isEqualTo(refused.getString("description"));
    }
    assertThat(
            services
                .ask("message", Map.of("src", "ana", "dst", "nobody", "message", "x"))
                .getString("message"))
        .contains("There is no user 'nobody'");
  }

  @Test
  void aDirectMessageIsHeardByThatUserOnlyAndReadByBothEnds() {
    try (Listener bob = listener("bob");
        Listener all = listener("", "bo")) {
      bob.awaitFirst(() -> tell("ana", "bob", "psst"));
      Heard heard = bob.heard().getFirst();
      assertThat(heard.topic()).isEqualTo("bob");
      assertThat(heard.map().fieldNames())
          .containsExactlyInAnyOrder("from", "src", "dst", "message", "timestamp", "clock");
      assertThat(heard.map().getString("from")).isEqualTo("ana");
      assertThat(heard.map().getString("src")).isEqualTo("ana");
      assertThat(heard.map().getString("dst")).isEqualTo("bob");
      all.awaitFirst(() -> publish("ana", "geral", "to all"));
      assertThat(all.heard()).extracting(Heard::topic).contains("geral").doesNotContain("bob");
      assertThat(all.heard())
          .as("an op on its way to other systems says it too")
          .noneMatch(each -> each.map().encode().contains("psst"));
      JsonObject read =
          last(services.ask("private_history", Map.of("user1", "bob", "user2", "ana")));
      assertThat(read.fieldNames())
          .containsExactlyInAnyOrder("src", "dst", "message", "timestamp", "clock");
      assertThat(read.getString("message")).isEqualTo("psst");
    }
  }

  @Test
  void messagesOfEveryOtherDoorReachSubscribers() {
    ChatService chat = fixture.server().gateway().services().chat();
    try (Listener geral = listener("geral")) {
      geral.awaitFirst(
          () ->
              await(
                  chat.publish(
                      ServerFixture.ALICE, "geral", new Saying(null, "by a token", null))));
      assertThat(geral.heard().getFirst().map().getString("user")).isEqualTo("alice");
    }
  }

  @Test
  void subscribeSaysWhetherThereIsWhatIsSubscribedTo() {
    assertThat(
            services
                .ask("subscribe", Map.of("user", "ana", "channel", "geral"))
                .getString("status"))
        .isEqualTo("sucesso");
    assertThat(
            services
                .ask("subscribe", Map.of("user", "ana", "channel", "nowhere"))
                .getString("description"))
        .contains("no channel 'nowhere'");
    assertThat(
            services
                .ask("subscribe", Map.of("user", "nobody", "channel", "geral"))
                .getString("description"))
        .contains("no user 'nobody'");
  }

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
  void whoBringsAnOpWhileItIsStoredIsAnsweredWithWhatComesOfIt() {
    ForeignOps foreign =
        new ForeignOps(
            fixture.server().gateway().services().chat(),
            Caller.ofDoor("zeromq"),
            System::currentTimeMillis,
            new SeenOps());
    ForeignOp never = new ForeignOp.InChannel("eva", "geral", " ", OptionalLong.of(1));
    ForeignOp good = new ForeignOp.InChannel("eva", "geral", "brought", OptionalLong.of(1));
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

  @Test
  void whoCoordinatesIsAnnounced() {
    try (Listener servers = listener("servers")) {
      long[] epoch = {10};
      servers.awaitFirst(() -> fixture.server().announce(epoch[0]++));
      JsonObject said = servers.heard().getFirst().map();
      assertThat(said.getString("service")).isEqualTo("election");
      assertThat(said.getJsonObject("data").getString("coordinator")).isEqualTo(ServerFixture.NODE);
    }
  }

  @Test
  void aCopyIsGivenToWhoAsksSinceATime() {
    publish("eva", "geral", "copied");
    tell("eva", "bob", "copied too");
    JsonObject all = services.ask("sync", Map.of("last_sync", 0));
    assertThat(all.getJsonArray("logins").getJsonObject(0).fieldNames())
        .containsExactlyInAnyOrder("username", "timestamp");
    assertThat(all.getJsonArray("channels")).contains("geral");
    assertThat(texts(all.getJsonArray("channel_messages"))).contains("copied");
    assertThat(texts(all.getJsonArray("user_messages"))).contains("copied too");
    assertThat(services.ask("sync", Map.of()).getJsonArray("channels"))
        .containsAll(all.getJsonArray("channels"));
    JsonObject none = services.ask("sync", Map.of("last_sync", 9_000_000_000L));
    assertThat(none.getJsonArray("channel_messages")).isEmpty();
    assertThat(none.getJsonArray("logins")).isEmpty();
  }

  @Test
  void clocksAreTakenInWithinBounds() {
    long clock = fixture.server().node().bus().clock().value();
    long ignored = fixture.refused("clock-ignored");
    services.askRaw(
        StrictWriter.write(Map.of("service", "users", "clock", clock + 5_000, "timestamp", "x")));
    long now = fixture.server().node().bus().clock().value();
    assertThat(now).isGreaterThan(clock + 5_000);
    for (Object odd : List.of(now + 2_000_000, -1, 1.5, "soon", 9_007_199_254_740_992L)) {
      assertThat(
              services
                  .askRaw(
                      StrictWriter.write(Map.of("service", "users", "data", Map.of("clock", odd))))
                  .getJsonObject("data")
                  .getJsonArray("users"))
          .isNotEmpty();
    }
    assertThat(fixture.server().node().bus().clock().value()).isLessThan(now + 100_000);
    assertThat(fixture.refused("clock-ignored")).isEqualTo(ignored + 5);
  }

  @Test
  void whatIsNoRequestIsAnsweredAndNamed() {
    for (byte[] odd :
        List.of(
            new byte[0],
            new byte[] {(byte) 0xc1},
            "GET / HTTP/1.1".getBytes(UTF_8),
            StrictWriter.write(Map.of()),
            StrictWriter.write(Map.of("service", true)),
            StrictWriter.write(Map.of("service", "users", "data", List.of(1))))) {
      JsonObject data = services.askRaw(odd).getJsonObject("data");
      assertThat(data.getString("status")).isEqualTo("erro");
      assertThat(data.getString("description")).isNotBlank();
      assertThat(data.getLong("clock")).isPositive();
    }
    JsonObject unknown = services.ask("dance", Map.of());
    assertThat(unknown.getString("status")).isEqualTo("erro");
    assertThat(unknown.getString("description")).contains("\"dance\"").contains("login");
    assertThat(reference.ask("login", Map.of()).getString("description")).contains("rank");
    services.socket().sendMore("two");
    assertThat(services.askRaw(new byte[] {1}).getJsonObject("data").getString("description"))
        .contains("one frame");
    for (int size : List.of(ZeroMqFixture.MAX_MESSAGE_BYTES + 1, 5_000_000)) {
      JsonObject tooLarge = services.askRaw(new byte[size]).getJsonObject("data");
      assertThat(tooLarge.getString("description"))
          .contains(size + " bytes")
          .contains("at most " + ZeroMqFixture.MAX_MESSAGE_BYTES);
    }
  }

  @Test
  void aDealerIsAnsweredInOrderWithAndWithoutTheEmptyFrame() {
    Socket dealer = fixture.clients().createSocket(SocketType.DEALER);
    dealer.setReceiveTimeOut(20_000);
    dealer.connect(fixture.endpoint("zeromq-services"));
    for (int i = 0; i < 50; i++) {
      dealer.sendMore(new byte[0]);
      dealer.send(StrictWriter.write(Map.of("service", i % 2 == 0 ? "users" : "clock")));
    }
    for (int i = 0; i < 50; i++) {
      assertThat(dealer.recv()).isEmpty();
      assertThat(Packed.json(Objects.requireNonNull(dealer.recv())))
          .contains("\"service\":\"" + (i % 2 == 0 ? "users" : "clock"));
    }
    dealer.send(StrictWriter.write(Map.of("service", "clock")));
    assertThat(Packed.json(Objects.requireNonNull(dealer.recv()))).contains("time");
    dealer.close();
  }

  private Listener listener(String... topics) {
    return new Listener(fixture.clients(), fixture.endpoint(SUBSCRIPTIONS), topics);
  }

  private void publish(String user, String channel, String text) {
    assertThat(
            services
                .ask("publish", Map.of("user", user, "channel", channel, "message", text))
                .getString("status"))
        .isEqualTo("OK");
  }

  private void tell(String from, String to, String text) {
    assertThat(
            services
                .ask("message", Map.of("src", from, "dst", to, "message", text))
                .getString("status"))
        .isEqualTo("OK");
  }

  /** Publishes once, from a connection of its own. */
  private void publisher(String topic, Map<String, ?> map) {
    long received = fixture.figures().received();
    Socket socket = fixture.clients().createSocket(SocketType.XPUB);
    socket.setLinger(1_000);
    socket.connect(fixture.endpoint("zeromq-publications"));
    assertThat(socket.recv()).as("the subscription of the door").isEqualTo(new byte[] {1});
    socket.sendMore(topic);
    socket.send(StrictWriter.write(map));
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> fixture.figures().received() > received);
    socket.close();
  }

  private List<JsonObject> history(String channel) {
    return services.ask("history", Map.of("channel", channel)).getJsonArray("messages").stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  private long count(String channel, String text) {
    ChatService chat = fixture.server().gateway().services().chat();
    return await(chat.history(ServerFixture.ADMIN, channel, PageOf.newest(1_000))).items().stream()
        .filter(each -> each.text().equals(text))
        .count();
  }

  private static JsonObject last(JsonObject reply) {
    JsonArray messages = reply.getJsonArray("messages");
    return messages.getJsonObject(messages.size() - 1);
  }

  private static List<String> texts(JsonArray messages) {
    return messages.stream()
        .map(JsonObject.class::cast)
        .map(each -> each.getString("message"))
        .toList();
  }
}
