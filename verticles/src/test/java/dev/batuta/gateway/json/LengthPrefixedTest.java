package dev.batuta.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.HeldBytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LengthPrefixedTest {
  private static final int MAX = 100;

  @Property(tries = 300)
  void framesComeWholeAndInOrderHoweverTheStreamIsCut(
      @ForAll @Size(max = 20) List<@Size(max = MAX) byte[]> frames,
      @ForAll @IntRange(min = 1, max = 50) int piece) {
    Buffer stream = Buffer.buffer();
    frames.forEach(frame -> stream.appendInt(frame.length).appendBytes(frame));
    LengthPrefixed reader = new LengthPrefixed(MAX, new HeldBytes(1 << 20).share());
    List<byte[]> read = new ArrayList<>();
    for (int from = 0; from < stream.length(); from += piece) {
      reader.feed(stream.getBuffer(from, Math.min(stream.length(), from + piece)));
      for (Optional<Buffer> next = reader.next(); next.isPresent(); next = reader.next()) {
        read.add(next.get().getBytes());
      }
    }
    assertThat(read).usingRecursiveComparison().isEqualTo(frames);
    assertThat(reader.waitingBytes()).isZero();
  }

  @Property(tries = 300)
  void anyBytesAreFramesOrRefusedAndNoMoreIsKeptThanOneFrame(
      @ForAll @Size(max = 20) List<@Size(max = 3 * MAX) byte[]> pieces) {
    LengthPrefixed reader = new LengthPrefixed(MAX, new HeldBytes(1 << 20).share());
    try {
      for (byte[] piece : pieces) {
        reader.feed(Buffer.buffer(piece));
        for (Optional<Buffer> next = reader.next(); next.isPresent(); next = reader.next()) {
          assertThat(next.get().length()).isLessThanOrEqualTo(MAX);
        }
        assertThat(reader.waitingBytes()).isLessThan(MAX + 4);
      }
    } catch (Refused refused) {
      assertThat(refused.failure().code()).isEqualTo("too-large");
    }
  }

  @Test
  void aFrameThatIsCutAtAnyByteIsNotWhole() {
    Buffer frame = LengthPrefixed.frame(new JsonObject().put("type", "heartbeat"));
    for (int end = 0; end < frame.length(); end++) {
      LengthPrefixed reader = new LengthPrefixed(MAX, new HeldBytes(1 << 20).share());
      reader.feed(frame.getBuffer(0, end));
      assertThat(reader.next()).isEmpty();
    }
  }

  @Test
  void hugeAndNegativeLengthsAreRefusedBeforeAnythingOfThemCame() {
    for (int length : new int[] {MAX + 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
      LengthPrefixed reader = new LengthPrefixed(MAX, new HeldBytes(1 << 20).share());
      reader.feed(Buffer.buffer().appendInt(length));
      assertThatThrownBy(reader::next)
          .isInstanceOf(Refused.class)
          .hasMessageContaining(Integer.toUnsignedString(length) + " bytes")
          .hasMessageContaining("at most " + MAX);
    }
  }

  @Test
  void whatAllHoldIsBoundedAndGivenBackWithEachFrame() {
    HeldBytes held = new HeldBytes(10_000);
    LengthPrefixed first = new LengthPrefixed(8_000, held.share());
    LengthPrefixed second = new LengthPrefixed(8_000, held.share());
    Buffer part = Buffer.buffer().appendInt(6_004).appendBytes(new byte[6_000]);
    first.feed(part);
    assertThat(first.next()).isEmpty();
    assertThat(held.held()).isEqualTo(6_004);
    assertThatThrownBy(() -> second.feed(part))
        .isInstanceOfSatisfying(
            Refused.class, full -> assertThat(full.failure().code()).isEqualTo("busy"));
    assertThat(held.held()).as("of the first").isEqualTo(6_004);
    first.feed(Buffer.buffer(new byte[4]));
    assertThat(first.next()).isPresent();
    assertThat(first.next()).isEmpty();
    assertThat(held.held()).isZero();
    second.feed(part);
  }
}
