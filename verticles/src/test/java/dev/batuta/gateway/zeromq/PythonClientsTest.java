package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program of libzmq and another MessagePack, through the real ports. */
class PythonClientsTest {
  @Test
  void eachRowOfTheProtocolIsWhatAPythonClientExpects(@TempDir Path folder)
      throws IOException, InterruptedException {
    Path python = PythonClients.interpreter();
    try (ZeroMqFixture fixture = new ZeroMqFixture(folder)) {
      Process rows =
          new ProcessBuilder(
                  python.toString(),
                  "src/test/python/zeromq_rows.py",
                  String.valueOf(fixture.port("zeromq-services")),
                  String.valueOf(fixture.port("zeromq-publications")),
                  String.valueOf(fixture.port("zeromq-subscriptions")),
                  String.valueOf(fixture.port("zeromq-reference")))
              .redirectErrorStream(true)
              .start();
      String said = new String(rows.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(rows.waitFor()).as(said).isZero();
    }
  }
}
