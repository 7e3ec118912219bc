package dev.batuta.messaging.replica;

import java.time.Duration;
import java.util.List;

/**
 * What a replica is told.
 *
 * @param self this life of this server
 * @param servers the configured servers, itself among them; majorities are counted over these
 * @param acks what a publish waits for
 * @param ackTimeout after what time without enough servers the answer is <em>unknown</em>
 */
public record ReplicationSettings(
    Origin self, List<String> servers, AckPolicy acks, Duration ackTimeout) {

  /** With a copy of the list. */
  public ReplicationSettings {
    servers = List.copyOf(servers);
  }

  /** The name of this server. */
  public String server() {
    return self.server();
  }

  /** The configured servers without this one. */
  public List<String> others() {
    return servers.stream().filter(name -> !name.equals(server())).toList();
  }

  int shownAfter() {
    return acks.shownAfter(servers.size());
  }

  boolean shownAtOnce() {
    return shownAfter() == 1;
  }

  /** Of how many other servers a new disk must have all before it counts. */
  int completeAfter() {
    return Math.max(0, Math.min(servers.size() / 2 + 1, servers.size() - 1));
  }
}
