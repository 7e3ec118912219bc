package dev.batuta.bus;

import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import java.time.Duration;

/** Asking others: by the {@link Bus}, or in a simulation. */
@FunctionalInterface
public interface Requests {
  /** UNAVAILABLE: nobody serves the address, so nothing happened. */
  String NO_HANDLER = "no-handler";

  /** UNKNOWN: the time is over without an answer. */
  String NO_ANSWER = "no-answer";

  /**
   * Asks one of those who serve an address.
   *
   * @return the answer; or {@link Refused} with the responder's failure, with {@link #NO_ANSWER}
   *     when the time is over, with {@link #NO_HANDLER} when nobody serves the address
   */
  <M extends Message> Future<M> request(
      String address, Message message, Class<M> answer, Duration timeout);

  /** Whether a request failed because nobody serves its address. */
  static boolean isWithoutHandler(Throwable error) {
    return error instanceof Refused refused && refused.failure().code().equals(NO_HANDLER);
  }

  /** Whether a request failed because no answer came in time. */
  static boolean isWithoutAnswer(Throwable error) {
    return error instanceof Refused refused && refused.failure().code().equals(NO_ANSWER);
  }
}
