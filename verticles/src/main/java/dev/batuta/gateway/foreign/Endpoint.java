package dev.batuta.gateway.foreign;

/**
 * Where a master is reached, as text: others compare it as such.
 *
 * @param port from 1 to 65,535
 */
record Endpoint(String host, int port) {
  /** In the form of a URL, also for IPv6. */
  String text() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
