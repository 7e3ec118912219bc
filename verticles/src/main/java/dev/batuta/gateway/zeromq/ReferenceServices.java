package dev.batuta.gateway.zeromq;

import static dev.batuta.gateway.zeromq.Reply.data;

import dev.batuta.codec.ReferenceMessage.Server;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.services.ForeignServers;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The services of the reference port. Belongs to the context of the door. */
final class ReferenceServices {
  private final ForeignServers servers;
  private final ForeignOps foreign;
  private final Consumer<String> onRefusal;

  /**
   * @param onRefusal is told of the error code of what is refused without a word
   */
  ReferenceServices(ForeignServers servers, ForeignOps foreign, Consumer<String> onRefusal) {
    this.servers = servers;
    this.foreign = foreign;
    this.onRefusal = onRefusal;
  }

  /** By name. */
  Map<String, Service> all() {
    return Map.of(
        "rank",
        request -> servers.rank(request.data().required("user")).map(rank -> data("rank", rank)),
        "list",
        request -> servers.list().map(ReferenceServices::list),
        "heartbeat",
        request -> servers.heartbeat(request.data().required("user")).compose(heard -> ok()),
        "replicate",
        this::replicate,
        // Whom others announce does not lead here.
        "coordinator",
        request -> ok());
  }

  private static Map<String, Object> list(List<Server> servers) {
    return data(
        "list",
        servers.stream()
            .map(
                server -> {
                  Map<String, Object> listed = data("name", server.name());
                  listed.put("rank", server.rank());
                  return listed;
                })
            .toList());
  }

  /**
   * Servers tell it here too, and take any other answer than OK for a fault of this port. So what
   * can never be stored is counted and answered so; what might be later is not.
   */
  private Future<Map<String, Object>> replicate(Service.Request request) {
    ForeignOp op;
    try {
      op = ForeignOp.replicated(request.data());
    } catch (Refused unknownShape) {
      return passedOver(unknownShape);
    }
    return foreign.store(op).compose(kept -> ok(), this::passedOver);
  }

  private Future<Map<String, Object>> passedOver(Throwable why) {
    if (why instanceof Refused refused && !Refused.isPassing(why) && !Refused.isDefect(why)) {
      onRefusal.accept(refused.failure().code());
      return ok();
    }
    return Future.failedFuture(why);
  }

  private static Future<Map<String, Object>> ok() {
    return Future.succeededFuture(data("status", "OK"));
  }
}
