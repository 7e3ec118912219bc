package dev.batuta.system;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;

/** A master of another implementation, which has no tasks and sends workers elsewhere. */
final class Master implements AutoCloseable {
  private final ServerSocket listens;
  private final Queue<JsonObject> orders = new ArrayDeque<>();
  private final Set<String> workers = ConcurrentHashMap.newKeySet();

  private Master(ServerSocket listens) {
    this.listens = listens;
  }

  /** One at a free port. */
  static Master open(String name) throws IOException {
    Master master = new Master(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()));
    Thread.ofVirtual().name(name).start(master::serve);
    return master;
  }

  int port() {
    return listens.getLocalPort();
  }

  /**
   * The next worker that asks is sent to another port.
   *
   * @param task {@code REDIRECT} or {@code RETURN}
   */
  synchronized void send(String task, int port) {
    JsonObject there = new JsonObject().put("ip", "127.0.0.1").put("port", port);
    orders.add(new JsonObject().put("TASK", task).put("SERVER_" + task, there));
  }

  private synchronized JsonObject answer() {
    JsonObject order = orders.poll();
    return order == null ? new JsonObject().put("TASK", "NO_TASK") : order;
  }

  void awaitWorker(String name) {
    Awaitility.await(name + " presents itself").until(() -> workers.contains(name));
  }

  private void serve() {
    while (!listens.isClosed()) {
      try (Socket worker = listens.accept();
          BufferedReader lines =
              new BufferedReader(
                  new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          workers.add(worker(line));
          String answer = answer().encode() + "\n";
          worker.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        }
      } catch (IOException gone) {
        // The worker went, or was none, or the test is over.
      }
    }
  }

  /** Any program may come to a port, such as one that looks for whose it was before. */
  private static String worker(String line) throws IOException {
    try {
      return new JsonObject(line).getString("WORKER_UUID");
    } catch (DecodeException stranger) {
      System.out.println("no worker came to a master; it said " + new JsonArray().add(line));
      throw new IOException(stranger);
    }
  }

  @Override
  public void close() throws IOException {
    listens.close();
  }
}
