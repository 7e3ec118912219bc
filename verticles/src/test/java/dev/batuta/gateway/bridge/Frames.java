package dev.batuta.gateway.bridge;

import io.vertx.core.json.JsonObject;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client of bare frames. */
final class Frames implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;

  Frames(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  Frames(Socket connected) throws IOException {
    socket = connected;
    socket.setSoTimeout(10_000);
    in = new DataInputStream(socket.getInputStream());
  }

  void send(String type, String address) throws IOException {
    send(new JsonObject().put("type", type).put("address", address));
  }

  void send(JsonObject frame) throws IOException {
    frame(frame.encode());
  }

  void frame(String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    bytes(ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).array());
  }

  void bytes(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  JsonObject read() throws IOException {
    byte[] body = new byte[in.readInt()];
    in.readFully(body);
    return new JsonObject(new String(body, StandardCharsets.UTF_8));
  }

  /** Reads up to an err frame. */
  JsonObject error() throws IOException {
    JsonObject frame = read();
    while (!frame.getString("type").equals("err")) {
      frame = read();
    }
    return frame;
  }

  boolean isClosed() throws IOException {
    try {
      read();
      return false;
    } catch (EOFException | SocketException ended) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
