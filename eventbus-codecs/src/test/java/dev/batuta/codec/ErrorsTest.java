package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Run;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Each kind of error names its field and says what is wrong; each limit is shown. */
class ErrorsTest {
  private interface Packing {
    void into(MessageBufferPacker packer) throws IOException;
  }

  private static byte[] packed(Packing message) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packArrayHeader(3).packString("server-1").packLong(7);
      message.into(packer);
      return packer.toByteArray();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void refused(byte[] bytes, String why) {
    assertThatThrownBy(() -> PositionalForm.shared().decode(bytes))
        .isExactlyInstanceOf(MalformedMessage.class)
        .hasMessage(why);
  }

  private static void refusedAsJson(String json, String why) {
    assertThatThrownBy(() -> NamedForm.shared().fromJson(Buffer.buffer(json)))
        .isExactlyInstanceOf(MalformedMessage.class)
        .hasMessage(why);
  }

  @Test
  void aWrongTypeIsNamedByItsPath() {
    refused(
        packed(
            p -> {
              p.packArrayHeader(4).packInt(83).packString("server-1").packLong(12);
              p.packArrayHeader(1).packArrayHeader(4).packLong(1).packInt(1).packLong(0);
              p.packInt(7);
            }),
        "Run.tasks[0].payload: Expected Array, but got Integer (07)");
    refused(
        packed(p -> p.packArrayHeader(2).packInt(40).packInt(5)),
        "AskRank.server: Expected String, but got Integer (05)");
    refused(
        packed(p -> p.packArrayHeader(3).packInt(41).packString("a").packLong(1L << 40)),
        "Rank.rank: 1099511627776 does not fit into 32 bits");
    refused(
        packed(p -> p.packArrayHeader(2).packInt(40).packNil()),
        "AskRank.server: Expected String, but got Nil (c0)");
  }

  @Test
  void aTypeUnknownToThisVersionIsNamed() {
    refused(
        packed(p -> p.packArrayHeader(1).packInt(126)),
        "Envelope.message: type 126 is no Message known to this version");
    // A payload is no message.
    refused(
        packed(p -> p.packArrayHeader(2).packInt(50).packString("ana")),
        "Envelope.message: type 50 is no Message known to this version");
    refused(
        packed(p -> p.packArrayHeader(1).packInt(-1)),
        "Envelope.message: type -1 is no Message known to this version");
  }

  @Test
  void aConstantUnknownToThisVersionIsNamed() {
    refused(
        packed(p -> p.packArrayHeader(2).packInt(2).packInt(99)),
        "Failure.kind: constant 99 is unknown to this version, which knows "
            + List.of(Failure.Kind.values()));
  }

  @Test
  void aTextThatIsNotUtf8IsRefusedAndAReplacementCharacterIsNot() {
    refused(
        packed(
            p -> {
              p.packArrayHeader(2).packInt(40).packRawStringHeader(2);
              p.writePayload(new byte[] {(byte) 0xC3, 0x28});
            }),
        "AskRank.server: the text is not UTF-8");
    assertThat(
            PositionalForm.shared()
                .decode(packed(p -> p.packArrayHeader(2).packInt(40).packString("\uFFFD"))))
        .isEqualTo(new Envelope("server-1", 7, new ReferenceMessage.AskRank("\uFFFD")));
  }

  @Test
  void halfOfASurrogatePairIsNeitherWrittenNorReadInAnyForm() {
    Envelope halved = new Envelope("server-1", 7, new ReferenceMessage.AskRank("a🎼\ud83c"));
    String why =
        "AskRank.server: the text has half of a surrogate pair (\\ud83c) as its character 3";
    assertThatThrownBy(() -> PositionalForm.shared().encodeRoot(halved)).hasMessage(why);
    assertThatThrownBy(() -> NamedForm.shared().toMessagePack(halved)).hasMessage(why);
    assertThatThrownBy(() -> NamedForm.shared().toJson(halved)).hasMessage(why);
    refusedAsJson(
        """
        {"sender": "server-1", "clock": 7, "message": {"type": "askRank", "server": "a🎼\\ud83c"}}
        """,
        why);
    refused(
        packed(
            p -> {
              p.packArrayHeader(2).packInt(40).packRawStringHeader(3);
              p.writePayload(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0xBC});
            }),
        "AskRank.server: the text is not UTF-8");
  }

  @Test
  void moreThanIsLeftIsRefusedBeforeItIsAllocated() {
    refused(
        packed(p -> p.packArrayHeader(2).packInt(40).packRawStringHeader(1000)),
        "AskRank.server: 1000 bytes announced where 0 are left");
    refused(
        packed(p -> p.packArrayHeader(3).packInt(61).packArrayHeader(100_000).packLong(1)),
        "Accepted.ids: 100000 values announced in 1 bytes");
  }

  @Test
  void aClockThatNoSenderHasIsRefused() {
    for (long clock : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      byte[] bytes =
          PositionalForm.shared().encodeRoot(new Envelope("server-1", clock, new Done()));
      refused(bytes, "Envelope.clock: " + clock + " is not from 1 to " + Envelope.MAX_CLOCK);
    }
  }

  @Test
  void jsonNamesItsFieldsToo() {
    refusedAsJson("{\"sender\":\"s\",\"clock\":1}", "Envelope.message: is missing");
    refusedAsJson(
        "{\"sender\":\"s\",\"clock\":1,\"message\":{\"type\":\"walk\"}}",
        "Envelope.message: the type \"walk\" is no Message known here");
    refusedAsJson(
        "{\"sender\":\"s\",\"clock\":1,\"message\":{\"type\":\"askRank\",\"server\":null}}",
        "AskRank.server: is null");
    refusedAsJson(
        "{\"sender\":\"s\",\"clock\":1,\"message\":{\"type\":\"accepted\",\"ids\":[1,true]}}",
        "Accepted.ids[1]: expected a whole number, but got true");
    refusedAsJson(
        "{\"sender\":\"s\",\"clock\":1,\"message\":{\"type\":\"rank\",\"rank\":3000000000}}",
        "Rank.rank: 3000000000 is not from -2147483648 to 2147483647");
  }

  @Test
  void eachLimitIsKeptInBothDirections() {
    Limits limits = new Limits(400, 60, 12, 5);
    Schema schema = Schema.ENVELOPE;
    Schema unlimited = Schema.ENVELOPE;
    check(
        limits, schema, unlimited, run(12, "u"), run(13, "u"), "Run.tasks: number of elements 13");
    check(
        limits,
        schema,
        unlimited,
        run(1, "u".repeat(60)),
        run(1, "u".repeat(61)),
        "Run.tasks[0].payload.user: length 61");
    check(limits, schema, unlimited, run(5, "u".repeat(50)), run(9, "u".repeat(50)), "size ");
  }

  private static void check(
      Limits limits, Schema schema, Schema free, Envelope within, Envelope beyond, String why) {
    PositionalForm form = new PositionalForm(schema, limits);
    assertThat(form.decode(form.encodeRoot(within))).isEqualTo(within);
    byte[] bytes = new PositionalForm(free, Limits.DEFAULT).encodeRoot(beyond);
    assertThatThrownBy(() -> form.decode(bytes))
        .isExactlyInstanceOf(MalformedMessage.class)
        .hasMessageContaining(why)
        .satisfies(e -> assertThat(kind(e)).isEqualTo(Failure.Kind.TOO_LARGE));
    assertThatThrownBy(() -> form.encodeRoot(beyond))
        .isExactlyInstanceOf(MalformedMessage.class)
        .hasMessageContaining("is above the limit");
    assertThat(form.decode(form.encodeRoot(within))).isEqualTo(within);
  }

  private static Failure.Kind kind(Throwable e) {
    return ((MalformedMessage) e).failure().kind();
  }

  @Test
  void nestingIsBoundedAlsoInWhatIsSkippedAndInMaps() {
    Limits limits = new Limits(1000, 100, 100, 4);
    Envelope flat = new Envelope("s", 1, new Done());
    PositionalForm form = new PositionalForm(Schema.ENVELOPE, limits);
    assertThat(form.decode(form.encodeRoot(flat))).isEqualTo(flat);
    byte[] deep =
        packed(
            p -> {
              p.packArrayHeader(2).packInt(1);
              for (int i = 0; i < 500; i++) {
                p.packArrayHeader(1);
              }
              p.packNil();
            });
    assertThatThrownBy(() -> form.decode(deep))
        .isExactlyInstanceOf(MalformedMessage.class)
        .hasMessage("Done.(appended): depth 5 is above the limit 4");

    NamedForm named = new NamedForm(Schema.ENVELOPE, limits);
    assertThatThrownBy(() -> named.fromMessagePack(deep))
        .isExactlyInstanceOf(MalformedMessage.class)
        .hasMessageContaining("depth 5 is above the limit 4");
    JsonObject json = NamedForm.shared().toJson(run(1, "u"));
    assertThatThrownBy(() -> named.fromJson(json))
        .isExactlyInstanceOf(MalformedMessage.class)
        .hasMessageContaining("depth 5 is above the limit 4");
  }

  private static Envelope run(int tasks, String user) {
    return new Envelope(
        "server-1",
        1,
        Appended.record(
            Run.class,
            "server-1",
            12L,
            IntStream.range(0, tasks)
                .mapToObj(
                    i ->
                        Appended.record(
                            Assignment.class, (long) i, 1, 0L, Appended.record(Query.class, user)))
                .toList()));
  }
}
