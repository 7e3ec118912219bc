package dev.batuta.cli.bench;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Target;
import dev.batuta.codec.Bytes;
import dev.batuta.codec.ChatMessage.Op;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.EnvelopeCodec;
import dev.batuta.codec.Message;
import dev.batuta.codec.NamedForm;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * Messages of the chat written and read by the codec of the bus, beside the same as the {@link
 * JsonObject} by which one would send them over the event bus of Vert.x; in this process.
 */
public final class CodecRow implements BenchRow {
  private static final double MUST_REACH = 300_000;
  private static final Duration TIME = Duration.ofSeconds(1);

  private final BenchScale scale;
  private final List<Envelope> messages = messages();
  private final List<JsonObject> json =
      messages.stream().map(message -> NamedForm.shared().toJson(message)).toList();
  private final EnvelopeCodec codec = new EnvelopeCodec();

  public CodecRow(BenchScale scale) {
    this.scale = scale;
  }

  @Override
  public String name() {
    return "codec";
  }

  @Override
  public void measure(Target target, Output output, Consumer<List<Figure>> done) {
    scale.check();
    done.accept(
        List.of(
            SideBySide.rates(
                name(),
                "messages/s",
                scale,
                output,
                MUST_REACH,
                () -> perSecond(this::json),
                () -> perSecond(this::ours))));
  }

  private int ours(int i) {
    Buffer buffer = Buffer.buffer(256);
    codec.encodeToWire(buffer, messages.get(i));
    return (int) codec.decodeFromWire(0, buffer).clock();
  }

  private int json(int i) {
    return new JsonObject(json.get(i).toBuffer()).size();
  }

  /**
   * @param once writes a message, reads it, and gives something of what was read, which is used so
   *     that nothing of it is left out
   */
  private double perSecond(IntUnaryOperator once) {
    long start = System.nanoTime();
    long count = 0;
    long read = 0;
    while (System.nanoTime() - start < TIME.toNanos()) {
      for (int i = 0; i < messages.size(); i++) {
        read += once.applyAsInt(i);
      }
      count += messages.size();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (read == 0) {
      throw new IllegalStateException("nothing was read");
    }
    return count / seconds;
  }

  private static List<Envelope> messages() {
    var text = "x".repeat(100);
    var bytes = Bytes.owning(text.getBytes(StandardCharsets.UTF_8));
    var op = new Op("server-1", 0x5eed_1234_abcd_ef01L, 1_000_000, bytes);
    var all = new ArrayList<Message>();
    for (int i = 0; i < 10; i++) {
      all.add(new Publish("alice", "geral", text, "message-" + i));
      all.add(
          new Posted(
              "id-" + i,
              "geral",
              null,
              "alice",
              text,
              1_000_000 + i,
              1_760_000_000_000L + i,
              "server-1"));
    }
    all.add(new Replicate("server-1", Collections.nCopies(20, op)));
    return all.stream().map(message -> new Envelope("server-1", 1_500_000, message)).toList();
  }
}
