package dev.batuta.gateway.zeromq;

import java.io.IOException;
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
      ClientCommand.passes(
          Path.of("").toAbsolutePath(),
          python.toString(),
          "src/test/python/zeromq_rows.py",
          String.valueOf(fixture.port("zeromq-services")),
          String.valueOf(fixture.port("zeromq-publications")),
          String.valueOf(fixture.port("zeromq-subscriptions")),
          String.valueOf(fixture.port("zeromq-reference")));
    }
  }
}
