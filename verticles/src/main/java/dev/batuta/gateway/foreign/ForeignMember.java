package dev.batuta.gateway.foreign;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** A foreign worker as the door knows it. Belongs to the event loop of the door. */
final class ForeignMember {
  /** By which its master knows it. */
  final String name;

  /** Whether it named itself; else its connection is its name. */
  final boolean named;

  final ForeignWorker core;

  /** By which it is known when it comes again: its name, or the host that it comes from. */
  final String from;

  /** The master that it belongs to, empty when that is the one that it serves. */
  String owner;

  /** The master that it asked for a place last. */
  String master = "";

  /** The last that its master welcomed, 0 when there is none. */
  long registration;

  /** The id of the last task that it was given, as text, empty when there was none. */
  String task = "";

  /** Over what it spoke then, as its master knows it. */
  Transport registeredOver = Transport.TCP;

  /** Over what it asked last. */
  Transport asksOver = Transport.TCP;

  /** Of the port where it spoke last. */
  @Nullable DoorCounts counts;

  /** Whether its master can reach it. */
  Future<Void> served = Future.succeededFuture();

  /** Nothing more comes of it. */
  boolean forgotten;

  ForeignMember(String name, boolean named, String from, ForeignWorker core, String owner) {
    this.name = name;
    this.named = named;
    this.from = from;
    this.core = core;
    this.owner = owner;
  }

  /** Counts what went wrong with it. */
  void count(String what) {
    if (counts != null) {
      counts.refused(what);
    }
  }
}
