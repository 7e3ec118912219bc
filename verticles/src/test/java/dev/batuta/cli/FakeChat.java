package dev.batuta.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.batuta.cli.client.Output;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The chat of a server, in memory: names, posts under keys, live streams that are resumed by the
 * number of the last message. A test decides what it does wrong.
 */
final class FakeChat implements AutoCloseable {
  /** What becomes of one message, the tenth. */
  enum Fault {
    NONE,
    /** Acknowledged, and stored nowhere. */
    LOSES,
    /** Stored twice under one key. */
    DOUBLES,
    /** Not shown to who listens first, though it hears what comes after. */
    SKIPS,
    /** Stored, and then the answer is that nobody knows. */
    ANSWERS_UNKNOWN,
    /** Stored, and then all streams break. */
    BREAKS_STREAMS,
    /** From then on no message is taken, though names are. */
    IS_AWAY
  }

  private static final int FAULTY = 10;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Fault fault;
  private final List<JsonNode> messages = new ArrayList<>();
  private final Set<String> keys = new HashSet<>();
  private final Map<Integer, OutputStream> streams = new TreeMap<>();
  private int opened;
  private int posts;

  FakeChat(Fault fault) throws IOException {
    this.fault = fault;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/api/v1/users", exchange -> answer(exchange, 409));
    server.createContext("/api/v1/channels", this::channels);
    server.createContext("/api/v1/events", this::stream);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    try (exchange) {
      byte[] body =
          "{\"status\":%d,\"code\":\"fake\",\"detail\":\"as the test says\"}"
              .formatted(status)
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private void channels(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestURI().getPath().endsWith("/messages")) {
      answer(exchange, 201);
      return;
    }
    JsonNode message = Output.JSON.readTree(exchange.getRequestBody().readAllBytes());
    answer(exchange, post(exchange.getRequestHeaders().getFirst("Idempotency-Key"), message));
  }

  private synchronized int post(String key, JsonNode message) {
    if (!keys.add(key)) {
      return 201;
    }
    boolean faulty = ++posts == FAULTY;
    if (fault == Fault.IS_AWAY && posts >= FAULTY) {
      keys.remove(key);
      return 503;
    }
    if (!faulty || fault != Fault.LOSES) {
      store(message, faulty && fault == Fault.SKIPS);
    }
    if (faulty && fault == Fault.DOUBLES) {
      store(message, false);
    }
    if (faulty && fault == Fault.BREAKS_STREAMS) {
      streams.values().forEach(FakeChat::end);
      streams.clear();
    }
    return faulty && fault == Fault.ANSWERS_UNKNOWN ? 504 : 201;
  }

  private void store(JsonNode message, boolean skipsFirst) {
    messages.add(message);
    int skipped = skipsFirst ? streams.keySet().stream().findFirst().orElse(-1) : -1;
    streams.forEach(
        (number, stream) -> {
          if (number != skipped) {
            write(stream, messages.size());
          }
        });
  }

  private synchronized void stream(HttpExchange exchange) throws IOException {
    String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream stream = exchange.getResponseBody();
    if (last == null) {
      stream.write(("id: " + messages.size() + "\n\n").getBytes(StandardCharsets.UTF_8));
      stream.flush();
    } else {
      for (int id = Integer.parseInt(last) + 1; id <= messages.size(); id++) {
        write(stream, id);
      }
    }
    streams.put(opened++, stream);
  }

  private void write(OutputStream stream, int id) {
    String event = "id: %d\ndata: %s\n\n".formatted(id, messages.get(id - 1));
    try {
      stream.write(event.getBytes(StandardCharsets.UTF_8));
      stream.flush();
    } catch (IOException e) {
      // that reader has left
    }
  }

  private static void end(OutputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      // that reader has left
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
