package dev.batuta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A WebSocket whose client sends what it likes of its frames. */
public final class HalfWebSocket implements AutoCloseable {
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int LAST = 0x80;
  private static final int MASKED = 0x80;
  private static final int SHORT = 125;
  private static final int TWO_BYTES = 126;

  private final Socket socket;
  private boolean inMessage;

  public HalfWebSocket(int port, String path) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    send(
        """
        GET %s HTTP/1.1
        Host: 127.0.0.1
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

        """
            .formatted(path)
            .replace("\n", "\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) socket.getInputStream().read());
    }
    assertThat(head).startsWith("HTTP/1.1 101");
  }

  /** A frame of a text that goes on in another frame. */
  public void fragment(int bytes) throws IOException {
    frame(inMessage ? 0 : TEXT, bytes, bytes);
    inMessage = true;
  }

  /** The beginning of the last frame of a text. */
  public void part(int bytes, int ofBytes) throws IOException {
    frame(LAST | (inMessage ? 0 : TEXT), ofBytes, bytes);
  }

  /** A whole text. */
  public void text(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    send(header(LAST | TEXT, bytes.length));
    send(bytes);
  }

  private void frame(int first, int length, int sent) throws IOException {
    send(header(first, length));
    send("x".repeat(sent).getBytes(StandardCharsets.US_ASCII));
  }

  /** With a mask of zeros, which changes nothing. */
  private static byte[] header(int first, int length) {
    ByteBuffer header = ByteBuffer.allocate(length <= SHORT ? 6 : 8).put((byte) first);
    if (length <= SHORT) {
      header.put((byte) (MASKED | length));
    } else {
      header.put((byte) (MASKED | TWO_BYTES)).putShort((short) length);
    }
    return header.array();
  }

  private void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** All that comes until the server closes, without what its close frame says. */
  public String rest() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int next = socket.getInputStream().read();
        next >= 0 && next != (LAST | CLOSE);
        next = socket.getInputStream().read()) {
      all.append((char) next);
    }
    return all.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
