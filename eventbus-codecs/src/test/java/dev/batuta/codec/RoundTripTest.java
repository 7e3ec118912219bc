package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RoundTripTest {
  private final EnvelopeCodec codec = new EnvelopeCodec();

  @Provide
  Arbitrary<Envelope> envelopes() {
    return AnyMessage.envelope();
  }

  @Property(tries = 3000)
  void whatIsSentOverTheBusArrives(@ForAll("envelopes") Envelope sent) {
    Buffer buffer = Buffer.buffer();
    codec.encodeToWire(buffer, sent);
    assertThat(codec.decodeFromWire(0, buffer)).isEqualTo(sent);
  }

  @Property(tries = 2000)
  void whatIsWrittenAsJsonIsReadFromItsText(@ForAll("envelopes") Envelope sent) {
    NamedForm form = NamedForm.shared();
    Buffer text = form.toJson(sent).toBuffer();
    assertThat(form.fromJson(text)).isEqualTo(sent);
  }

  @Property(tries = 2000)
  void whatIsWrittenAsMapsIsReadFromThem(@ForAll("envelopes") Envelope sent) {
    NamedForm form = NamedForm.shared();
    assertThat(form.fromMessagePack(form.toMessagePack(sent))).isEqualTo(sent);
  }
}
