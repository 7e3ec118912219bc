package dev.batuta.gateway.foreign;

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
    TCP,
    WS
  }

  Endpoint endpoint() {
    return new Endpoint(host, port);
  }
}
