package dev.batuta.gateway.foreign;

import java.util.Optional;

/** Where masters are reached, for those who are sent to them. */
interface Places {
  /**
   * The door of a master, of this implementation or another one.
   *
   * @param talk of the worker that is sent there: over the same transport
   */
  Optional<Endpoint> of(String master, Talk talk);

  /** The name of a master by an id of its own; where it has none, the id. */
  String nameOf(String master);

  /** This door, as a client on this connection knows it. */
  Endpoint here(Talk talk);
}
