package dev.batuta.gateway.foreign;

import dev.batuta.codec.WorkerMessage.Via;

/**
 * A master of another implementation, as it is configured.
 *
 * @param name for people, of no server of the cluster
 * @param host as its workers know it: they are sent home by this text
 * @param port from 1 to 65,535
 */
public record ForeignPeer(String name, String host, int port, Transport transport) {
  /** Over what it speaks. */
  public enum Transport {
    TCP(Via.TCP),
    WS(Via.WS);

    /** As servers call it. */
    final Via via;

    Transport(Via via) {
      this.via = via;
    }
  }

  Endpoint endpoint() {
    return new Endpoint(host, port);
  }
}
