package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ.Socket;

/** A REQ client of the library that the door itself uses; clients of others are in python. */
final class Asker implements AutoCloseable {
  /**
   * After so long a client of the library connects again, and sends what it was given then: now and
   * then it never reads the connection that it has made.
   */
  static final int HANDSHAKE_MILLIS = 1_000;

  private final ZContext context = new ZContext();
  private final Socket socket = context.createSocket(SocketType.REQ);

  Asker(String endpoint) {
    this(endpoint, null);
  }

  /**
   * @param serverKey public key of a server that speaks CURVE; null in the clear
   */
  Asker(String endpoint, @Nullable String serverKey) {
    CurveClients.encrypt(socket, serverKey);
    socket.setHandshakeIvl(HANDSHAKE_MILLIS);
    socket.setReceiveTimeOut(20_000);
    socket.setLinger(0);
    socket.connect(endpoint);
  }

  /** The data of the reply to a service, which has its name. */
  JsonObject ask(String service, Map<String, ?> data) {
    JsonObject reply = askRaw(StrictWriter.write(Map.of("service", service, "data", data)));
    assertThat(reply.getString("service")).isEqualTo(service);
    JsonObject given = reply.getJsonObject("data");
    assertThat(given.getValue("timestamp")).isInstanceOf(Number.class);
    assertThat(given.getLong("clock")).isPositive();
    return given;
  }

  /** The reply to any bytes. */
  JsonObject askRaw(byte[] request) {
    socket.send(request);
    byte[] reply = socket.recv();
    assertThat(reply).as("a reply").isNotNull();
    return new JsonObject(Packed.json(reply));
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() {
    context.close();
  }
}
