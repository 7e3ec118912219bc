package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ElectionMessage.Coordinator;
import dev.batuta.codec.ElectionMessage.Released;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes of the version before a field was appended are still read; what they lack is empty. */
class OldVectorsTest {
  private static final Path FOLDER = Path.of("src/test/resources/vectors-before");

  @ParameterizedTest
  @ValueSource(strings = {"coordinator", "coordinator-empty", "released", "released-empty"})
  void aMessageWithoutTheAppendedFieldsIsReadAsIfTheyWereEmpty(String name) throws IOException {
    Envelope expected = withoutCode(Objects.requireNonNull(Samples.all().get(name)));
    Buffer json = Buffer.buffer(Files.readAllBytes(FOLDER.resolve(name + ".json")));
    assertThat(NamedForm.shared().fromJson(json)).isEqualTo(expected);
    byte[] named = Files.readAllBytes(FOLDER.resolve(name + ".msgpack"));
    assertThat(NamedForm.shared().fromMessagePack(named)).isEqualTo(expected);
    byte[] positional = Files.readAllBytes(FOLDER.resolve(name + ".positional.msgpack"));
    assertThat(PositionalForm.shared().decode(positional)).isEqualTo(expected);
  }

  private static Envelope withoutCode(Envelope now) {
    ElectionMessage before =
        switch ((ElectionMessage) now.message()) {
          case Coordinator c ->
              new Coordinator(
                  c.server(), c.epoch(), c.acting(), c.previous(), c.reason(), "", List.of());
          case Released r -> new Released(r.server(), r.epoch(), r.reason(), "", List.of());
          case ElectionMessage.Election _, ElectionMessage.Ok _ -> throw new AssertionError();
          case ElectionMessage.HandOver _, ElectionMessage.AskElection _ ->
              throw new AssertionError();
        };
    return new Envelope(now.sender(), now.clock(), before);
  }
}
