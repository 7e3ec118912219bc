package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.batuta.codec.Refused;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What encoders of other languages were seen to write, and what nobody should. */
class LooseReaderTest {
  private static final byte[] LOGIN =
      StrictWriter.write(Map.of("service", "login", "data", Map.of("user", "alice", "n", 1.5)));

  @Test
  void keysAndTextsAreStrOrBin() {
    LooseMap map =
        LooseReader.read(
            Packed.of(
                packer -> {
                  packer.packMapHeader(2);
                  Packed.bin(packer, "user".getBytes(UTF_8));
                  Packed.bin(packer, "joão".getBytes(UTF_8));
                  packer.packString("channel");
                  Packed.bin(packer, "geral".getBytes(UTF_8));
                }));
    assertThat(map.text("user")).contains("joão");
    assertThat(map.text("channel")).contains("geral");
  }

  @Test
  void aNumberWhereATextIsMeantIsItsDigits() {
    assertThat(field(packer -> packer.packInt(7)).text("f")).contains("7");
    assertThat(field(packer -> packer.packDouble(7)).text("f")).contains("7");
    assertThat(field(packer -> packer.packDouble(1.5)).text("f")).contains("1.5");
    assertThat(field(packer -> packer.packDouble(1e20)).text("f"))
        .contains("100000000000000000000");
    assertThat(field(packer -> packer.packFloat(0.1f)).text("f")).contains("0.1");
    assertThat(field(packer -> packer.packFloat(0x1p30f)).text("f")).contains("1073741824");
    BigInteger most = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    assertThat(field(packer -> packer.packBigInteger(most)).text("f"))
        .contains("18446744073709551615");
  }

  @Test
  void anIntegerIsOneInAnyWidthAsAFloatAndAsDigits() {
    for (Packed.Writing five :
        List.<Packed.Writing>of(
            packer -> packer.packLong(5),
            packer -> packer.packDouble(5),
            packer -> packer.packFloat(5),
            packer -> packer.packString("5"),
            packer -> Packed.bin(packer, (byte) '5'),
            packer -> packer.writePayload(new byte[] {(byte) 0xcf, 0, 0, 0, 0, 0, 0, 0, 5}),
            packer -> packer.writePayload(new byte[] {(byte) 0xd3, 0, 0, 0, 0, 0, 0, 0, 5}),
            packer -> packer.writePayload(new byte[] {(byte) 0xcd, 0, 5}))) {
      assertThat(field(five).integer("f")).isEqualTo(OptionalLong.of(5));
      assertThat(field(five).number("f")).contains(5.0);
    }
    for (Packed.Writing none :
        List.<Packed.Writing>of(
            packer -> packer.packDouble(5.5),
            packer -> packer.packDouble(Double.NaN),
            packer -> packer.packDouble(1e300),
            packer -> packer.packBigInteger(BigInteger.TWO.pow(64).subtract(BigInteger.ONE)),
            packer -> packer.packString("five"),
            packer -> packer.packBoolean(true),
            packer -> packer.packNil())) {
      assertThat(field(none).integer("f")).isEmpty();
    }
  }

  @Test
  void oneInstantIsTheSameInAllItsForms() {
    long millis = 1_767_225_600_123L;
    long seconds = millis / 1_000;
    byte[] timestamp64 = ByteBuffer.allocate(8).putLong((123_000_000L << 34) | seconds).array();
    byte[] timestamp96 = ByteBuffer.allocate(12).putInt(123_000_000).putLong(seconds).array();
    byte[] timestamp32 = ByteBuffer.allocate(4).putInt((int) seconds).array();
    for (Packed.Writing exact :
        List.<Packed.Writing>of(
            packer -> packer.packLong(millis),
            packer -> packer.packDouble((double) millis),
            packer -> packer.packDouble(millis / 1e3),
            packer -> packer.packLong(millis * 1_000),
            packer -> packer.packLong(millis * 1_000_000),
            packer -> packer.packString(Double.toString(millis / 1e3)),
            packer -> packer.packString("2026-01-01T00:00:00.123Z"),
            packer -> packer.packString("2026-01-01T00:00:00.123"),
            packer -> packer.packString("2026-01-01 00:00:00.123"),
            packer -> packer.packString("2025-12-31T21:00:00.123-03:00"),
            packer -> Packed.extension(packer, -1, timestamp64),
            packer -> Packed.extension(packer, -1, timestamp96),
            packer -> Packed.extension(packer, 13, Packed.of(p -> p.packDouble((double) millis))),
            packer -> Packed.extension(packer, 13, Packed.of(p -> p.packLong(millis))))) {
      assertThat(field(exact).time("f")).isEqualTo(OptionalLong.of(millis));
    }
    assertThat(field(packer -> packer.packLong(seconds)).time("f"))
        .isEqualTo(OptionalLong.of(seconds * 1_000));
    assertThat(field(packer -> Packed.extension(packer, -1, timestamp32)).time("f"))
        .isEqualTo(OptionalLong.of(seconds * 1_000));
  }

  @Test
  void noneIsNilOrUndefinedOrNotThere() {
    LooseMap nil = field(packer -> packer.packNil());
    LooseMap undefined = field(packer -> Packed.extension(packer, 0, (byte) 0));
    for (LooseMap none : List.of(nil, undefined, LooseMap.EMPTY)) {
      assertThat(none.has("f")).isFalse();
      assertThat(none.text("f")).isEmpty();
      assertThat(none.time("f")).isEmpty();
      assertThat(none.integer("f")).isEmpty();
      assertThat(none.map("f").has("x")).isFalse();
      assertThatThrownBy(() -> none.required("f"))
          .isInstanceOf(Refused.class)
          .hasMessage("The field \"f\" is missing: give a text.");
    }
  }

  @Test
  void thePeculiaritiesOfPhpAreUnderstoodOrNamed() {
    LooseMap object =
        LooseReader.read(
            Packed.of(
                packer -> {
                  packer.packMapHeader(4);
                  packer.packNil();
                  packer.packString("App\\Login");
                  packer.packInt(0);
                  packer.packString("listed");
                  packer.packString("service");
                  packer.packString("users");
                  packer.packString("data");
                  packer.packArrayHeader(0);
                }));
    assertThat(object.text("service")).contains("users");
    assertThat(object.map("data").has("x")).isFalse();
    byte[] reference =
        Packed.field(
            "data",
            packer -> {
              packer.packMapHeader(2);
              packer.packNil();
              packer.packInt(5);
              packer.packInt(0);
              packer.packInt(1);
            });
    assertThatThrownBy(() -> LooseReader.read(reference))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("reference of PHP")
        .hasMessageContaining("clone");
  }

  @Test
  void whatCannotBeReadIsRefusedWithTheRemedy() {
    assertThatThrownBy(
            () -> LooseReader.read(Packed.of(packer -> packer.packArrayHeader(1).packInt(1))))
        .hasMessageContaining("to_vec_named")
        .hasMessageContaining("MSGPACK_DEFINE_MAP");
    assertThatThrownBy(
            () ->
                LooseReader.read(
                        Packed.field("data", packer -> packer.packArrayHeader(1).packInt(1)))
                    .map("data"))
        .hasMessageContaining("The data is an array of 1 values without keys");
    assertThatThrownBy(
            () ->
                LooseReader.read(
                    Packed.of(packer -> Packed.extension(packer, 114, new byte[] {1}))))
        .hasMessageContaining("useRecords: false");
    // A serialization of R begins like this.
    assertThatThrownBy(
            () -> LooseReader.read(new byte[] {0x58, 0x0a, 0, 0, 0, 3, 0, 4, 2, 1, 0, 3, 5, 0}))
        .hasMessageContaining("no MessagePack map")
        .hasMessageContaining("the number 88");
    assertThatThrownBy(() -> LooseReader.read(new byte[0])).hasMessageContaining("empty");
  }

  @Test
  void aFieldThatCannotBeMeantIsNamed() {
    LooseMap odd =
        LooseReader.read(
            Packed.of(
                packer -> {
                  packer.packMapHeader(4);
                  packer.packString("user");
                  packer.packBoolean(true);
                  packer.packString("message");
                  Packed.bin(packer, (byte) 0xff, (byte) 0xfe);
                  packer.packString("last_sync");
                  packer.packString("yesterday\u0007");
                  packer.packString("kind");
                  Packed.extension(packer, 77, (byte) 1);
                }));
    assertThatThrownBy(() -> odd.text("user"))
        .hasMessage("The field \"user\" is the boolean true: give a text.");
    assertThatThrownBy(() -> odd.required("message"))
        .hasMessage("The field \"message\" is 2 bytes that are no UTF-8: give a text.");
    assertThatThrownBy(() -> odd.time("last_sync"))
        .hasMessageStartingWith("The field \"last_sync\" is the text \"yesterday\uFFFD\"");
    assertThatThrownBy(() -> odd.text("kind")).hasMessageContaining("extension 77");
  }

  @Test
  void depthAndNumberAreBounded() {
    byte[] deep = new byte[10_000];
    Arrays.fill(deep, (byte) 0x91);
    assertThatThrownBy(() -> LooseReader.read(deep))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("deeper than 32");
    byte[] wide =
        Packed.field(
            "f",
            packer -> {
              packer.packArrayHeader(LooseReader.MAX_VALUES);
              for (int i = 0; i < LooseReader.MAX_VALUES; i++) {
                packer.packNil();
              }
            });
    assertThatThrownBy(() -> LooseReader.read(wide)).hasMessageContaining("10000 values");
    for (byte[] huge :
        List.of(
            new byte[] {(byte) 0xdf, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            new byte[] {(byte) 0xdd, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            new byte[] {(byte) 0xdb, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            new byte[] {(byte) 0xdb, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            new byte[] {(byte) 0xc9, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1})) {
      assertThatThrownBy(() -> LooseReader.read(huge)).isInstanceOf(Refused.class);
    }
  }

  @Test
  void whatIsCutOffAnywhereIsRefused() {
    for (int length = 0; length < LOGIN.length; length++) {
      byte[] cut = Arrays.copyOf(LOGIN, length);
      assertThatThrownBy(() -> LooseReader.read(cut))
          .as("cut after %d bytes", length)
          .isInstanceOf(Refused.class);
    }
    byte[] longer = Arrays.copyOf(LOGIN, LOGIN.length + 1);
    assertThatThrownBy(() -> LooseReader.read(longer)).hasMessageContaining("1 bytes follow");
  }

  @Property
  void anyBytesAreAMapOrRefused(@ForAll @Size(max = 200) byte[] bytes) {
    Throwable thrown = catchThrowable(() -> LooseReader.read(bytes));
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(Refused.class);
    }
  }

  @Property
  void oneWrongByteIsAMapOrRefused(@ForAll byte wrong, @ForAll int place) {
    byte[] bytes = LOGIN.clone();
    bytes[Math.floorMod(place, bytes.length)] = wrong;
    anyBytesAreAMapOrRefused(bytes);
  }

  private static LooseMap field(Packed.Writing value) {
    return LooseReader.read(Packed.field("f", value));
  }
}
