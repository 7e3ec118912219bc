package dev.batuta.gateway.http;

import java.util.List;

/**
 * Whether a node may be given work.
 *
 * @param missing what it still lacks, one clause each; ready when there is nothing
 */
public record Readiness(List<String> missing) {

  /** A node that lacks nothing. */
  public static final Readiness READY = new Readiness(List.of());

  boolean isReady() {
    return missing.isEmpty();
  }
}
