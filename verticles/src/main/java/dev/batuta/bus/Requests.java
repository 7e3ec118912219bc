package dev.batuta.bus;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import java.time.Duration;

/** Asking others: by the {@link Bus}, or in a simulation. */
@FunctionalInterface
public interface Requests {

  /**
   * Asks one of those who serve an address.
   *
   * @return the answer; or {@link Refused} with the responder's failure, with {@code no-answer}
   *     ({@link Failure.Kind#UNKNOWN}) when the time is over, with {@code no-handler} ({@link
   *     Failure.Kind#UNAVAILABLE}) when nobody serves the address
   */
  <M extends Message> Future<M> request(
      String address, Message message, Class<M> answer, Duration timeout);
}
