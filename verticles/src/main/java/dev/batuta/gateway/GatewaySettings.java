package dev.batuta.gateway;

import java.time.Duration;

/**
 * What all doors of a node are told.
 *
 * @param cluster name of the cluster, shown to clients
 * @param profile in {@code demo} everybody may see the cluster
 * @param answer how long a request may wait for the rest of the cluster
 */
public record GatewaySettings(String cluster, String profile, Duration answer) {

  public boolean isDemo() {
    return profile.equals("demo");
  }
}
