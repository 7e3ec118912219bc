package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Listening.Place;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.assertj.core.api.Assumptions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** With CURVE all is as without it, limits too, but that nobody gets in without it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CurveDoorTest {
  private static final List<String> PORTS =
      List.of("zeromq-services", "zeromq-publications", "zeromq-subscriptions", "zeromq-reference");

  private static final CurveKey KEY = CurveKey.random();
  private static final int MAX = ZeroMqFixture.MAX_MESSAGE_BYTES;
  private static final byte[] USERS =
      StrictWriter.write(Map.of("service", "users", "data", Map.of()));

  /** Two requests of this size have room together, and no third. */
  private static final int LARGE = 100 * 1024;

  private ZeroMqFixture fixture;
  private Asker services;

  @BeforeAll
  void start(@TempDir Path folder) {
    fixture = new ZeroMqFixture(folder, CurveDoorTest::everywhere, Optional.of(KEY));
    services = fixture.services();
    services.ask("login", Map.of("user", "ana"));
    services.ask("channel", Map.of("channel", "geral"));
  }

  /** On all addresses of this machine, of which only loopback may come in. */
  private static DoorSettings everywhere(DoorSettings usual) {
    return new DoorSettings(
        usual.name(),
        new Place("0.0.0.0", 0, "zeromq.host", "--set zeromq.port=P"),
        new AllowedHosts(List.of()),
        usual.maxConnections(),
        usual.maxMessageBytes(),
        2 * MAX,
        usual.messagesPerSecond(),
        usual.idle(),
        usual.opening(),
        Optional.empty());
  }

  @AfterAll
  void stop() {
    services.close();
    fixture.close();
  }

  @Test
  void whoMeansAnotherServerGetsNowhere() {
    long before = fixture.refused("curve-failed");
    try (Asker lost =
        new Asker(fixture.endpoint("zeromq-services"), CurveKey.random().publicKey())) {
      lost.socket().send(USERS);
      eventually(() -> fixture.refused("curve-failed") > before);
      assertThat(lost.socket().recv(ZMQ.DONTWAIT)).isNull();
    }
    assertServed();
  }

  @Test
  void whoSpeaksInTheClearGetsNowhere() throws IOException {
    for (String port : PORTS) {
      long before = fixture.refused("curve-failed");
      try (Socket plain = connect(port)) {
        plain.getOutputStream().write(RawPeer.greeting("NULL"));
        RawPeer.awaitEnd(plain);
      }
      eventually(() -> fixture.refused("curve-failed") == before + 1);
    }
    try (Asker plain = new Asker(fixture.endpoint("zeromq-services"))) {
      plain.socket().send(USERS);
      assertServed();
      assertThat(plain.socket().recv(ZMQ.DONTWAIT)).isNull();
    }
    assertServed();
  }

  @Test
  void whatIsOlderThanCurveGetsNowhere() throws IOException {
    byte[] two = new byte[] {(byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, 3};
    for (byte[] older : new byte[][] {two, {1, 0}, {5, 0, 1, 2, 3, 4}}) {
      try (Socket peer = connect("zeromq-services")) {
        peer.getOutputStream().write(older);
        RawPeer.awaitEnd(peer);
      }
    }
    assertServed();
  }

  @Test
  void whoComesFromElsewhereIsNotLetIn() throws IOException {
    Optional<InetAddress> own =
        Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
            .flatMap(each -> Collections.list(each.getInetAddresses()).stream())
            .filter(each -> !each.isLoopbackAddress() && each.getAddress().length == 4)
            .findFirst();
    Assumptions.assumeThat(own).as("another address of this machine than loopback").isPresent();
    long before = fixture.refused("forbidden");
    String elsewhere = own.orElseThrow().getHostAddress();
    try (Asker asker =
        new Asker("tcp://" + elsewhere + ":" + fixture.port("zeromq-services"), KEY.publicKey())) {
      asker.socket().send(USERS);
      eventually(() -> fixture.refused("forbidden") > before);
      assertThat(asker.socket().recv(ZMQ.DONTWAIT)).isNull();
    }
    assertServed();
  }

  @Test
  void aRequestThatIsTooLargeIsToldSoAndOneThatIsFarTooLargeEndsItsConnection() {
    String told = told(services.askRaw(new byte[MAX + 1]));
    assertThat(told)
        .isEqualTo("The request has %d bytes: give at most %d.".formatted(MAX + 1, MAX));
    assertThat(told(services.askRaw(new byte[MAX]))).contains("no MessagePack map");

    long before = fixture.refused("too-large");
    long failed = fixture.refused("curve-failed");
    try (Asker large = encrypted()) {
      large.socket().send(new byte[2 * MAX + 1]);
      eventually(() -> fixture.refused("too-large") > before);
      assertThat(large.socket().recv(ZMQ.DONTWAIT)).isNull();
    }
    assertThat(fixture.refused("curve-failed")).isEqualTo(failed);
    assertServed();
  }

  @Test
  void aMessageOfTooManyFramesEndsItsConnection() {
    long before = fixture.refused("too-large");
    try (ZContext context = new ZContext()) {
      ZMQ.Socket dealer = dealer(context);
      for (int i = 0; i < 200; i++) {
        dealer.sendMore(new byte[1_000]);
      }
      dealer.send(new byte[1]);
      eventually(() -> fixture.refused("too-large") > before);
    }
    assertServed();
  }

  /**
   * As many at once as one client may have waiting: more than the library hands over, which comes
   * again with what found no room.
   */
  @Test
  void allOfManyRequestsInARowAreAnswered() {
    int atOnce = 250;
    try (ZContext context = new ZContext()) {
      ZMQ.Socket dealer = dealer(context);
      for (int round = 0; round < 20; round++) {
        for (int i = 0; i < atOnce; i++) {
          dealer.sendMore(new byte[0]);
          dealer.send(USERS);
        }
        for (int i = 0; i < atOnce; i++) {
          assertThat(dealer.recv()).as("the empty frame of reply %d", i).isEmpty();
          JsonObject reply = new JsonObject(Packed.json(dealer.recv()));
          assertThat(reply.getString("service")).isEqualTo("users");
        }
      }
    }
  }

  @Test
  void whatASubscriberHasReadDoesNotCountAsWaitingForIt() {
    String text = "x".repeat(20_000);
    long before = fixture.refused("too-slow");
    int count = 300; // more in all than may wait for one
    try (Listener listener =
        Listener.encrypted(fixture.endpoint("zeromq-subscriptions"), KEY.publicKey(), "geral")) {
      listener.awaitFirst(() -> publish("first"));
      int heard = listener.heard().size();
      for (int i = 1; i <= count; i++) {
        publish(text);
        int least = heard + i;
        if (i % 50 == 0) {
          listener.await(() -> listener.heard().size() >= least);
        }
      }
    }
    assertThat(fixture.refused("too-slow")).isEqualTo(before);
  }

  @Test
  void whatIsHeldIsGivenBackWithEachRequest() {
    for (int i = 0; i < 20; i++) {
      assertThat(told(services.askRaw(new byte[LARGE]))).contains("no MessagePack map");
    }
  }

  @Test
  void requestsThatAreNeverCompleteHoldNoMoreThanTheyMayAndSmallOnesAreServed() throws IOException {
    try (Middle first = Middle.stopping(fixture.port("zeromq-services"), LARGE / 2);
        Middle second = Middle.stopping(fixture.port("zeromq-services"), LARGE / 2);
        Asker one = new Asker(first.endpoint(), KEY.publicKey());
        Asker other = new Asker(second.endpoint(), KEY.publicKey())) {
      one.socket().send(new byte[LARGE]);
      other.socket().send(new byte[LARGE]);
      eventually(() -> first.passed() >= LARGE / 2 && second.passed() >= LARGE / 2);
      eventually(() -> told(services.askRaw(new byte[LARGE])).contains("wait; try again"));
      assertServed();
    }
    eventually(
        () -> {
          System.gc();
          return told(services.askRaw(new byte[LARGE])).contains("no MessagePack map");
        });
  }

  @Test
  void whoAsksMoreOftenThanItMayIsToldToWait(@TempDir Path folder) {
    try (ZeroMqFixture slow = new ZeroMqFixture(folder, CurveDoorTest::fewEach, Optional.of(KEY));
        ZContext context = new ZContext()) {
      ZMQ.Socket dealer = dealer(context, slow);
      for (int i = 0; i < 50; i++) {
        dealer.sendMore(new byte[0]);
        dealer.send(USERS);
      }
      List<JsonObject> replies = new ArrayList<>();
      while (replies.size() < 50) {
        assertThat(dealer.recv()).isEmpty();
        replies.add(new JsonObject(Packed.json(dealer.recv())));
      }
      assertThat(replies.stream().filter(each -> told(each).contains("more often")))
          .hasSizeBetween(30, 45);
      assertThat(slow.refused("busy")).isGreaterThanOrEqualTo(30);
    }
  }

  private static DoorSettings fewEach(DoorSettings usual) {
    return new DoorSettings(
        usual.name(),
        usual.place(),
        usual.allowed(),
        usual.maxConnections(),
        usual.maxMessageBytes(),
        usual.maxHeldBytes(),
        5,
        usual.idle(),
        usual.opening(),
        usual.tls());
  }

  @Test
  void anyBytesInsteadOfAHandshakeHarmNobody() throws IOException {
    Random random = new Random(7);
    byte[] hello = new byte[202];
    hello[0] = 4;
    hello[1] = (byte) 200;
    System.arraycopy("\u0005HELLO\u0001\0".getBytes(US_ASCII), 0, hello, 2, 8);
    for (int i = 0; i < 400; i++) {
      try (Socket peer = connect(PORTS.get(i % PORTS.size()))) {
        peer.getOutputStream().write(RawPeer.greeting("CURVE"));
        if (i % 3 > 0) {
          peer.getOutputStream().write(hello);
        }
        byte[] noise = new byte[random.nextInt(2_000)];
        random.nextBytes(noise);
        if (i % 3 > 1 && noise.length > 8) {
          noise[0] = 2; // a frame of any length
        }
        peer.getOutputStream().write(noise);
      } catch (IOException ended) {
        // The door was faster.
      }
      if (i % 20 == 0) {
        assertServed();
      }
    }
    assertServed();
    eventually(() -> fixture.figures().connections() <= 2);
  }

  @Test
  void whatIsChangedOnItsWayIsNotTakenAndHarmsNobody() throws IOException {
    int greeting = 64;
    for (int at = greeting + 5; at < 650; at += 23) {
      int changed = at;
      try (Middle middle = Middle.changing(fixture.port("zeromq-services"), at);
          Asker asker = new Asker(middle.endpoint(), KEY.publicKey())) {
        Map<String, String> login = Map.of("user", "changed" + at);
        asker.socket().send(StrictWriter.write(Map.of("service", "login", "data", login)));
        eventually(() -> middle.passed() > changed);
        assertServed();
      }
    }
    assertThat(services.ask("users", Map.of()).getJsonArray("users").stream())
        .noneMatch(user -> user.toString().startsWith("changed"));
  }

  private ZMQ.Socket dealer(ZContext context) {
    return dealer(context, fixture);
  }

  private static ZMQ.Socket dealer(ZContext context, ZeroMqFixture fixture) {
    ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
    CurveClients.encrypt(dealer, KEY.publicKey());
    dealer.setHandshakeIvl(Asker.HANDSHAKE_MILLIS);
    dealer.setReceiveTimeOut(20_000);
    dealer.setSndHWM(0);
    dealer.setRcvHWM(0);
    dealer.setLinger(0);
    dealer.connect(fixture.endpoint("zeromq-services"));
    return dealer;
  }

  private Asker encrypted() {
    return new Asker(fixture.endpoint("zeromq-services"), KEY.publicKey());
  }

  private static String told(JsonObject reply) {
    return reply.getJsonObject("data").getString("description", "");
  }

  private void publish(String text) {
    services.ask("publish", Map.of("user", "ana", "channel", "geral", "message", text));
  }

  private void assertServed() {
    assertThat(services.ask("users", Map.of()).getJsonArray("users")).contains("ana");
  }

  private Socket connect(String port) throws IOException {
    return RawPeer.connect(fixture.port(port));
  }

  private static void eventually(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(condition);
  }
}
