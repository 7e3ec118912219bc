package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Submit;
import io.vertx.core.buffer.Buffer;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeCodecTest {
  private final EnvelopeCodec codec = new EnvelopeCodec();

  @Test
  void anEnvelopeArrivesAsItWasSentWhereverItLiesInTheBuffer() {
    Envelope sent =
        new Envelope(
            "server-1",
            77,
            Appended.record(
                Submit.class,
                "ana",
                null,
                List.of(
                    Appended.record(
                        NewTask.class,
                        Appended.record(Query.class, "11111111111"),
                        5,
                        0L,
                        0L,
                        0))));
    Buffer buffer = Buffer.buffer("before");
    codec.encodeToWire(buffer, sent);
    int end = buffer.length();
    buffer.appendString("after");

    assertThat(buffer.getInt(6)).isEqualTo(end - 10);
    assertThat(codec.decodeFromWire(6, buffer)).isEqualTo(sent);
  }

  @Test
  void deliveryInsideAJvmPassesTheEnvelopeItself() {
    Envelope envelope = new Envelope("server-1", 1, new Done());
    assertThat(codec.transform(envelope)).isSameAs(envelope);
    assertThat(codec.systemCodecID()).isEqualTo((byte) -1);
    assertThat(codec.name()).isEqualTo("batuta");
  }

  @Test
  void aFrameThatIsNoEnvelopeArrivesAsAFailureAndNotAsAnException() {
    Buffer buffer = Buffer.buffer().appendInt(3).appendBytes(new byte[] {(byte) 0x93, 1, 2});

    Envelope arrived = codec.decodeFromWire(0, buffer);

    assertThat(arrived.unreadable()).isTrue();
    assertThat(arrived.message())
        .isEqualTo(
            new Failure(
                Failure.Kind.INVALID, "malformed-message", "3 values announced in 2 bytes"));
  }

  @Test
  void aFrameWhoseLengthIsALieArrivesAsAFailure() {
    for (int length : new int[] {-1, 4, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      Buffer buffer = Buffer.buffer().appendInt(length).appendBytes(new byte[3]);
      assertThat(codec.decodeFromWire(0, buffer).unreadable()).isTrue();
    }
    assertThat(codec.decodeFromWire(0, Buffer.buffer()).unreadable()).isTrue();
    assertThat(codec.decodeFromWire(9, Buffer.buffer("short")).unreadable()).isTrue();
  }

  @Test
  void inThePlaceOfAMessageThatIsTooLargeItsFailureTravels() {
    String text = "x".repeat(9 << 20);
    Buffer buffer = Buffer.buffer();

    codec.encodeToWire(
        buffer,
        new Envelope(
            "server-1",
            5,
            Appended.record(ChatMessage.Publish.class, "ana", "general", text, "1")));

    assertThat(codec.decodeFromWire(0, buffer))
        .isEqualTo(
            new Envelope(
                "server-1",
                5,
                new Failure(
                    Failure.Kind.TOO_LARGE,
                    "malformed-message",
                    "Publish.text: length 9437184 is above the limit 8388608")));
  }

  @Test
  void inThePlaceOfAMessageWithAHoleItsFailureTravels() {
    Buffer buffer = Buffer.buffer();

    codec.encodeToWire(
        buffer,
        new Envelope(
            "server-1", 5, new TaskMessage.Accepted(Collections.singletonList(null), true)));

    assertThat(((Failure) codec.decodeFromWire(0, buffer).message()).message())
        .isEqualTo("Accepted.ids[0]: is null");
  }
}
