package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Listening.Place;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import zmq.Msg;

class ConnectionsTest {
  private static final int MAX_MESSAGE = 1_024;

  private final Connections connections =
      new Connections(
          new DoorSettings(
              "zeromq-services",
              new Place("127.0.0.1", 0, "zeromq.host", "--set zeromq.port=P"),
              new AllowedHosts(List.of()),
              1,
              MAX_MESSAGE,
              DoorSettings.heldBytes(MAX_MESSAGE),
              1,
              Duration.ofHours(1),
              Duration.ofSeconds(1),
              Optional.empty()),
          new DoorCounts(),
          ended -> {});

  @Test
  void whatNoFrameCanHaveIsAFrameThatIsNotKept() {
    for (int size : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      Msg frame = connections.allocate(size);

      assertThat(frame.size()).isZero();
      assertThat(LibrarySocket.isKept(frame)).isFalse();
    }
  }

  @Test
  void whatIsTooLargeIsReadAndNotKept() {
    assertThat(LibrarySocket.isKept(connections.allocate(MAX_MESSAGE))).isTrue();

    Msg frame = connections.allocate(MAX_MESSAGE + 1);

    assertThat(frame.size()).isEqualTo(MAX_MESSAGE + 1);
    assertThat(LibrarySocket.isKept(frame)).isFalse();
  }
}
