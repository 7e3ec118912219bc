package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program of libzmq and another MessagePack, through the real ports. */
class PythonClientsTest {
  private static final String UNANSWERED =
      """
      import sys, zmq
      socket = zmq.Context().socket(zmq.REQ)
      socket.linger, socket.rcvtimeo = 0, 2_000
      if len(sys.argv) > 2:
          socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
          socket.curve_serverkey = sys.argv[2].encode()
      socket.connect(sys.argv[1])
      socket.send(b"\\x80")
      try:
          socket.recv()
          sys.exit("it was answered")
      except zmq.Again:
          pass
      """;

  private static final List<String> PORTS =
      List.of("zeromq-services", "zeromq-publications", "zeromq-subscriptions", "zeromq-reference");

  @Test
  void eachRowOfTheProtocolIsWhatAPythonClientExpects(@TempDir Path folder)
      throws IOException, InterruptedException {
    Path python = PythonClients.interpreter();
    try (ZeroMqFixture fixture = new ZeroMqFixture(folder)) {
      run(python, fixture);
    }
  }

  @Test
  void eachRowIsTheSameOverCurve(@TempDir Path folder) throws IOException, InterruptedException {
    Path python = PythonClients.interpreter();
    CurveKey key = CurveKey.random();
    try (ZeroMqFixture fixture = new ZeroMqFixture(folder, each -> each, Optional.of(key))) {
      run(python, fixture, key.publicKey());
      assertThat(fixture.refused("curve-failed")).isZero();

      getsNowhere(python, fixture);
      getsNowhere(python, fixture, CurveKey.random().publicKey());
      assertThat(fixture.refused("curve-failed")).isPositive();
    }
  }

  private static void getsNowhere(Path python, ZeroMqFixture fixture, String... serverKey)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(python.toString(), "-c", UNANSWERED));
    command.add(fixture.endpoint("zeromq-services"));
    command.addAll(List.of(serverKey));
    ClientCommand.passes(Path.of("").toAbsolutePath(), command.toArray(String[]::new));
  }

  private static void run(Path python, ZeroMqFixture fixture, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(python.toString(), "src/test/python/zeromq_rows.py"));
    for (String port : PORTS) {
      command.add(String.valueOf(fixture.port(port)));
    }
    command.addAll(List.of(more));
    ClientCommand.passes(Path.of("").toAbsolutePath(), command.toArray(String[]::new));
  }
}
