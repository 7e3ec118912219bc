package dev.batuta.gateway.zeromq;

import dev.batuta.codec.Refused;
import java.util.LinkedHashMap;
import java.util.Map;

/** The forms of answers: {@code {service, data}}, with time and clock in the data of each. Pure. */
final class Reply {
  private Reply() {}

  /** Data in the order in which it is given. */
  static Map<String, Object> data(String field, Object value) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put(field, value);
    return data;
  }

  /** A refusal, with its reason where any client looks for it. */
  static Map<String, Object> refusal(String reason) {
    Map<String, Object> data = data("status", "erro");
    data.put("description", reason);
    data.put("message", reason);
    return data;
  }

  /** What a client may know of an error. */
  static String reason(Throwable error) {
    return error instanceof Refused && !Refused.isDefect(error)
        ? String.valueOf(error.getMessage())
        : "An internal error; the log of the node says more.";
  }

  /**
   * The bytes of a reply, or of what is published in the same form.
   *
   * @param timeMillis whole seconds of which go out: not every reader takes a fraction
   */
  static byte[] bytes(String service, Map<String, Object> data, long timeMillis, long clock) {
    data.put("timestamp", seconds(timeMillis));
    data.put("clock", clock);
    Map<String, Object> reply = data("service", service);
    reply.put("data", data);
    return StrictWriter.write(reply);
  }

  static long seconds(long millis) {
    return Math.floorDiv(millis, 1_000L);
  }
}
