package dev.batuta.gateway.zeromq;

import dev.batuta.bus.LamportClock;
import dev.batuta.bus.OutsideClock;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.zeromq.Service.Request;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the requests of one port, whatever they are made of: bytes in, bytes out, never silence.
 * Belongs to the context of the door.
 */
final class Answerer {
  private static final Logger LOG = LoggerFactory.getLogger(Answerer.class);

  /**
   * What the ports of the door have in common, and the counts of one of them.
   *
   * @param outside takes in the clocks of clients
   * @param timeMillis the node's corrected time
   * @param countRequest is told of every request
   */
  record Node(
      LamportClock clock,
      OutsideClock outside,
      LongSupplier timeMillis,
      DoorCounts counts,
      Runnable countRequest) {

    /** A client's message was received, with a clock or without. */
    void received(Request request) {
      var said = request.clock();
      if (said.isPresent() ? !outside.received(said.getAsLong()) : request.hasClock()) {
        counts.refused("clock-ignored");
      }
      if (said.isEmpty()) {
        outside.received();
      }
    }
  }

  private final Map<String, Service> services;
  private final Node node;

  Answerer(Map<String, Service> services, Node node) {
    this.services = services;
    this.node = node;
  }

  /** The reply to a request; it does not fail. */
  Future<byte[]> answer(byte[] body) {
    node.countRequest().run();
    String name = "";
    try {
      LooseMap root = LooseReader.read(body);
      name = root.required("service");
      Request request = new Request(root, root.has("data") ? root.map("data") : root);
      node.received(request);
      return answer(name, request);
    } catch (RuntimeException refused) {
      return Future.succeededFuture(refusal(name, refused));
    }
  }

  /** The service that a request names; empty if it cannot be read. */
  static String service(byte[] body) {
    try {
      return LooseReader.read(body).text("service").orElse("");
    } catch (Refused unreadable) {
      return "";
    }
  }

  private Future<byte[]> answer(String name, Request request) {
    Service service = Optional.ofNullable(services.get(name)).orElseThrow(() -> unknown(name));
    return service
        .answer(request)
        .map(data -> reply(name, data))
        .recover(error -> Future.succeededFuture(refusal(name, error)));
  }

  /** The refusal of a request that was not even read, or of one that failed. */
  byte[] refusal(String name, Throwable error) {
    if (Refused.isDefect(error)) {
      LOG.atError()
          .setCause(error)
          .addKeyValue("service", Refused.shown(name))
          .log("a service failed");
    }
    node.counts().refused(error instanceof Refused refused ? refused.failure().code() : "internal");
    return reply(name, Reply.refusal(Reply.reason(error)));
  }

  private byte[] reply(String name, Map<String, Object> data) {
    return Reply.bytes(name, data, node.timeMillis().getAsLong(), node.clock().beforeSend());
  }

  private Refused unknown(String name) {
    return Refused.invalid(
        "unknown-request",
        "There is no service \""
            + Refused.shown(name)
            + "\" at this port; there are "
            + String.join(", ", new TreeSet<>(services.keySet()))
            + ".");
  }
}
