package dev.batuta.gateway;

import dev.batuta.identity.Keyring;
import java.time.Duration;

/**
 * What all doors of a node are told.
 *
 * @param cluster name of the cluster, shown to clients
 * @param profile in {@code demo} everybody may see the cluster
 * @param answer how long a request may wait for the rest of the cluster
 * @param recheck after which it is looked at again which tokens are good, at new requests and at
 *     what is open
 */
public record GatewaySettings(String cluster, String profile, Duration answer, Duration recheck) {

  /** That as nodes have it. */
  public GatewaySettings(String cluster, String profile, Duration answer) {
    this(cluster, profile, answer, Keyring.FRESH);
  }

  public boolean isDemo() {
    return profile.equals("demo");
  }
}
