package dev.batuta.cli.client;

import dev.batuta.node.ClusterFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which token goes with a server: the one given, the environment's, the one that {@code login}
 * stored, the admin's of {@code cluster.json} when it names the server. A stored one that the
 * server refuses, as after a cluster began anew on the same port, gives way to the next. Safe on
 * any thread.
 */
final class TokenChoice {
  private final @Nullable String given;
  private final @Nullable String environment;
  private final TokenStore store;
  private final Optional<ClusterFile> file;
  private final Set<String> refused = ConcurrentHashMap.newKeySet();

  TokenChoice(
      @Nullable String given,
      @Nullable String environment,
      TokenStore store,
      Optional<ClusterFile> file) {
    this.given = given;
    this.environment = environment;
    this.store = store;
    this.file = file;
  }

  /** The best token for a server that it has not refused. */
  Optional<String> of(String url, Instant now) {
    return candidates(url, now).stream().filter(token -> !refused.contains(token)).findFirst();
  }

  /** Notes that a server refused a token. */
  void refused(String token) {
    refused.add(token);
  }

  /** Whether the user chose the token; then no other one is tried in its place. */
  boolean chosen() {
    return given != null || (environment != null && !environment.isBlank());
  }

  private List<String> candidates(String url, Instant now) {
    if (given != null) {
      return List.of(given);
    }
    if (environment != null && !environment.isBlank()) {
      return List.of(environment);
    }
    var tokens = new ArrayList<String>();
    store.find(url, now).ifPresent(tokens::add);
    file.filter(f -> f.servers().stream().anyMatch(server -> server.url().equals(url)))
        .ifPresent(f -> tokens.add(f.adminToken()));
    return tokens;
  }
}
