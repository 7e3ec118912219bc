package dev.batuta.node;

import com.hazelcast.config.TcpIpConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom Hazelcast joins. A name among the members stands for all addresses that it has, and is
 * looked up each time that Hazelcast asks: when it joins, and whenever it looks for a cluster to
 * merge with. So one name may stand for servers that come and go.
 *
 * <p>Hazelcast 5.3.8 itself takes the first address of a name only, and with a chosen interface, as
 * here, none but this node's own.
 *
 * <p>Blocks the thread that joins: for look-ups, and the first time for a while, until the names
 * are published. Nodes that start together and find nobody yet would each begin a cluster.
 */
final class JoinAddresses extends TcpIpConfig {
  private static final Logger LOG = LoggerFactory.getLogger(JoinAddresses.class);
  private static final Duration PUBLISHED_WITHIN = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(250);

  /** The addresses of a host, none when it has none; blocks. */
  @FunctionalInterface
  interface Lookup {
    List<String> addresses(String host);
  }

  private final List<String> members;
  private final Optional<String> expected;
  private final Lookup lookup;
  private boolean begun;

  /**
   * @param members {@code host:port}
   * @param expected the address of this node, where the names stand for it too; else any will do
   */
  JoinAddresses(List<String> members, Optional<String> expected) {
    this(members, expected, JoinAddresses::addresses);
  }

  JoinAddresses(List<String> members, Optional<String> expected, Lookup lookup) {
    this.members = List.copyOf(members);
    this.expected = expected;
    this.lookup = lookup;
  }

  @Override
  public synchronized List<String> getMembers() {
    if (!begun) {
      begun = true;
      awaitPublished();
    }
    return lookUp();
  }

  private void awaitPublished() {
    long sinceNanos = System.nanoTime();
    while (!isPublished()) {
      if (System.nanoTime() - sinceNanos > PUBLISHED_WITHIN.toNanos()) {
        LOG.atWarn()
            .addKeyValue("members", members)
            .log("names of members are not published: this node begins without them");
        return;
      }
      try {
        Thread.sleep(LOOK);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private boolean isPublished() {
    List<String> hosts =
        members.stream().map(JoinAddresses::host).filter(JoinAddresses::isName).toList();
    Set<String> found = new LinkedHashSet<>();
    hosts.forEach(host -> found.addAll(lookup.addresses(host)));
    return hosts.isEmpty() || expected.map(found::contains).orElse(!found.isEmpty());
  }

  private List<String> lookUp() {
    Set<String> all = new LinkedHashSet<>();
    for (String member : members) {
      String host = host(member);
      if (isName(host)) {
        String port = member.substring(host.length());
        lookup.addresses(host).forEach(address -> all.add(bracketed(address) + port));
      } else {
        all.add(member);
      }
    }
    return List.copyOf(all);
  }

  private static String host(String member) {
    int colon = member.lastIndexOf(':');
    return colon < 0 ? member : member.substring(0, colon);
  }

  /** Not an address, of which the last part is a number, or which has colons. */
  private static boolean isName(String host) {
    return !host.matches(".*:.*|(.*\\.)?[0-9]+");
  }

  private static String bracketed(String address) {
    return address.indexOf(':') < 0 ? address : "[" + address + "]";
  }

  private static List<String> addresses(String host) {
    try {
      return Arrays.stream(InetAddress.getAllByName(host))
          .map(InetAddress::getHostAddress)
          .toList();
    } catch (UnknownHostException absent) {
      return List.of();
    }
  }
}
