package dev.batuta.tracing;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A collector: takes what is sent to it by OTLP over HTTP, in the form of OpenTelemetry itself. */
public final class OtlpReceiver implements AutoCloseable {
  /** A span as it came, and the node that it came from. */
  public record Received(String node, Span span) {
    public String traceId() {
      return hex(span.getTraceId());
    }

    public String id() {
      return hex(span.getSpanId());
    }

    /** Of the span that it is a part of. */
    public String parent() {
      return hex(span.getParentSpanId());
    }

    public String name() {
      return span.getName();
    }

    public boolean failed() {
      return span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR;
    }

    /** A text or a whole number. */
    public String attribute(String key) {
      return attributes(span.getAttributesList()).getOrDefault(key, "");
    }
  }

  private final HttpServer server;
  private final ReentrantLock answering = new ReentrantLock();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final List<Tracing> tracings = new CopyOnWriteArrayList<>();

  private OtlpReceiver(HttpServer server) {
    this.server = server;
  }

  public static OtlpReceiver start() {
    try {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      OtlpReceiver receiver = new OtlpReceiver(HttpServer.create(address, 0));
      receiver.server.createContext("/v1/traces", receiver::take);
      receiver.server.start();
      return receiver;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces");
  }

  /** The traces of a node that tells this collector all. */
  public Tracing tracing(String node) {
    Tracing tracing = Tracing.to(new Tracing.Collector(url(), 1), "test", node);
    tracings.add(tracing);
    return tracing;
  }

  /** Takes nothing that comes meanwhile, until it is over. */
  void whileItHangs(Runnable meanwhile) {
    answering.lock();
    try {
      meanwhile.run();
    } finally {
      answering.unlock();
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    answering.lock();
    try (exchange) {
      ExportTraceServiceRequest request =
          ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
      for (ResourceSpans of : request.getResourceSpansList()) {
        String node =
            attributes(of.getResource().getAttributesList())
                .getOrDefault("service.instance.id", "");
        of.getScopeSpansList()
            .forEach(
                scope ->
                    scope.getSpansList().forEach(span -> received.add(new Received(node, span))));
      }
      exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    } finally {
      answering.unlock();
    }
  }

  private static Map<String, String> attributes(List<KeyValue> of) {
    return of.stream()
        .collect(
            Collectors.toMap(
                KeyValue::getKey,
                each ->
                    each.getValue().hasStringValue()
                        ? each.getValue().getStringValue()
                        : Long.toString(each.getValue().getIntValue())));
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  /** The first span of a name in whatever trace; waits for it. */
  public Received first(String name) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> received.stream().filter(span -> span.name().equals(name)).toList(),
            found -> !found.isEmpty())
        .getFirst();
  }

  /** Waits until so many have come. */
  void awaitSpans(int count) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> received.size() >= count);
  }

  /** All of a trace that have come. */
  public List<Received> spans(String traceId) {
    return received.stream().filter(span -> span.traceId().equals(traceId)).toList();
  }

  /** The only span of a trace that has a name; waits for it. */
  public Received span(String traceId, String name) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> spans(traceId).stream().filter(span -> span.name().equals(name)).toList(),
            found -> found.size() == 1)
        .getFirst();
  }

  @Override
  public void close() {
    tracings.forEach(tracing -> tracing.shutdown().await());
    server.stop(0);
  }
}
