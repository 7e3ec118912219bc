package dev.batuta.gateway;

import io.vertx.core.Future;
import java.util.Map;

/**
 * One way into a node for clients: HTTP, a WebSocket, ZeroMQ. What may be asked behind it is in
 * {@code services}, the same for every door.
 *
 * <p>A door is opened once and closed once, by one caller at a time; {@link #ports} is safe on any
 * thread. Which threads serve its clients is the door's own matter.
 */
public interface Door {
  /**
   * Listens; completes once clients can come in.
   *
   * @return fails with a {@link dev.batuta.codec.Refused} that names the port, where one cannot be
   *     had ({@link Listening}); then none of its ports is left open
   */
  Future<?> open();

  /**
   * Lets nobody in any more and sends those away who are there, within seconds.
   *
   * @return fails when something could not be closed; the door is not to be used again all the
   *     same. On a door that is not open it does nothing.
   */
  Future<?> close();

  /**
   * The number of each of its ports, from 1 to 65,535, by name, such as {@code http} or {@code
   * zeromq-services}, in the order in which they are shown. A name belongs to one door only. Empty
   * until the door is open; afterwards it stays, as a node that drains is still known by it.
   */
  Map<String, Integer> ports();
}
