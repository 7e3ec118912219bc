package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ.Socket;

/** A SUB client; it has all that it heard. */
final class Listener implements AutoCloseable {
  /** What was published on a topic. */
  record Heard(String topic, JsonObject map) {}

  private final ZContext context = new ZContext();
  private final Socket socket = context.createSocket(SocketType.SUB);
  private final List<Heard> heard = new ArrayList<>();

  Listener(String endpoint, String... topics) {
    this(endpoint, null, topics);
  }

  /**
   * @param serverKey public key of a server that speaks CURVE; null in the clear
   */
  private Listener(String endpoint, @Nullable String serverKey, String... topics) {
    CurveClients.encrypt(socket, serverKey);
    socket.setHandshakeIvl(Asker.HANDSHAKE_MILLIS);
    socket.setReceiveTimeOut(50);
    socket.setLinger(0);
    for (String topic : topics) {
      socket.subscribe(topic.getBytes(UTF_8));
    }
    socket.connect(endpoint);
  }

  static Listener encrypted(String endpoint, String serverKey, String... topics) {
    return new Listener(endpoint, serverKey, topics);
  }

  /** Repeats an act until something is heard: who has just come may miss what was said before. */
  void awaitFirst(Runnable act) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              act.run();
              return hear();
            });
  }

  List<Heard> await(BooleanSupplier enough) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              hear();
              return enough.getAsBoolean();
            });
    return heard;
  }

  List<Heard> heard() {
    return heard;
  }

  private boolean hear() {
    boolean any = false;
    for (byte[] topic = socket.recv(); topic != null; topic = socket.recv()) {
      heard.add(new Heard(new String(topic, UTF_8), new JsonObject(Packed.json(socket.recv()))));
      any = true;
    }
    return any;
  }

  @Override
  public void close() {
    context.close();
  }
}
