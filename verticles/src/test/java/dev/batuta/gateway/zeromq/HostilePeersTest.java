package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Listening.Place;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
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
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;

/**
 * Peers that break the protocol beneath, or take less than comes; others are served all the while.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostilePeersTest {
  private static final List<String> PORTS =
      List.of("zeromq-services", "zeromq-publications", "zeromq-subscriptions", "zeromq-reference");

  private static final int MAX_CONNECTIONS = 40;

  private final Logger logger = (Logger) LoggerFactory.getLogger(SubscriptionPort.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private ZeroMqFixture fixture;
  private Asker services;

  @BeforeAll
  void start(@TempDir Path folder) {
    log.start();
    logger.addAppender(log);
    fixture = new ZeroMqFixture(folder, HostilePeersTest::everywhere);
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
        MAX_CONNECTIONS,
        usual.maxMessageBytes(),
        usual.maxHeldBytes(),
        usual.messagesPerSecond(),
        usual.idle(),
        usual.opening(),
        usual.tls());
  }

  @AfterAll
  void stop() {
    logger.detachAppender(log);
    fixture.close();
  }

  @Test
  void anyBytesBeforeAndAfterTheGreetingHarmNobody() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 400; i++) {
      String port = PORTS.get(i % PORTS.size());
      try (Socket peer = i % 3 > 1 ? handshaken(port) : connect(port)) {
        DataOutputStream out = new DataOutputStream(peer.getOutputStream());
        if (i % 3 == 1) {
          out.write(RawPeer.greeting("NULL"));
        }
        byte[] noise = new byte[random.nextInt(300)];
        random.nextBytes(noise);
        out.write(noise);
        out.flush();
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
  void aHugeFrameAndAMessageWithoutAnEndEndTheirConnection() throws IOException {
    for (String port : List.of("zeromq-services", "zeromq-reference")) {
      try (Socket peer = handshaken(port)) {
        DataOutputStream out = new DataOutputStream(peer.getOutputStream());
        out.write(2);
        out.writeLong(Long.MAX_VALUE);
        out.flush();
        RawPeer.awaitEnd(peer);
      }
      long before = fixture.refused("too-large");
      try (Socket peer = handshaken(port)) {
        DataOutputStream out = new DataOutputStream(peer.getOutputStream());
        out.flush();
        Thread endless = Thread.ofVirtual().start(() -> sendPartsWithoutEnd(out));
        RawPeer.awaitEnd(peer);
        endless.interrupt();
      }
      assertThat(fixture.refused("too-large"))
          .as(port + ": " + fixture.figures())
          .isGreaterThan(before);
      assertServed();
    }
  }

  private static void sendPartsWithoutEnd(DataOutputStream out) {
    try {
      while (!Thread.interrupted()) {
        out.write(new byte[] {1, 3, 'a', 'b', 'c'});
      }
    } catch (IOException ended) {
      // As it should.
    }
  }

  @Test
  void whoComesFromElsewhereIsNotLetIn() throws IOException {
    Optional<InetAddress> own = otherAddress();
    Assumptions.assumeThat(own).as("another address of this machine than loopback").isPresent();
    long before = fixture.refused("forbidden");
    try (Socket peer = new Socket(own.orElseThrow(), fixture.port("zeromq-services"))) {
      peer.setSoTimeout(20_000);
      RawPeer.awaitEnd(peer);
    }
    assertThat(fixture.refused("forbidden")).isEqualTo(before + 1);
    assertServed();
  }

  private static Optional<InetAddress> otherAddress() throws IOException {
    return Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
        .flatMap(each -> Collections.list(each.getInetAddresses()).stream())
        .filter(each -> !each.isLoopbackAddress() && each.getAddress().length == 4)
        .findFirst();
  }

  @Test
  void noMoreThanTheMostAreLetInAndOthersAgainWhenTheyAreGone() throws IOException {
    List<Socket> peers = new ArrayList<>();
    long before = fixture.refused("too-many-connections");
    for (int i = 0; i < MAX_CONNECTIONS + 10; i++) {
      peers.add(connect("zeromq-services"));
    }
    eventually(() -> fixture.refused("too-many-connections") > before);
    assertServed();
    for (Socket peer : peers) {
      peer.close();
    }
    eventually(
        () -> {
          try (Socket peer = connect("zeromq-services")) {
            peer.getOutputStream().write(RawPeer.greeting("NULL"));
            return peer.getInputStream().readNBytes(64).length == 64;
          }
        });
    assertServed();
  }

  @Test
  void aPeerThatGreetsNobodyIsSentAway() throws IOException {
    long before = fixture.refused("too-slow");
    try (Socket silent = connect("zeromq-services")) {
      RawPeer.awaitEnd(silent);
    }
    assertThat(fixture.refused("too-slow")).isEqualTo(before + 1);
    assertServed();
  }

  @Test
  void aSlowSubscriberLosesOnlyItsOwnAndIsCounted() throws IOException {
    String text = "x".repeat(20_000);
    long slowBefore = fixture.refused("too-slow");
    try (Socket slow = handshaken("zeromq-subscriptions");
        Listener fast = new Listener(fixture.endpoint("zeromq-subscriptions"), "geral")) {
      DataOutputStream out = new DataOutputStream(slow.getOutputStream());
      out.write(new byte[] {0, 6, 1, 'g', 'e', 'r', 'a', 'l'});
      out.flush();
      fast.awaitFirst(() -> publish("first"));
      int before = fast.heard().size();
      int[] said = {0};
      fast.await(
          () -> {
            for (int i = 0; i < 50; i++) {
              publish(text);
              said[0]++;
            }
            return log.list.stream().anyMatch(each -> each.getMessage().contains("lost messages"));
          });
      assertThat(fixture.refused("too-slow")).isGreaterThan(slowBefore);
      fast.await(() -> fast.heard().size() >= before + said[0]);
      assertThat(fast.heard()).hasSizeGreaterThanOrEqualTo(before + said[0]);
    }
    assertServed();
  }

  @Test
  void whoComesAgainUnderAnIdentityHearsWhatItAskedForThen() throws IOException {
    services.ask("login", Map.of("user", "bob"));
    try (Socket before = subscriber("one-identity", "geral");
        Listener fast = new Listener(fixture.endpoint("zeromq-subscriptions"), "geral")) {
      fast.awaitFirst(() -> publish("to both"));
      try (Socket after = subscriber("one-identity", "bob")) {
        RawPeer.awaitEnd(before);
        eventually(
            () -> {
              tell("bob", "to the user");
              return after.getInputStream().available() > 0;
            });
        publish("not asked for any more");
        tell("bob", "the end");
        assertThat(readUntil(after, "the end"))
            .contains("to the user")
            .doesNotContain("not asked for any more");
      }
    }
  }

  private Socket subscriber(String identity, String topic) throws IOException {
    byte[] ready = ready("zeromq-subscriptions");
    byte[] property =
        ("\u0008Identity\0\0\0" + (char) identity.length() + identity).getBytes(US_ASCII);
    ready[1] += (byte) property.length;
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(ready);
    whole.write(property);
    Socket peer = handshaken("zeromq-subscriptions", whole.toByteArray());
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    said.write(new byte[] {0, (byte) (1 + topic.length()), 1});
    said.write(topic.getBytes(US_ASCII));
    peer.getOutputStream().write(said.toByteArray());
    return peer;
  }

  private static String readUntil(Socket peer, String end) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(end) < 0) {
      int next = peer.getInputStream().read();
      assertThat(next).as("ended after " + read).isNotNegative();
      read.append((char) next);
    }
    return read.toString();
  }

  private void tell(String user, String text) {
    services.ask("message", Map.of("src", "ana", "dst", user, "message", text));
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

  private Socket handshaken(String port) throws IOException {
    return handshaken(port, ready(port));
  }

  /** A connection whose other side is ready too: what comes before that ends it. */
  private Socket handshaken(String port, byte[] ready) throws IOException {
    Socket peer = connect(port);
    peer.getOutputStream().write(RawPeer.greeting("NULL"));
    peer.getOutputStream().write(ready);
    DataInputStream in = new DataInputStream(peer.getInputStream());
    in.readFully(new byte[RawPeer.greeting("NULL").length + 1]);
    in.readFully(new byte[in.readUnsignedByte()]);
    return peer;
  }

  private static byte[] ready(String port) {
    SocketType type =
        switch (port) {
          case "zeromq-publications" -> SocketType.PUB;
          case "zeromq-subscriptions" -> SocketType.SUB;
          default -> SocketType.DEALER;
        };
    String name = type.name();
    byte[] head = "\u0005READY\u000bSocket-Type".getBytes(US_ASCII);
    byte[] ready = new byte[2 + head.length + 4 + name.length()];
    ready[0] = 4;
    ready[1] = (byte) (ready.length - 2);
    System.arraycopy(head, 0, ready, 2, head.length);
    ready[2 + head.length + 3] = (byte) name.length();
    System.arraycopy(name.getBytes(US_ASCII), 0, ready, 2 + head.length + 4, name.length());
    return ready;
  }

  private static void eventually(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(condition);
  }
}
