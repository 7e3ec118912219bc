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

  /**
   * The name of the master to which a worker belongs.
   *
   * @param id as the worker names it: an id of that master's own, which may be the name of a server
   *     of this cluster
   */
  String ownerOf(String worker, String id);

  /**
   * This door, as a worker on this connection knows it, which is sent elsewhere with that. The
   * other doors are told.
   */
  Endpoint tellHome(String worker, Talk talk);

  /**
   * The home of a worker: as it was told there when it left, else as the door of its owner is known
   * here.
   */
  Optional<Endpoint> home(String worker, String owner, Talk talk);
}
