package dev.batuta.gateway.foreign;

import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.Hosts;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.gateway.json.JsonBounds;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Says something to a master of another implementation, on a connection of its own each time.
 * Belongs to one event loop.
 */
final class MasterLine {
  private static final int MAX_BYTES = 64 << 10;

  /**
   * What a master answered.
   *
   * @param host the address at which it was reached
   */
  record Answer(Said said, String host) {}

  private final NetClient tcp;
  private final WebSocketClient webSocket;
  private final Duration patience;

  /**
   * @param patience with a connection, and then with an answer
   */
  MasterLine(Vertx vertx, Duration patience) {
    int millis = Math.toIntExact(patience.toMillis());
    this.tcp = vertx.createNetClient(new NetClientOptions().setConnectTimeout(millis));
    this.webSocket =
        vertx.createWebSocketClient(
            new WebSocketClientOptions().setConnectTimeout(millis).setMaxMessageSize(MAX_BYTES));
    this.patience = patience;
  }

  /**
   * Asks, and waits for one object.
   *
   * @param question made for the address from which this machine reaches the master
   * @return fails when there is no connection, or no answer in time
   */
  Future<Answer> ask(Endpoint to, Transport transport, Function<String, JsonObject> question) {
    return exchange(to, transport, question, true);
  }

  /** Says what has no answer; completes when it is sent. */
  Future<Void> tell(Endpoint to, Transport transport, JsonObject message) {
    return exchange(to, transport, local -> message, false).mapEmpty();
  }

  private Future<Answer> exchange(
      Endpoint to, Transport transport, Function<String, JsonObject> question, boolean waits) {
    return switch (transport) {
      case TCP ->
          tcp.connect(to.port(), to.host())
              .compose(
                  socket ->
                      overTcp(socket, question, waits)
                          .map(said -> new Answer(said, Hosts.text(socket.remoteAddress()))));
      case WS ->
          webSocket
              .connect(to.port(), to.host(), "/")
              .compose(
                  socket ->
                      overWebSocket(socket, question, waits)
                          .map(said -> new Answer(said, Hosts.text(socket.remoteAddress()))));
    };
  }

  private Future<Said> overTcp(
      NetSocket socket, Function<String, JsonObject> question, boolean waits) {
    Promise<Said> answer = Promise.promise();
    Framing framing =
        new Framing(MAX_BYTES, JsonBounds.MAX_DEPTH, new HeldBytes(MAX_BYTES).share());
    socket.handler(
        bytes -> {
          for (Framing.Piece piece : framing.take(bytes.getBytes())) {
            answer.tryComplete(
                switch (piece) {
                  case Framing.Piece.Text(String json) -> Dialect.read(json);
                  case Framing.Piece.Flaw _ -> new Said.Malformed();
                });
          }
        });
    socket.exceptionHandler(answer::tryFail);
    socket.closeHandler(closed -> answer.tryFail("the connection was closed"));
    String said = question.apply(local(socket.localAddress())).encode() + "\n";
    return socket
        .write(said)
        .onSuccess(written -> completeUnless(waits, answer))
        .compose(written -> inTime(answer))
        .eventually(socket::close);
  }

  private Future<Said> overWebSocket(
      WebSocket socket, Function<String, JsonObject> question, boolean waits) {
    Promise<Said> answer = Promise.promise();
    socket.textMessageHandler(text -> answer.tryComplete(Dialect.read(text)));
    socket.exceptionHandler(answer::tryFail);
    socket.closeHandler(closed -> answer.tryFail("the connection was closed"));
    return socket
        .writeTextMessage(question.apply(local(socket.localAddress())).encode())
        .onSuccess(written -> completeUnless(waits, answer))
        .compose(written -> inTime(answer))
        .eventually(() -> socket.close());
  }

  private static String local(io.vertx.core.net.SocketAddress address) {
    String host = address == null ? null : address.hostAddress();
    return host == null ? "127.0.0.1" : host;
  }

  private static void completeUnless(boolean waits, Promise<Said> answer) {
    if (!waits) {
      answer.tryComplete(new Said.Unknown());
    }
  }

  private Future<Said> inTime(Promise<Said> answer) {
    return answer.future().timeout(patience.toMillis(), TimeUnit.MILLISECONDS);
  }
}
