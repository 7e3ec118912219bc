package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Listening.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import zmq.Msg;
import zmq.ZMQ;
import zmq.io.Metadata;
import zmq.io.net.Address;

class ConnectionsTest {
  private static final int MAX_MESSAGE = 1_024;

  private final DoorCounts counts = new DoorCounts();
  private final Connections connections = connections(Duration.ofSeconds(1));

  private Connections connections(Duration opening) {
    return new Connections(
        new DoorSettings(
            "zeromq-services",
            new Place("127.0.0.1", 0, "zeromq.host", "--set zeromq.port=P"),
            new AllowedHosts(List.of()),
            1,
            MAX_MESSAGE,
            DoorSettings.heldBytes(MAX_MESSAGE),
            1,
            Duration.ofHours(1),
            opening,
            Optional.empty()),
        counts,
        ended -> {});
  }

  private static ServerSocketChannel port() throws IOException {
    return ServerSocketChannel.open()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @Test
  void aLateGreetingIsCountedOnceAlsoWhenTheLibraryNoticesItLater() throws IOException {
    Connections impatient = connections(Duration.ZERO);
    try (ServerSocketChannel port = port();
        SocketChannel client = SocketChannel.open(port.getLocalAddress());
        SocketChannel accepted = port.accept()) {
      impatient.consume(new ZMQ.Event(ZMQ.ZMQ_EVENT_ACCEPTED, "", accepted));
      impatient.sweep();
      impatient.sweep();
      impatient.consume(new ZMQ.Event(ZMQ.ZMQ_EVENT_DISCONNECTED, "", accepted));

      assertThat(client.read(ByteBuffer.allocate(1))).as("it is ended").isEqualTo(-1);
      assertThat(counts.figures().refused()).isEqualTo(Map.of("too-slow", 1L));
      assertThat(counts.figures().connections()).isZero();
    }
  }

  @Test
  void whoHasGreetedInTimeStays() throws IOException {
    Connections impatient = connections(Duration.ZERO);
    try (ServerSocketChannel port = port();
        SocketChannel client = SocketChannel.open(port.getLocalAddress());
        SocketChannel accepted = port.accept()) {
      String address = new Address((InetSocketAddress) accepted.getRemoteAddress()).address();
      impatient.consume(new ZMQ.Event(ZMQ.ZMQ_EVENT_ACCEPTED, "", accepted));
      impatient.consume(new ZMQ.Event(ZMQ.ZMQ_EVENT_HANDSHAKE_PROTOCOL, address, null));
      impatient.sweep();

      client.configureBlocking(false);
      assertThat(client.read(ByteBuffer.allocate(1))).as("it is not ended").isZero();
      assertThat(counts.figures().refused()).isEmpty();
      assertThat(counts.figures().connections()).isEqualTo(1);
    }
  }

  @Test
  void whatNoFrameCanHaveIsAFrameThatIsNotKept() {
    for (int size : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      Msg frame = connections.allocate(size, "127.0.0.1:1");

      assertThat(frame.size()).isZero();
      assertThat(LibrarySocket.isKept(frame)).isFalse();
    }
  }

  @Test
  void whatIsTooLargeIsReadAndNotKept() {
    assertThat(LibrarySocket.isKept(connections.allocate(MAX_MESSAGE, "127.0.0.1:1"))).isTrue();

    Msg frame = connections.allocate(MAX_MESSAGE + 1, "127.0.0.1:1");

    assertThat(frame.size()).isEqualTo(MAX_MESSAGE + 1);
    assertThat(LibrarySocket.isKept(frame)).isFalse();
  }

  @Test
  void aFrameIsOfTheConnectionThatItCameByWhateverIsNotedWithIt() throws IOException {
    try (ServerSocketChannel port = port();
        SocketChannel client = SocketChannel.open(port.getLocalAddress());
        SocketChannel accepted = port.accept()) {
      connections.consume(new ZMQ.Event(ZMQ.ZMQ_EVENT_ACCEPTED, "", accepted));
      String address = new Address((InetSocketAddress) accepted.getRemoteAddress()).address();
      Metadata noted = new Metadata();
      noted.put(Metadata.PEER_ADDRESS, "192.0.2.1:1");
      ReceivedFrame frame = (ReceivedFrame) connections.allocate(10, address);
      frame.setMetadata(noted);
      frame.passes(address);

      assertThat(client.isConnected()).isTrue();
      assertThat(LibrarySocket.connection(List.of(frame)))
          .isNotNull()
          .extracting(Connection::address)
          .isEqualTo(address);
    }
  }
}
