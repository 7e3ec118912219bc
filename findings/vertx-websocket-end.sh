#!/bin/sh
# A server is not told of the end of an HTTP connection that became a WebSocket.
#
# Part:      io.vertx:vertx-core 5.0.10.
# Guess:     the close handler that a connection handler sets on each HttpConnection is called when that connection
#            ends, as its documentation says, whatever went through it.
# Seen:      for a connection that asked for a resource it is called; for one that was upgraded to a WebSocket never,
#            neither when the socket is closed in order nor later. Whoever counts connections so, to bound them or to
#            show them, counts each socket for good: a server that takes 10,000 takes nobody after 10,000 sockets.
# What helps: the close handler of the WebSocket, where one has it; else the close future of the connection's channel.
#
# Valid input only: a server and a client in one JVM. Needs a JDK 17 or newer, Maven and the network; half a minute.
# Exit 1 if it changes.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.vertx</groupId>
      <artifactId>vertx-core</artifactId>
      <version>5.0.10</version>
    </dependency>
  </dependencies>
</project>
POM

cat >WebSocketEnd.java <<'JAVA'
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.WebSocket;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

class WebSocketEnd {
  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  public static void main(String[] args) throws Exception {
    Vertx vertx = Vertx.vertx();
    Semaphore ends = new Semaphore(0);
    Semaphore socketEnds = new Semaphore(0);
    int port =
        await(
                vertx
                    .createHttpServer()
                    .connectionHandler(connection -> connection.closeHandler(closed -> ends.release()))
                    .requestHandler(
                        request -> {
                          if (request.path().equals("/socket")) {
                            request
                                .toWebSocket()
                                .onSuccess(socket -> socket.closeHandler(closed -> socketEnds.release()));
                          } else {
                            request.response().end("resource");
                          }
                        })
                    .listen(0, "127.0.0.1"))
            .actualPort();

    var client = vertx.createHttpClient(new HttpClientOptions().setKeepAlive(false));
    await(client.request(HttpMethod.GET, port, "127.0.0.1", "/").compose(asked -> asked.send()).compose(got -> got.body()));
    boolean toldOfRequest = ends.tryAcquire(10, TimeUnit.SECONDS);

    WebSocket socket = await(vertx.createWebSocketClient().connect(port, "127.0.0.1", "/socket"));
    await(socket.close());
    boolean toldOfSocket = socketEnds.tryAcquire(10, TimeUnit.SECONDS);
    boolean toldOfItsConnection = ends.tryAcquire(5, TimeUnit.SECONDS);

    System.out.println("vertx-core 5.0.10");
    System.out.println("end of a connection with a request: told " + toldOfRequest + ", expected true");
    System.out.println("end of a WebSocket:                 told " + toldOfSocket + ", expected true");
    System.out.println("end of its connection:              told " + toldOfItsConnection + ", expected true");
    boolean asSeen = toldOfRequest && toldOfSocket && !toldOfItsConnection;
    System.out.println(asSeen ? "as seen before" : "CHANGED");
    await(vertx.close());
    System.exit(asSeen ? 0 : 1);
  }
}
JAVA

mvn=$(command -v mvn || echo "${MVN:-}")
[ -n "$mvn" ] || { echo "Maven is missing: install it, or set MVN to it" >&2; exit 2; }
"$mvn" -q dependency:build-classpath -Dmdep.outputFile=classpath >/dev/null
java -cp "$(cat classpath)" WebSocketEnd.java
