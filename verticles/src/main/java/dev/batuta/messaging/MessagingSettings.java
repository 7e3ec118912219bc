package dev.batuta.messaging;

import dev.batuta.messaging.replica.AckPolicy;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.ReplicationSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a messaging verticle is told.
 *
 * @param server name of its server
 * @param folder where it keeps its copy, {@code messages.db}, and beside it {@code search.db}; made
 *     where it is missing
 * @param servers the configured servers, itself among them; majorities are counted over these
 * @param acks what a publish waits for
 * @param syncInterval how often it compares its copy with another server's
 * @param ackTimeout after what time without enough servers the answer is <em>unknown</em>
 * @param startTimeout how long a start waits at most for what other servers hold
 */
public record MessagingSettings(
    String server,
    Path folder,
    List<String> servers,
    AckPolicy acks,
    Duration syncInterval,
    Duration ackTimeout,
    Duration startTimeout) {

  /** With a copy of the list. */
  public MessagingSettings {
    servers = List.copyOf(servers);
  }

  /** With the defaults: sync every 10 s, unknown after 5 s, a start waits up to 10 s. */
  public MessagingSettings(String server, Path folder, List<String> servers) {
    this(
        server,
        folder,
        servers,
        AckPolicy.standard(servers.size()),
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10));
  }

  ReplicationSettings ofReplication(Origin self) {
    return new ReplicationSettings(self, servers, acks, ackTimeout);
  }

  /** Whether subscribers get what this server alone has. */
  boolean shownAtOnce() {
    return acks.shownAfter(servers.size()) == 1;
  }
}
