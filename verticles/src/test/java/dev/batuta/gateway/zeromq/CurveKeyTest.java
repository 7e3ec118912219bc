package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeromq.ZMQ;

class CurveKeyTest {
  @Test
  void thePublicHalfIsTheOneThatTheLibraryHas(@TempDir Path folder) throws IOException {
    for (int i = 0; i < 20; i++) {
      ZMQ.Curve.KeyPair pair = ZMQ.Curve.generateKeyPair();

      CurveKey read = CurveKey.read(file(folder, pair.secretKey + (i % 2 == 0 ? "\n" : "")));

      assertThat(read.publicKey()).isEqualTo(pair.publicKey);
      assertThat(read.secret()).isEqualTo(pair.secretKey);
    }
  }

  @Test
  void aNewOneIsAnotherEachTimeAndDoesNotTellItsSecret(@TempDir Path folder) throws IOException {
    CurveKey key = CurveKey.random();

    assertThat(CurveKey.random().secret()).isNotEqualTo(key.secret());
    assertThat(CurveKey.read(file(folder, key.secret())).publicKey()).isEqualTo(key.publicKey());
    assertThat(key.toString()).contains(key.publicKey()).doesNotContain(key.secret());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "too short",
        "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh", // 39
        "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6 ~",
        "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh~",
        "#########################################",
        "########################################", // above 2^32 in each five
        "-----BEGIN PRIVATE KEY-----"
      })
  void whatIsNoKeyIsToldWithoutAWordOfIt(String text, @TempDir Path folder) throws IOException {
    Path file = file(folder, text);

    assertThatThrownBy(() -> CurveKey.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("what it holds is not the 40 characters of a secret CURVE key in Z85");
  }

  @Test
  void aFileThatIsNoneIsTold(@TempDir Path folder) {
    assertThatThrownBy(() -> CurveKey.read(folder.resolve("none")))
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> CurveKey.read(folder)).hasMessageContaining("no such file");
  }

  private static Path file(Path folder, String text) throws IOException {
    return Files.writeString(folder.resolve("curve.key"), text, UTF_8);
  }
}
