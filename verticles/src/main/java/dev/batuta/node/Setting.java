package dev.batuta.node;

import dev.batuta.gateway.foreign.ForeignPeer;
import dev.batuta.orchestrator.TaskRules;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One key of the configuration: its name, and how its text is read. Defaults and meanings are in
 * {@code conf/application.yaml}.
 *
 * @param isVerbatim whether blanks around its text are a part of it, as of a password
 */
public record Setting<T>(String key, Function<String, T> parse, boolean isVerbatim) {
  public static final Setting<String> PROFILE = text("profile");
  public static final Setting<String> NODE_NAME = name("node.name");
  public static final Setting<List<String>> NODE_ROLES =
      listOf("node.roles", "server", "worker", "gateway");
  public static final Setting<String> DATA = text("data");
  public static final Setting<String> CLUSTER_NAME = text("cluster.name");
  public static final Setting<List<String>> CLUSTER_SERVERS = list("cluster.servers");
  public static final Setting<List<String>> CLUSTER_MEMBERS = places("cluster.members");
  public static final Setting<String> CLUSTER_HOST = text("cluster.host");
  public static final Setting<Integer> CLUSTER_PORT = port("cluster.port");
  public static final Setting<Integer> BUS_PORT = port("bus.port");
  public static final Setting<String> DATABASE_URL = text("database.url");
  public static final Setting<String> DATABASE_PASSWORD = password("database.password");
  public static final Setting<Boolean> DATABASE_PREPARE = truth("database.prepare");
  public static final Setting<Integer> DATABASE_CONNECTIONS =
      integer("database.connections", 2, 64);
  public static final Setting<String> ADMIN_PASSWORD = password("admin.password");
  public static final Setting<String> HTTP_HOST = text("http.host");
  public static final Setting<Integer> HTTP_PORT = port("http.port");
  public static final Setting<Integer> HTTP_MAX_BODY = bytes("http.max-body");
  public static final Setting<Integer> HTTP_RATE = integer("http.rate", 1, 1_000_000);
  public static final Setting<Duration> HTTP_OPENING = duration("http.opening");
  public static final Setting<String> HTTP_WEBROOT = text("http.webroot");
  public static final Setting<Boolean> HTTP_HEALTH = truth("http.health");
  public static final Setting<Boolean> HTTP_TLS = truth("http.tls");
  public static final Setting<List<String>> HTTP_ORIGINS = list("http.origins");
  public static final Setting<String> HTTP_METRICS_TOKEN = text("http.metrics-token");
  public static final Setting<String> TLS_CERTIFICATE = text("tls.certificate");
  public static final Setting<String> TLS_KEY = text("tls.key");
  public static final Setting<String> TLS_CURVE_KEY = text("tls.curve-key");
  public static final Setting<List<ForeignPeer>> PEERS = new Setting<>("peers", PeerList::parse);
  public static final Setting<Duration> FOREIGN_LEASE =
      duration("foreign.lease", Duration.ofSeconds(3), Duration.ofDays(1));
  public static final Setting<Duration> HEARTBEAT_INTERVAL = duration("heartbeat.interval");
  public static final Setting<Duration> HEARTBEAT_SUSPICION = duration("heartbeat.suspicion");
  public static final Setting<Duration> REFERENCE_HEARTBEAT = duration("reference.heartbeat");
  public static final Setting<Duration> REFERENCE_TIMEOUT = duration("reference.timeout");
  public static final Setting<String> ELECTION_POLICY =
      oneOf("election.policy", "highest-rank", "lowest-rank");
  public static final Setting<Duration> ELECTION_SETTLE =
      duration("election.settle", Duration.ZERO, Duration.ofMinutes(1));
  public static final Setting<Duration> CLOCK_INTERVAL = duration("clock.interval");
  public static final Setting<Duration> CLOCK_MINIMUM_INTERVAL = duration("clock.minimum-interval");
  public static final Setting<Integer> CLOCK_MESSAGES = integer("clock.messages", 1, 1_000_000);
  public static final Setting<Duration> CLOCK_TOLERANCE = duration("clock.tolerance");
  public static final Setting<Duration> CLOCK_ROUND_TRIP = duration("clock.round-trip");
  public static final Setting<Duration> CLOCK_SKEW = signedDuration("clock.skew");
  public static final Setting<Integer> CLOCK_DRIFT_PPM =
      integer("clock.drift-ppm", -100_000, 100_000);
  public static final Setting<Integer> TASKS_MAX_QUEUE = integer("tasks.max-queue", 1, 100_000_000);
  public static final Setting<Integer> TASKS_MAX_ATTEMPTS =
      integer("tasks.max-attempts", 1, TaskRules.MAX_ATTEMPTS);
  public static final Setting<Duration> TASKS_STRANDED = duration("tasks.stranded");
  public static final Setting<String> TASKS_LIB = text("tasks.lib");
  public static final Setting<Integer> LENDING_MAX_QUEUE =
      integer("lending.max-queue", 1, 1_000_000);
  public static final Setting<Integer> LENDING_MIN_QUEUE =
      integer("lending.min-queue", 0, 1_000_000);
  public static final Setting<Integer> LENDING_MIN_WORKERS =
      integer("lending.min-workers", 0, 10_000);
  public static final Setting<Duration> LENDING_INTERVAL = duration("lending.interval");
  public static final Setting<Duration> TASKS_RETENTION = duration("tasks.retention");
  public static final Setting<Duration> TASKS_KEYS = duration("tasks.keys");
  public static final Setting<Duration> TAKEOVER_GRACE = duration("takeover.grace");
  public static final Setting<String> WORKER_HOME = text("worker.home");
  public static final Setting<Integer> WORKER_CREDITS = integer("worker.credits", 1, 100_000);
  public static final Setting<Duration> WORKER_HEARTBEAT = duration("worker.heartbeat");
  public static final Setting<String> PUBLISH_ACKS =
      oneOf("publish.acks", "majority", "local", "all");
  public static final Setting<Duration> PUBLISH_TIMEOUT = duration("publish.timeout");
  public static final Setting<Duration> SYNC_INTERVAL = duration("sync.interval");
  public static final Setting<Optional<URI>> TRACING_OTLP = collector("tracing.otlp");
  public static final Setting<Double> TRACING_SAMPLE = ratio("tracing.sample");

  /** Those that name files or folders. */
  public static final List<Setting<String>> PATHS =
      List.of(TLS_CERTIFICATE, TLS_KEY, TLS_CURVE_KEY, HTTP_WEBROOT, TASKS_LIB);

  private static final List<Setting<?>> ALL =
      List.of(
          PROFILE,
          NODE_NAME,
          NODE_ROLES,
          DATA,
          CLUSTER_NAME,
          CLUSTER_SERVERS,
          CLUSTER_MEMBERS,
          CLUSTER_HOST,
          CLUSTER_PORT,
          BUS_PORT,
          DATABASE_URL,
          DATABASE_PASSWORD,
          DATABASE_PREPARE,
          DATABASE_CONNECTIONS,
          ADMIN_PASSWORD,
          HTTP_HOST,
          HTTP_PORT,
          HTTP_MAX_BODY,
          HTTP_RATE,
          HTTP_OPENING,
          HTTP_WEBROOT,
          HTTP_HEALTH,
          HTTP_TLS,
          HTTP_ORIGINS,
          HTTP_METRICS_TOKEN,
          TLS_CERTIFICATE,
          TLS_KEY,
          TLS_CURVE_KEY,
          PEERS,
          FOREIGN_LEASE,
          HEARTBEAT_INTERVAL,
          HEARTBEAT_SUSPICION,
          REFERENCE_HEARTBEAT,
          REFERENCE_TIMEOUT,
          ELECTION_POLICY,
          ELECTION_SETTLE,
          CLOCK_INTERVAL,
          CLOCK_MINIMUM_INTERVAL,
          CLOCK_MESSAGES,
          CLOCK_TOLERANCE,
          CLOCK_ROUND_TRIP,
          CLOCK_SKEW,
          CLOCK_DRIFT_PPM,
          TASKS_MAX_QUEUE,
          TASKS_MAX_ATTEMPTS,
          TASKS_STRANDED,
          TASKS_LIB,
          TASKS_RETENTION,
          TASKS_KEYS,
          LENDING_MAX_QUEUE,
          LENDING_MIN_QUEUE,
          LENDING_MIN_WORKERS,
          LENDING_INTERVAL,
          TAKEOVER_GRACE,
          WORKER_HOME,
          WORKER_CREDITS,
          WORKER_HEARTBEAT,
          PUBLISH_ACKS,
          PUBLISH_TIMEOUT,
          SYNC_INTERVAL,
          TRACING_OTLP,
          TRACING_SAMPLE);

  /** One around whose text blanks mean nothing. */
  Setting(String key, Function<String, T> parse) {
    this(key, parse, false);
  }

  /** All keys, in the order of {@code application.yaml}, those of the doors last. */
  public static List<Setting<?>> all() {
    // Not a constant: the keys of the doors are made by the methods here.
    return Stream.concat(ALL.stream(), DoorKeys.all().stream().flatMap(DoorKeys::keys)).toList();
  }

  /** Its name in the environment: {@code BATUTA_CLOCK_DRIFT_PPM}. */
  public String variable() {
    return "BATUTA_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /**
   * Reads a value.
   *
   * @throws SettingsException that names the key and the value
   */
  public T read(String text) {
    try {
      return parse.apply(isVerbatim ? text : text.strip());
    } catch (IllegalArgumentException e) {
      throw new SettingsException(key + " is \"" + text + "\": " + e.getMessage());
    }
  }

  static Setting<String> text(String key) {
    return new Setting<>(key, Function.identity());
  }

  private static Setting<String> password(String key) {
    return new Setting<>(key, Function.identity(), true);
  }

  private static Setting<String> name(String key) {
    Pattern allowed = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}|");
    return new Setting<>(
        key,
        text -> {
          require(
              allowed.matcher(text).matches(),
              "a name has 1 to 64 letters, digits, dots, dashes or underscores");
          return text;
        });
  }

  static Setting<Boolean> truth(String key) {
    return new Setting<>(
        key,
        text -> {
          require(text.equals("true") || text.equals("false"), "it takes true or false");
          return text.equals("true");
        });
  }

  static Setting<List<String>> list(String key) {
    return new Setting<>(
        key,
        text ->
            Arrays.stream(text.split(",")).map(String::strip).filter(t -> !t.isEmpty()).toList());
  }

  private static final Pattern PLACE =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^\\[\\]:\\s]+):([0-9]{1,5})");

  /** Hosts with their ports; nobody is asked here whether a host is known. */
  private static Setting<List<String>> places(String key) {
    Setting<List<String>> plain = list(key);
    return new Setting<>(
        key,
        text -> {
          List<String> values = plain.parse().apply(text);
          values.forEach(
              value ->
                  require(
                      isPlace(value),
                      value + " is not of the form host:port, such as server-1:5701"));
          return values;
        });
  }

  private static boolean isPlace(String text) {
    Matcher parts = PLACE.matcher(text);
    return parts.matches()
        && Integer.parseInt(parts.group(2)) >= 1
        && Integer.parseInt(parts.group(2)) <= 65_535;
  }

  private static Setting<List<String>> listOf(String key, String... allowed) {
    Setting<List<String>> plain = list(key);
    List<String> known = List.of(allowed);
    return new Setting<>(
        key,
        text -> {
          List<String> values = plain.parse().apply(text);
          require(
              !values.isEmpty() && known.containsAll(values),
              "it takes some of " + String.join(", ", known) + ", separated by commas");
          return values;
        });
  }

  private static Setting<String> oneOf(String key, String... allowed) {
    List<String> known = List.of(allowed);
    return new Setting<>(
        key,
        text -> {
          require(known.contains(text), "it takes one of " + String.join(", ", known));
          return text;
        });
  }

  static Setting<Integer> port(String key) {
    return integer(key, 0, 65_535);
  }

  static Setting<Integer> integer(String key, int least, int most) {
    String expected = "it takes a whole number from " + least + " to " + most;
    return new Setting<>(
        key,
        text -> {
          require(text.matches("-?[0-9]{1,9}"), expected);
          int value = Integer.parseInt(text);
          require(value >= least && value <= most, expected);
          return value;
        });
  }

  static Setting<Duration> duration(String key) {
    return new Setting<>(
        key,
        text -> {
          Duration value = parseDuration(text);
          require(value.isPositive(), "it takes a time above zero");
          return value;
        });
  }

  private static Setting<Duration> duration(String key, Duration least, Duration most) {
    String expected =
        "it takes a time from %d ms to %d ms".formatted(least.toMillis(), most.toMillis());
    return new Setting<>(
        key,
        text -> {
          Duration value = parseDuration(text);
          require(value.compareTo(least) >= 0 && value.compareTo(most) <= 0, expected);
          return value;
        });
  }

  private static Setting<Duration> signedDuration(String key) {
    return new Setting<>(key, Setting::parseDuration);
  }

  private static final Map<String, Long> UNIT_MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
  private static final Pattern DURATION = Pattern.compile("(-?[0-9]{1,9})(ms|s|m|h|d)");

  /** Such as {@code 250ms}, {@code 5s}, {@code 1m}. */
  public static Duration parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text);
    require(matcher.matches(), "it takes a time such as 250ms, 5s or 1m");
    return Duration.ofMillis(
        Long.parseLong(matcher.group(1)) * UNIT_MILLIS.getOrDefault(matcher.group(2), 1L));
  }

  private static final Pattern BYTES = Pattern.compile("([0-9]{1,4})(KiB|MiB)");

  static Setting<Integer> bytes(String key) {
    return new Setting<>(
        key,
        text -> {
          Matcher matcher = BYTES.matcher(text);
          require(matcher.matches(), "it takes a size such as 512KiB or 8MiB");
          int shift = matcher.group(2).equals("KiB") ? 10 : 20;
          long value = Long.parseLong(matcher.group(1)) << shift;
          require(value > 0 && value <= 1L << 30, "it takes a size from 1KiB to 1024MiB");
          return (int) value;
        });
  }

  private static final Pattern RATIO = Pattern.compile("0(\\.[0-9]{1,9})?|1(\\.0{1,9})?");

  private static Setting<Double> ratio(String key) {
    return new Setting<>(
        key,
        text -> {
          require(RATIO.matcher(text).matches(), "it takes a number from 0 to 1, such as 0.05");
          return Double.parseDouble(text);
        });
  }

  /** Where nothing but a host is named, the path is that of OpenTelemetry. */
  private static Setting<Optional<URI>> collector(String key) {
    return new Setting<>(
        key,
        text -> {
          if (text.isEmpty()) {
            return Optional.empty();
          }
          URI url = address(text);
          boolean bare = url.getPath().isEmpty() || url.getPath().equals("/");
          return Optional.of(bare ? url.resolve("/v1/traces") : url);
        });
  }

  private static URI address(String text) {
    String expected = "it takes an address such as http://collector:4318";
    try {
      URI url = new URI(text);
      require(
          List.of("http", "https").contains(url.getScheme()) && url.getHost() != null, expected);
      return url;
    } catch (URISyntaxException wrong) {
      throw new IllegalArgumentException(expected, wrong);
    }
  }

  private static void require(boolean condition, String expected) {
    if (!condition) {
      throw new IllegalArgumentException(expected);
    }
  }
}
