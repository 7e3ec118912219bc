package dev.batuta.gateway.services;

import io.vertx.core.Future;

/** Which kinds of tasks live workers take, as each server last told. */
public interface WorkerKinds {
  /**
   * Asks every live server anew; when it is done {@link KnownKinds} has learnt what they said. A
   * server that does not answer fails nothing.
   */
  Future<Void> refresh();

  /**
   * Whether a server has a worker for a kind that its heartbeats do not count, as it does not take
   * what every worker takes.
   */
  boolean takesApart(String server, String kind);
}
