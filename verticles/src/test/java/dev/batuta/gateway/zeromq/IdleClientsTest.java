package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.DoorSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdleClientsTest {
  /** Longer than a client needs from its connection to its first request. */
  private static final Duration IDLE = Duration.ofSeconds(4);

  @Test
  void onlyWhoNeverAskedIsSentAwayForItsSilence(@TempDir Path folder) throws IOException {
    try (ZeroMqFixture fixture = new ZeroMqFixture(folder, IdleClientsTest::impatient);
        Asker asker = fixture.services()) {
      asker.ask("users", Map.of());
      try (Socket silent =
          new Socket(InetAddress.getLoopbackAddress(), fixture.port("zeromq-services"))) {
        silent.setSoTimeout(60_000);
        silent.getInputStream().transferTo(OutputStream.nullOutputStream());
      }
      // The one that asked has been silent for longer; it asks behind all that is sent away now.
      asker.ask("users", Map.of());
      assertThat(fixture.refused("idle")).isEqualTo(1);
    }
  }

  private static DoorSettings impatient(DoorSettings usual) {
    return new DoorSettings(
        usual.name(),
        usual.place(),
        usual.allowed(),
        usual.maxConnections(),
        usual.maxMessageBytes(),
        usual.maxHeldBytes(),
        usual.messagesPerSecond(),
        IDLE,
        Duration.ofMinutes(1),
        usual.tls());
  }
}
