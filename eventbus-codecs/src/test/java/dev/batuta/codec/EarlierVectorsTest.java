package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ClusterMessage.Heartbeat;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that earlier versions wrote are read: a field that was appended has its default. */
class EarlierVectorsTest {
  private static final Path FOLDER = Path.of("src/test/resources/earlier-vectors");

  @ParameterizedTest
  @ValueSource(strings = {"", "-empty"})
  void aHeartbeatOfBeforePortsIsReadWithNone(String suffix) throws IOException {
    Envelope now = Objects.requireNonNull(Samples.all().get("heartbeat" + suffix));
    Envelope expected =
        new Envelope(now.sender(), now.clock(), withoutPorts((Heartbeat) now.message()));
    String name = "heartbeat-without-ports" + suffix;

    assertThat(PositionalForm.shared().decode(read(name + ".positional.msgpack")))
        .isEqualTo(expected);
    assertThat(NamedForm.shared().fromMessagePack(read(name + ".msgpack"))).isEqualTo(expected);
    assertThat(NamedForm.shared().fromJson(Buffer.buffer(read(name + ".json"))))
        .isEqualTo(expected);
  }

  private static Heartbeat withoutPorts(Heartbeat of) {
    return new Heartbeat(
        of.node(),
        of.incarnation(),
        of.member(),
        of.pid(),
        of.url(),
        of.roles(),
        of.rank(),
        of.state(),
        of.offsetMicros(),
        of.load(),
        of.requests(),
        of.database(),
        of.queued(),
        of.running(),
        of.workers(),
        of.borrowed(),
        List.of());
  }

  private static byte[] read(String name) throws IOException {
    return Files.readAllBytes(FOLDER.resolve(name));
  }
}
