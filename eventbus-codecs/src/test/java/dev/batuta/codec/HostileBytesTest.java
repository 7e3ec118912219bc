package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Wrong bytes give one typed error, whatever they are, and cost no more than their size. */
class HostileBytesTest {
  private static final List<Function<byte[], Envelope>> DECODERS =
      List.of(PositionalForm.shared()::decode, NamedForm.shared()::fromMessagePack);

  /** What a decoder may allocate for each byte that it was given, beyond a fixed amount. */
  private static final int PER_BYTE = 120;

  private static final int FIXED = 64 * 1024;

  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Decodes or fails with the one typed error; measured when all classes are there. */
  private static void decode(byte[] bytes) {
    for (Function<byte[], Envelope> decoder : DECODERS) {
      attempt(decoder, bytes);
      long before = THREAD.getCurrentThreadAllocatedBytes();
      attempt(decoder, bytes);
      long allocated = THREAD.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated).isLessThan(FIXED + (long) PER_BYTE * bytes.length);
    }
  }

  private static void attempt(Function<byte[], Envelope> decoder, byte[] bytes) {
    try {
      assertThat(decoder.apply(bytes)).isNotNull();
    } catch (MalformedMessage expected) {
      // "is null" says what was wrong with a value; any other null is one of ours.
      assertThat(String.valueOf(expected.getMessage()).replace("is null", ""))
          .isNotBlank()
          .doesNotContain("null");
    }
  }

  @Test
  void everyTruncationOfEveryMessageIsRefused() {
    for (Envelope envelope : Samples.all().values()) {
      byte[] positional = PositionalForm.shared().encodeRoot(envelope);
      byte[] named = NamedForm.shared().toMessagePack(envelope);
      for (int length = 0; length < positional.length; length++) {
        byte[] cut = Arrays.copyOf(positional, length);
        assertThatThrownBy(() -> PositionalForm.shared().decode(cut))
            .isExactlyInstanceOf(MalformedMessage.class);
      }
      for (int length = 0; length < named.length; length++) {
        byte[] cut = Arrays.copyOf(named, length);
        assertThatThrownBy(() -> NamedForm.shared().fromMessagePack(cut))
            .isExactlyInstanceOf(MalformedMessage.class);
      }
    }
  }

  @Test
  void whatFollowsAMessageIsRefused() {
    for (Envelope envelope : Samples.all().values()) {
      byte[] bytes = PositionalForm.shared().encodeRoot(envelope);
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
      assertThatThrownBy(() -> PositionalForm.shared().decode(longer))
          .isExactlyInstanceOf(MalformedMessage.class)
          .hasMessage("1 bytes follow the message");
    }
  }

  @Property(tries = 5000)
  void randomBytesAreRefusedOrRead(@ForAll byte[] bytes) {
    decode(bytes);
  }

  @Provide
  Arbitrary<byte[]> messages() {
    return Arbitraries.oneOf(
        AnyMessage.envelope().map(PositionalForm.shared()::encodeRoot),
        AnyMessage.envelope().map(NamedForm.shared()::toMessagePack));
  }

  @Property(tries = 3000)
  void mutatedMessagesAreRefusedOrRead(@ForAll("messages") byte[] message, @ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = message.clone();
    for (int change = 0; change < 5; change++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        // The headers that announce the most.
        case 1 -> bytes[at] = (byte) (0xC0 + random.nextInt(32));
        case 2 -> bytes = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length + 20));
        default -> System.arraycopy(bytes, at, bytes, 0, random.nextInt(bytes.length - at));
      }
      decode(bytes);
    }
  }

  @Test
  void announcedGigabytesAllocateNothing() {
    for (int tag : new int[] {0xC6, 0xDB, 0xDD, 0xDF, 0xC9}) {
      for (int length : new int[] {Integer.MAX_VALUE, -1, 16 << 20, 1 << 30}) {
        byte[] header = {
          (byte) tag,
          (byte) (length >>> 24),
          (byte) (length >>> 16),
          (byte) (length >>> 8),
          (byte) length,
        };
        decode(header);
        decode(concat(new byte[] {(byte) 0x93}, header));
        // As the text of a chat message, and as the operations of a replica.
        decode(concat(new byte[] {(byte) 0x93, (byte) 0xA1, 's', 1, (byte) 0x95, 93}, header));
        decode(
            concat(
                new byte[] {(byte) 0x93, (byte) 0xA1, 's', 1, (byte) 0x93, 104, (byte) 0xA1, 's'},
                header));
      }
    }
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
