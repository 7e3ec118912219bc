package dev.batuta.gateway.http;

import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.gateway.BareGateway;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Origins;
import dev.batuta.gateway.TlsSettings;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketConnectOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A node of its own with the users of the demonstration, and HTTP doors into it. */
final class HttpDoors implements AutoCloseable {
  static final int MAX_CONNECTIONS = 2;
  static final int MAX_REQUESTS = 20;

  /** A request whose answer holds one object, as {@link #answer} reads it. */
  static final String ASK = "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n";

  private static final Duration UNHURRIED = Duration.ofSeconds(10);

  private final TestDatabase database = TestDatabase.fresh();
  private final TestCluster cluster = TestCluster.start("server-1");
  private final TestNode node = cluster.node("server-1");
  private final Database connected = Database.connect(node.vertx(), database.address(), 2);

  HttpDoors() {
    TestCluster.await(new MySqlUserStore(connected).seedDemo());
  }

  Vertx vertx() {
    return node.vertx();
  }

  /** A door that is to open at this port, or at any for 0. */
  Door at(int port) {
    return new Door(port, Optional.empty(), UNHURRIED, 64 << 20);
  }

  /** A door at any port that gives a request this long to be complete. */
  Door slow(Duration opening) {
    return new Door(0, Optional.empty(), opening, 64 << 20);
  }

  /** A door at any port that holds so much of what is not complete. */
  Door holding(long bytes) {
    return new Door(0, Optional.empty(), UNHURRIED, bytes);
  }

  /** A door at any port behind this certificate. */
  Door tls(TlsSettings tls) {
    return tls(tls, UNHURRIED);
  }

  /** The same, which gives handshakes this long, and requests again. */
  Door tls(TlsSettings tls, Duration opening) {
    return new Door(0, Optional.of(tls), opening, 64 << 20);
  }

  @Override
  public void close() {
    cluster.close();
    database.close();
  }

  static String ask(Socket socket) throws IOException {
    socket.getOutputStream().write(ASK.getBytes(StandardCharsets.US_ASCII));
    return answer(socket);
  }

  /** The header of a login whose body has so many bytes. */
  static byte[] login(int bytes) {
    return login("Content-Length: " + bytes);
  }

  /** The header of a login whose body this one tells of. */
  static byte[] login(String header) {
    return """
        POST /api/v1/login HTTP/1.1
        Host: h
        Content-Type: application/json
        %s

        """
        .formatted(header)
        .replace("\n", "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** All that comes until the end of the answer's first object, or of the connection. */
  static String answer(Socket socket) throws IOException {
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("}") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        break;
      }
      answer.append((char) next);
    }
    return answer.toString();
  }

  /** One of them, with what it has counted. */
  final class Door {
    private final DoorCounts counts = new DoorCounts();
    private final HttpDoor door;

    private Door(int port, Optional<TlsSettings> tls, Duration opening, long heldBytes) {
      HttpSettings settings =
          new HttpSettings(
              "127.0.0.1",
              port,
              8 << 20,
              heldBytes,
              MAX_CONNECTIONS,
              10,
              MAX_REQUESTS,
              opening,
              Duration.ofSeconds(90),
              Optional.empty(),
              Origins.SAME_HOST,
              tls,
              Optional.empty());
      door =
          new HttpDoor(
              node.vertx(),
              settings,
              BareGateway.of(node, connected, "demo"),
              counts,
              () -> Readiness.READY,
              new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    Future<?> open() {
      return door.open();
    }

    Future<?> close() {
      return door.close();
    }

    Map<String, Integer> ports() {
      return door.ports();
    }

    int port() {
      return Objects.requireNonNull(door.ports().get("http"));
    }

    DoorCounts.Figures figures() {
      return counts.figures();
    }

    Socket connect() throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
      socket.setSoTimeout(10_000);
      return socket;
    }

    /** A WebSocket of the bridge, as a page of this origin asks for it. */
    WebSocketConnectOptions socket(String origin) {
      return new WebSocketConnectOptions()
          .setHost("127.0.0.1")
          .setPort(port())
          .setURI("/eventbus/websocket")
          .addHeader("Origin", origin);
    }
  }
}
