package dev.batuta.gateway.zeromq;

import io.vertx.core.Future;
import java.util.Map;
import java.util.OptionalLong;

/** What may be asked by one name. Called on the context of the door. */
@FunctionalInterface
interface Service {
  /**
   * A request.
   *
   * @param root all of it
   * @param data what the service is asked with
   */
  record Request(LooseMap root, LooseMap data) {
    /** Of the client, beside the data or in it; none if it is not to be meant as an integer. */
    OptionalLong clock() {
      return (data.has("clock") ? data : root).integer("clock");
    }

    /** Whether the client says a clock, whatever it is. */
    boolean hasClock() {
      return data.has("clock") || root.has("clock");
    }

    /** Of the client, in milliseconds; refused if it is no time. */
    OptionalLong timeMillis() {
      return (data.has("timestamp") ? data : root).time("timestamp");
    }
  }

  /**
   * The data of the reply, which the caller may add to.
   *
   * @throws dev.batuta.codec.Refused that names a field which cannot be meant
   */
  Future<Map<String, Object>> answer(Request request);
}
