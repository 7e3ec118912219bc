package dev.batuta.cli;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.Target;
import dev.batuta.node.EnvironmentVariables;
import dev.batuta.node.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How the node of this machine is, for those who watch containers: exit code 0 when it may be given
 * work. It starts every few seconds, so it does with the least of classes.
 */
@Command(
    name = "health",
    description = "Whether the node of this machine is ready; exits 1 when it is not.")
final class HealthCommand implements Callable<Integer> {
  private static final int PATIENCE_MILLIS = 3_000;
  private static final int MAX_BYTES = 16 * 1024;

  private static final Set<String> EVERYWHERE = Set.of("", "0.0.0.0", "::");

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(names = "--live", description = "Only whether it lives, and need not be started again")
  boolean live;

  @Override
  public Integer call() {
    var target = ((Main) spec.root().userObject()).target;
    var node = node(target.givenUrl(), System.getenv());
    try {
      var connection = open(node + (live ? "/health/live" : "/health/ready"), target);
      boolean well = connection.getResponseCode() == 200;
      var answer = body(well ? connection.getInputStream() : connection.getErrorStream());
      new Output(spec.commandLine().getOut(), spec.commandLine().getErr(), target.json)
          .lines(List.of(answer));
      return well ? 0 : Problem.REFUSED;
    } catch (IOException e) {
      throw Problem.failed("unreachable", "no node answers at %s: %s".formatted(node, e));
    }
  }

  /** The given one, else the one that this environment is of: all else would be slow to read. */
  static String node(Optional<String> given, Map<String, String> environment) {
    return given.orElseGet(
        () -> {
          boolean tls = value(environment, Setting.HTTP_TLS, "false").equals("true");
          var host = value(environment, Setting.HTTP_HOST, "");
          return "%s://%s:%s"
              .formatted(
                  tls ? "https" : "http",
                  EVERYWHERE.contains(host) ? "127.0.0.1" : bracketed(host),
                  value(environment, Setting.HTTP_PORT, "8080"));
        });
  }

  private static String bracketed(String host) {
    return host.indexOf(':') < 0 ? host : "[" + host + "]";
  }

  private static String value(
      Map<String, String> environment, Setting<?> setting, String otherwise) {
    return EnvironmentVariables.value(environment, setting.variable())
        .map(String::strip)
        .orElse(otherwise);
  }

  private static HttpURLConnection open(String url, Target target) throws IOException {
    var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setConnectTimeout(PATIENCE_MILLIS);
    connection.setReadTimeout(PATIENCE_MILLIS);
    connection.setInstanceFollowRedirects(false);
    if (connection instanceof HttpsURLConnection secure) {
      target.trust().ifPresent(trusted -> secure.setSSLSocketFactory(trusted.getSocketFactory()));
      // A certificate names what others call the node, and this is itself.
      secure.setHostnameVerifier((_, _) -> true);
    }
    return connection;
  }

  private static String body(@Nullable InputStream stream) throws IOException {
    try (var body = Optional.ofNullable(stream).orElseGet(InputStream::nullInputStream)) {
      return new String(body.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
    }
  }
}
