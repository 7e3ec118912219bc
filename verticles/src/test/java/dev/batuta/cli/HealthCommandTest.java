package dev.batuta.cli;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.Origins;
import dev.batuta.gateway.TestCertificate;
import dev.batuta.gateway.TlsSettings;
import dev.batuta.gateway.http.HealthVerticle;
import dev.batuta.gateway.http.HttpSettings;
import dev.batuta.gateway.http.Readiness;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthCommandTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final Vertx vertx = Vertx.vertx();
  private final AtomicReference<Readiness> readiness = new AtomicReference<>(Readiness.READY);
  private final CommandRun run = new CommandRun();

  @AfterEach
  void close() {
    await(vertx.close());
  }

  @Test
  void aNodeThatIsReadyIsHealthy() {
    String url = "http://127.0.0.1:" + serve(Optional.empty());

    assertThat(run.run("health", "--url", url)).isZero();
    assertThat(run.out.toString()).isEqualTo("{\"status\":\"UP\",\"missing\":[]}\n");
  }

  @Test
  void oneThatLacksSomethingLivesAndIsNotReady() {
    String url = "http://127.0.0.1:" + serve(Optional.empty());
    readiness.set(new Readiness(List.of("no coordinator is known")));

    assertThat(run.run("health", "--url", url)).isEqualTo(1);
    assertThat(run.out.toString()).contains("no coordinator is known");
    assertThat(run.run("health", "--live", "--url", url)).isZero();
  }

  @Test
  void whereNobodyListensNothingIsHealthy() throws IOException {
    int free;
    try (var socket = new java.net.ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    String url = "http://127.0.0.1:" + free;

    assertThat(run.run("health", "--live", "--url", url)).isEqualTo(1);
    assertThat(run.err.toString()).contains("no node answers at " + url);
  }

  @Test
  void aCertificateNeedNotNameTheLoopbackAddress(@TempDir Path folder) {
    TestCertificate own = TestCertificate.in(folder);
    int port = serve(Optional.of(new TlsSettings(own.certificate(), own.key())));
    String url = "https://localhost:" + port; // and the certificate is of 127.0.0.1

    assertThat(run.run("health", "--url", url, "--ca", own.certificate().toString())).isZero();
    assertThat(run.run("health", "--url", url)).as("nobody vouches for it").isEqualTo(1);
  }

  @Test
  void theNodeIsTheOneThatTheEnvironmentDescribes() {
    assertThat(HealthCommand.node(Optional.empty(), Map.of())).isEqualTo("http://127.0.0.1:8080");
    assertThat(
            HealthCommand.node(
                Optional.empty(),
                Map.of("BATUTA_HTTP_HOST", "0.0.0.0", "BATUTA_HTTP_PORT", "9090")))
        .isEqualTo("http://127.0.0.1:9090");
    assertThat(
            HealthCommand.node(
                Optional.empty(),
                Map.of("BATUTA_HTTP_HOST", "10.0.0.1", "BATUTA_HTTP_TLS", "true")))
        .isEqualTo("https://10.0.0.1:8080");
    assertThat(HealthCommand.node(Optional.empty(), Map.of("BATUTA_HTTP_HOST", "fd00::1")))
        .isEqualTo("http://[fd00::1]:8080");
    assertThat(HealthCommand.node(Optional.of("http://h:1"), Map.of())).isEqualTo("http://h:1");
  }

  @Test
  void theEnvironmentMayDescribeItByFiles(@TempDir Path folder) throws IOException {
    Path port = Files.writeString(folder.resolve("port"), "9090\n");

    assertThat(
            HealthCommand.node(Optional.empty(), Map.of("BATUTA_HTTP_PORT_FILE", port.toString())))
        .isEqualTo("http://127.0.0.1:9090");
  }

  @Test
  void aNodeWithoutAGatewayServesHealthAndMetricsAndNothingElse() throws Exception {
    String url = "http://127.0.0.1:" + serve(Optional.empty());

    assertThat(get(url + "/metrics").statusCode()).isEqualTo(200);
    assertThat(get(url + "/health/live").statusCode()).isEqualTo(200);
    assertThat(get(url + "/").statusCode()).isEqualTo(404);
    assertThat(get(url + "/api/v1/cluster").statusCode()).isEqualTo(404);
  }

  @Test
  void whereThereIsATokenForMetricsNothingElseOpensThem() throws Exception {
    String token = "of-who-scrapes-only";
    String url = "http://127.0.0.1:" + serve(Optional.empty(), Optional.of(token));

    HttpResponse<String> refusal = get(url + "/metrics");
    assertThat(refusal.statusCode()).isEqualTo(401);
    assertThat(refusal.headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(refusal.body()).contains("http.metrics-token").doesNotContain(token);
    assertThat(get(url + "/metrics", "Bearer another-token-of-16").statusCode()).isEqualTo(401);
    assertThat(get(url + "/metrics", "Bearer " + token).statusCode()).isEqualTo(200);
    assertThat(get(url + "/health/live").statusCode()).isEqualTo(200);
  }

  private static HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return get(url, "Basic none");
  }

  private static HttpResponse<String> get(String url, String authorization)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(url)).header("Authorization", authorization).build();
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private int serve(Optional<TlsSettings> tls) {
    return serve(tls, Optional.empty());
  }

  private int serve(Optional<TlsSettings> tls, Optional<String> metricsToken) {
    HttpSettings settings =
        new HttpSettings(
            "127.0.0.1",
            0,
            1 << 20,
            HttpSettings.heldBytes(1 << 20),
            10,
            10,
            100,
            Duration.ofSeconds(10),
            Duration.ofSeconds(90),
            Optional.empty(),
            Origins.SAME_HOST,
            tls,
            metricsToken);
    HealthVerticle verticle =
        new HealthVerticle(
            settings,
            () -> java.util.Objects.requireNonNull(readiness.get()),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    await(vertx.deployVerticle(verticle));
    return verticle.port();
  }
}
