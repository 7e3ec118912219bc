package dev.batuta.cli.client;

import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command takes: which cluster it talks to, as whom, and how it prints. */
public final class Target {
  static final String DEFAULT_URL = "http://127.0.0.1:8080";

  @Option(
      names = "--url",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description =
          "Server to talk to, or several with commas, in turn; else BATUTA_URL, else those of"
              + " DATA/cluster.json")
  @Nullable String url;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      scope = ScopeType.INHERIT,
      description =
          "Bearer token; else BATUTA_TOKEN, else that of BATUTA_USER by BATUTA_PASSWORD or"
              + " BATUTA_PASSWORD_FILE, else what `login` stored")
  @Nullable String token;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "PEM file of certificates to trust besides Java's, for servers of HTTPS; else BATUTA_CA,"
              + " else the certificate of BATUTA_TLS_CERTIFICATE")
  @Nullable Path ca;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "Data folder of a cluster on this machine; else BATUTA_DATA, else data/")
  @Nullable Path data;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print JSON: one object, or one a line for streams")
  public boolean json;

  /** The data folder. */
  public Path data() {
    return data(System.getenv(), System.getProperty("batuta.home", "."));
  }

  public Path data(Map<String, String> environment, String home) {
    if (data != null) {
      return data.toAbsolutePath().normalize();
    }
    var named = environment.get("BATUTA_DATA");
    return (named == null || named.isBlank() ? Path.of(home, "data") : Path.of(named))
        .toAbsolutePath()
        .normalize();
  }

  /** The servers to try, in turn. */
  static List<String> urls(
      @Nullable String given, Map<String, String> environment, Optional<ClusterFile> file) {
    if (given != null) {
      return listed(given);
    }
    var named = environment.get("BATUTA_URL");
    if (named != null && !named.isBlank()) {
      return listed(named);
    }
    var known =
        file.map(f -> f.servers().stream().map(ClusterFile.Server::url).toList()).orElse(List.of());
    return known.isEmpty() ? List.of(DEFAULT_URL) : known;
  }

  private static List<String> listed(String urls) {
    return Arrays.stream(urls.split(",", -1)).map(Target::normal).toList();
  }

  private static String normal(String url) {
    var text = url.strip().replaceAll("/+$", "");
    try {
      var parsed = new URI(text);
      if (parsed.getHost() != null && List.of("http", "https").contains(parsed.getScheme())) {
        return text;
      }
    } catch (URISyntaxException e) {
      // said below
    }
    throw Problem.unsure("bad-url", "'" + url + "' is no server's URL: write it as " + DEFAULT_URL);
  }

  /** The server that an option names, if one does. */
  public Optional<String> givenUrl() {
    return Optional.ofNullable(url).map(Target::normal);
  }

  /** Whom to trust besides those that Java trusts. */
  public Optional<SSLContext> trust() {
    return ca(System.getenv()).map(Trust::also);
  }

  /** The servers to talk to, with their tokens. */
  public Api api() {
    return api(urls(url, System.getenv(), clusterFile()));
  }

  /** Certain servers, with their tokens. */
  public Api api(List<String> servers) {
    var environment = System.getenv();
    var store =
        TokenStore.ofUser(
            environment, System.getProperty("user.home"), System.getProperty("os.name"));
    return new Api(
        servers,
        new TokenChoice(token, environment.get("BATUTA_TOKEN"), store, clusterFile()),
        OwnLogin.of(environment),
        ca(environment).map(Trust::also));
  }

  /** The file with certificates to trust. */
  private Optional<Path> ca(Map<String, String> environment) {
    return Optional.ofNullable(ca)
        .or(() -> Optional.ofNullable(environment.get("BATUTA_CA")).map(Path::of))
        .or(() -> Optional.ofNullable(environment.get("BATUTA_TLS_CERTIFICATE")).map(Path::of));
  }

  /** Empty also when the file is another user's: then its servers are not ours to know. */
  public Optional<ClusterFile> clusterFile() {
    try {
      return ClusterFile.read(data());
    } catch (java.nio.file.AccessDeniedException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw Problem.failed("cluster-file", String.valueOf(e.getMessage()));
    }
  }
}
