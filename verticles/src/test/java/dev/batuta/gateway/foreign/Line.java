package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A TCP client of lines, from an address of its choice, which writes what it is given at once. */
final class Line implements AutoCloseable {
  private final Socket socket;
  private final BufferedReader in;

  private Line(Socket socket) throws IOException {
    socket.setSoTimeout(4_000); // which is less than what a connection that is owed something lasts
    this.socket = socket;
    this.in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  static Line to(int port) {
    return from("127.0.0.1", port);
  }

  /**
   * @param host of this machine, as 127.0.0.2 is
   */
  static Line from(String host, int port) {
    try {
      return new Line(
          new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName(host), 0));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  void says(String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  JsonObject hears() {
    return new JsonObject(Objects.requireNonNull(reads(), "the connection has ended"));
  }

  JsonObject asks(String json) {
    says(json + "\n");
    return hears();
  }

  /** Ends its side, and expects that the other side ends too, without another word. */
  void hangsUp() {
    try {
      socket.shutdownOutput();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    assertThat(reads()).isNull();
  }

  private @Nullable String reads() {
    try {
      return in.readLine();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
