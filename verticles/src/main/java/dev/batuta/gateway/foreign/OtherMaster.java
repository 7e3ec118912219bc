package dev.batuta.gateway.foreign;

import dev.batuta.codec.LendingMessage;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A master of another implementation, as this door knows it. Belongs to the event loop of the door.
 */
final class OtherMaster {
  final String name;
  final boolean configured;
  Transport transport;
  @Nullable Endpoint endpoint;

  /** By which it calls itself; null while it did not say. */
  @Nullable String id;

  /** Address from which it is seen to come; of one that is configured its host, until then. */
  String address;

  /** Address at which it answered last, of its host; empty while it did not. */
  String answersAt = "";

  /** Whether its name is known on the bus. */
  Future<Void> listened = Future.succeededFuture();

  /** The dialect in which it is greeted, and whether it answered in it. */
  int greeting;

  boolean answers;

  /** Its requests for workers, by their numbers. */
  final Unanswered<Long> requests = new Unanswered<>();

  /** What it gives back, by the workers. */
  final Unanswered<List<String>> releases = new Unanswered<>();

  /** The request of this node's server, and what came of it; null while it is not known. */
  long borrowing;

  @Nullable LendingMessage lent;
  boolean givingBack;

  OtherMaster(ForeignPeer configured) {
    this.name = configured.name();
    this.configured = true;
    this.transport = configured.transport();
    this.endpoint = configured.endpoint();
    this.address = configured.host();
  }

  /** One that nobody configured. */
  OtherMaster(String name, Transport transport, String address) {
    this.name = name;
    this.configured = false;
    this.transport = transport;
    this.address = address;
  }

  /** Whether it comes from there, or is there. */
  boolean isAt(String host) {
    return host.equals(address) || host.equals(answersAt);
  }

  /** Whether this is where it is reached. */
  boolean isReachedAt(Endpoint place) {
    Endpoint known = endpoint;
    return known != null
        && known.port() == place.port()
        && (known.host().equals(place.host()) || (configured && isAt(place.host())));
  }
}
