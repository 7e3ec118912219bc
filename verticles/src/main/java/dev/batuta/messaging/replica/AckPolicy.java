package dev.batuta.messaging.replica;

import java.util.Locale;

/** Whose disk an op must have reached before its author is told that it is kept. */
public enum AckPolicy {
  /** This server's. */
  LOCAL,
  /** More than half of the configured servers'. */
  MAJORITY,
  /** Those of all configured servers. */
  ALL;

  /** What is meant when nothing is configured. */
  public static AckPolicy standard(int configuredServers) {
    return configuredServers >= 3 ? MAJORITY : LOCAL;
  }

  /**
   * What is configured; a majority of fewer than 3 servers would be all of them, so it is local.
   */
  public static AckPolicy configured(String name, int configuredServers) {
    return name.equals("majority")
        ? standard(configuredServers)
        : valueOf(name.toUpperCase(Locale.ROOT));
  }

  /**
   * On how many disks an op must be to be shown to subscribers: a majority's, whatever a publish
   * waits for; who configures local acks trusts the one.
   */
  public int shownAfter(int servers) {
    return this == LOCAL ? 1 : MAJORITY.of(servers);
  }

  int of(int servers) {
    return switch (this) {
      case LOCAL -> 0;
      case MAJORITY -> servers / 2 + 1;
      case ALL -> servers;
    };
  }
}
