package dev.batuta.gateway.zeromq;

import static dev.batuta.node.TestCluster.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.ServerFixture;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.ChatService.Saying;
import dev.batuta.gateway.zeromq.Listener.Heard;
import io.vertx.core.json.JsonObject;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ.Socket;

/** Each row of the tables of PROTOCOLS B for clients, through the real ports. */
class ZeroMqDoorTest extends ZeroMqCalls {
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
  void whatIsRefusedForANameSaysWhichFieldHasIt() {
    for (String name : List.of("", "nobody", "bob2")) {
      refusedFor("src", name, "message", Map.of("src", name, "dst", "bob", "message", "x"));
      refusedFor("dst", name, "message", Map.of("src", "ana", "dst", name, "message", "x"));
      refusedFor("user1", name, "private_history", Map.of("user1", name, "user2", "bob"));
      refusedFor("user2", name, "private_history", Map.of("user1", "ana", "user2", name));
      refusedFor("user", name, "subscribe", Map.of("user", name, "channel", "geral"));
      refusedFor("channel", name, "subscribe", Map.of("user", "ana", "channel", name));
      refusedFor("channel", name, "history", Map.of("channel", name));
      refusedFor("user", name, "publish", Map.of("user", name, "channel", "geral", "message", "x"));
      refusedFor(
          "channel", name, "publish", Map.of("user", "ana", "channel", name, "message", "x"));
    }
  }

  private void refusedFor(String field, String name, String service, Map<String, String> data) {
    JsonObject refused = services.ask(service, data);
    assertThat(refused.getString("status")).isEqualTo("erro");
    assertThat(refused.getString("description"))
        .startsWith("The field \"%s\": There is no ".formatted(field))
        .contains("'" + name + "'");
  }

  @Test
  void whatIsRefusedForANameShowsNothingOfItThatCannotBeSeen() {
    String hidden = "a\0b\u202e\u2028\u001b[31m";
    for (Map<String, String> wrong :
        List.of(
            Map.of("src", hidden, "dst", "bob", "message", "x"),
            Map.of("src", "ana", "dst", hidden, "message", "x"))) {
      assertThat(services.ask("message", wrong).getString("description"))
          .contains("'a\uFFFDb\uFFFD\uFFFD\uFFFD[31m'");
    }
    assertThat(services.ask("login", Map.of("user", hidden.repeat(20))).getString("description"))
        .contains("a\uFFFDb\uFFFD")
        .doesNotContain("\0", "\u001b", "\u202e");
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
  void whoGoesOnWithATakenNameHearsItInTheSpellingThatItHas() {
    services.ask("login", Map.of("user", "Zoé"));
    services.ask("channel", Map.of("channel", "Praça"));
    String accents = Normalizer.normalize("praça", Normalizer.Form.NFD);
    for (String user : List.of("Zoé", "ZOÉ", " zoé ")) {
      assertThat(services.ask("login", Map.of("user", user)).getString("status")).isEqualTo("erro");
      try (Listener mine = listener(user);
          Listener strangers = listener("zo", "Z", "")) {
        mine.awaitFirst(() -> tell("ana", user, "psst"));
        assertThat(mine.heard()).extracting(Heard::topic).containsOnly(user);
        assertThat(mine.heard().getFirst().map().getString("dst")).isEqualTo("Zoé");
        strangers.awaitFirst(() -> publish("ana", "geral", "to all"));
        assertThat(strangers.heard()).extracting(Heard::topic).doesNotContain(user, "Zoé");
      }
    }
    for (String channel : List.of("Praça", "PRAÇA", accents)) {
      try (Listener mine = listener(channel)) {
        mine.awaitFirst(() -> publish("bob", channel, "olá"));
        assertThat(mine.heard()).extracting(Heard::topic).containsOnly(channel);
      }
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
    ZContext context = new ZContext();
    Socket dealer = context.createSocket(SocketType.DEALER);
    dealer.setHandshakeIvl(Asker.HANDSHAKE_MILLIS);
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
    context.close();
  }
}
