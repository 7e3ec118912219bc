package dev.batuta.node;

import dev.batuta.gateway.events.FeedSource;
import dev.batuta.gateway.http.GatewayParts;
import dev.batuta.gateway.http.GatewaySettings;
import dev.batuta.gateway.http.GatewayVerticle;
import dev.batuta.gateway.http.Readiness;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.ledger.MySqlLedgerStore;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** The gateway of a node. */
final class GatewayRole {
  private static final int MAX_CONNECTIONS = 10_000;
  private static final int MAX_STREAMS = 2_000;
  private static final Duration IDLE = Duration.ofSeconds(90);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final Parts parts;
  private final GatewayVerticle verticle;
  private String deployment = "";

  /**
   * @param server of the same node, if it is one
   */
  GatewayRole(
      Parts parts,
      Optional<ServerRole> server,
      Supplier<Readiness> readiness,
      PrometheusMeterRegistry metrics) {
    this.parts = parts;
    this.verticle =
        new GatewayVerticle(
            settings(parts.settings()),
            new GatewayParts(
                parts.bus(),
                parts.membership()::view,
                parts.membership()::servers,
                new MySqlLedgerStore(parts.database()),
                new MySqlUserStore(parts.database()),
                () -> parts.coordinator().view().toJson(),
                parts.clocks()::latest,
                server.map(role -> new FeedSource(role.messaging()::feed)),
                readiness,
                metrics,
                parts.handlers().kinds(),
                parts.requests()::count));
  }

  private static GatewaySettings settings(NodeSettings settings) {
    String webroot = settings.get(Setting.HTTP_WEBROOT);
    return new GatewaySettings(
        settings.get(Setting.CLUSTER_NAME),
        settings.get(Setting.PROFILE),
        settings.get(Setting.HTTP_HOST),
        settings.get(Setting.HTTP_PORT),
        settings.get(Setting.HTTP_MAX_BODY),
        MAX_CONNECTIONS,
        MAX_STREAMS,
        IDLE,
        ANSWER,
        webroot.isEmpty() ? Optional.empty() : Optional.of(Path.of(webroot)));
  }

  Future<Void> start() {
    return parts.vertx().deployVerticle(verticle).onSuccess(id -> deployment = id).mapEmpty();
  }

  Future<Void> stop() {
    return deployment.isEmpty() ? Future.succeededFuture() : parts.vertx().undeploy(deployment);
  }

  int port() {
    return verticle.port();
  }
}
