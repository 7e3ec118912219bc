package dev.batuta.system;

import dev.batuta.database.Database;
import dev.batuta.database.ReachableDatabase;
import dev.batuta.database.TestDatabase;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.reference.MySqlRankStore;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Three nodes of all roles, each in a network namespace of its own, and a database beside them. */
final class NetworkedCluster implements AutoCloseable {
  private static final int NODES = 3;
  private static final int HTTP = 8080;
  private static final int CLUSTER = 5701;
  private static final int BUS = 5801;
  private static final Duration START = Duration.ofMinutes(3);

  final Namespaces network;
  final ReachableDatabase database;
  private final Path data;
  private final List<Process> nodes = new ArrayList<>();

  private NetworkedCluster(Path data, Namespaces network, ReachableDatabase database) {
    this.data = data;
    this.network = network;
    this.database = database;
  }

  /** Starts one; the test is skipped where this machine has no namespaces for it. */
  static NetworkedCluster start(Path data) {
    Namespaces network = Namespaces.open(NODES);
    ReachableDatabase database;
    try {
      database = ReachableDatabase.start(data.resolve("database"), network.databaseAddress());
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
    NetworkedCluster cluster = new NetworkedCluster(data, network, database);
    try {
      cluster.prepare();
      for (int node = 1; node <= NODES; node++) {
        cluster.nodes.add(cluster.launch(node));
      }
      cluster.awaitReady();
      return cluster;
    } catch (RuntimeException | AssertionError e) {
      cluster.close();
      throw e;
    }
  }

  private void prepare() {
    Vertx vertx = Vertx.vertx();
    Database pool = Database.connect(vertx, database.address(), 2);
    try {
      for (String name : names()) {
        TestDatabase.await(new MySqlRankStore(pool).rank(name));
      }
      TestDatabase.await(new MySqlUserStore(pool).seedDemo());
      TestDatabase.await(new MySqlLedgerStore(pool).seedDemo());
    } finally {
      TestDatabase.await(pool.close());
      TestDatabase.await(vertx.close());
    }
  }

  private Process launch(int node) {
    List<String> words = new ArrayList<>(List.of("node", "--name", "server-" + node));
    settings(node).forEach((key, value) -> words.addAll(List.of("--set", key + "=" + value)));
    ProcessBuilder builder = RealCluster.launcher(data, words);
    builder.command(network.command(node, builder.command()));
    builder.environment().put("BATUTA_DATABASE_URL", database.address().url());
    try {
      return builder
          .redirectErrorStream(true)
          .redirectOutput(data.resolve("server-" + node + ".out").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> settings(int node) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("profile", "demo");
    settings.put("cluster.name", data.getFileName().toString());
    settings.put("cluster.servers", String.join(",", names()));
    settings.put(
        "cluster.members",
        IntStream.rangeClosed(1, NODES)
            .mapToObj(each -> network.address(each) + ":" + CLUSTER)
            .collect(Collectors.joining(",")));
    settings.put("worker.home", "server-" + node); // else a server may be left without workers
    settings.put("cluster.host", network.address(node));
    settings.put("cluster.port", Integer.toString(CLUSTER));
    settings.put("bus.port", Integer.toString(BUS));
    settings.put("http.host", network.address(node));
    settings.put("http.port", Integer.toString(HTTP));
    return settings;
  }

  private void awaitReady() {
    Client client = client();
    try (client) {
      Awaitility.await("all nodes are ready")
          .atMost(START)
          .pollInterval(Duration.ofMillis(300))
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(
              () -> {
                for (Process node : nodes) {
                  if (!node.isAlive()) {
                    throw new AssertionError("a node ended:\n" + printed());
                  }
                }
                for (String url : urls().values()) {
                  if (client.get(url, "/health/ready").status() != 200) {
                    return false;
                  }
                }
                return true;
              });
    }
  }

  private String printed() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String name : names()) {
      all.append(Files.readString(data.resolve(name + ".out")));
    }
    return all.toString();
  }

  /** In the order of their ranks. */
  List<String> names() {
    return IntStream.rangeClosed(1, NODES).mapToObj(node -> "server-" + node).toList();
  }

  /** By server; only {@link #client} reaches them when the database's address is cut off. */
  Map<String, String> urls() {
    Map<String, String> urls = new TreeMap<>();
    for (int node = 1; node <= NODES; node++) {
      urls.put("server-" + node, "http://" + network.address(node) + ":" + HTTP);
    }
    return urls;
  }

  Client client() {
    return Client.from(network.clientAddress());
  }

  ProcessHandle process(int node) {
    return nodes.get(node - 1).toHandle();
  }

  @Override
  public void close() {
    nodes.forEach(Process::destroy);
    for (Process node : nodes) {
      try {
        if (!node.waitFor(20, TimeUnit.SECONDS)) {
          node.destroyForcibly();
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    database.close();
    network.close();
  }
}
