package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills spread over workers, servers and the coordinator, under load, and of everything at once:
 * {@code -Dbatuta.kills=100} makes a hundred of the first and, one for each 33, three of the
 * second. Each falls into load that goes on, while at most the one killed before is still away.
 */
class KillsTest {
  private static final int KILLS = Integer.getInteger("batuta.kills", 3);
  private static final int KILLS_OF_ALL = Math.max(1, KILLS / 33);
  private static final int NODES = 6;
  private static final Duration GOES_ON = Duration.ofMinutes(2);

  /** The database, {@code up} and all nodes, with SIGKILL at one moment. */
  private static final String EVERYTHING = "everything";

  private static final String COORDINATOR = "coordinator";
  private static final List<String> KINDS = List.of("worker", "server", COORDINATOR);

  @TempDir Path data = Path.of("");

  private final AtomicReference<List<String>> urls = new AtomicReference<>(List.of());
  private final Map<String, Integer> kills = new TreeMap<>();

  @Test
  @Timeout(value = 2, unit = TimeUnit.HOURS)
  void nothingThatWasAcknowledgedIsLostOrDoneTwiceWhateverIsKilled() {
    long since = System.nanoTime();
    RealCluster cluster = RealCluster.up(data);
    try {
      urls.set(cluster.serverUrls());
      try (Client client = Client.anywhere();
          Clerks clerks = new Clerks(client, urls::get, List.of("k1", "k2", "k3"), 4);
          BulkLoad load = new BulkLoad(client, urls::get, "bulk")) {
        load.during(KINDS.getFirst());
        for (int kill = 0; kill < KILLS; kill++) {
          kill(cluster, kill, clerks, load);
          if ((kill + 1) % Math.max(1, KILLS / KILLS_OF_ALL) == 0) {
            prepare(EVERYTHING, clerks, load);
            cluster.killEverything();
            cluster = RealCluster.up(data);
            urls.set(cluster.serverUrls());
            goOn(EVERYTHING, clerks, load);
          }
        }
        System.out.println(clerks.recorded().verdict());
        Tally tally = load.tally();
        System.out.print(tally.table(kills));
        System.out.printf(
            "%d kills within %d s%n",
            kills.values().stream().mapToInt(Integer::intValue).sum(),
            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since));
        assertThat(tally.total().lost()).isZero();
        assertThat(tally.total().doubled()).isZero();
        assertThat(tally.total().done()).isEqualTo(tally.total().acknowledged()).isPositive();
      }
      RealCluster.Result audit = cluster.batuta("audit");
      System.out.print(audit.out());
      assertThat(audit.exit()).isZero();
    } finally {
      cluster.close();
    }
  }

  private void kill(RealCluster cluster, int number, Clerks clerks, BulkLoad load) {
    String kind = KINDS.get(number % KINDS.size());
    JsonObject status =
        cluster.awaitStatus(
            "at most one is away",
            now ->
                now.getString("coordinator") != null && RealCluster.ready(now).size() >= NODES - 1);
    prepare(kind, clerks, load);
    String victim = victim(status, kind, number / KINDS.size());
    cluster.process(victim).destroyForcibly();
    goOn("%d of %d, %s".formatted(number + 1, KILLS, victim), clerks, load);
  }

  /** One after another of the nodes of a kind. */
  private static String victim(JsonObject status, String kind, int number) {
    String coordinator = status.getString("coordinator");
    if (kind.equals(COORDINATOR)) {
      return coordinator;
    }
    List<String> all =
        RealCluster.ready(status).stream()
            .filter(node -> node.getJsonArray("roles").contains(kind))
            .map(node -> node.getString("name"))
            .filter(name -> !name.equals(coordinator))
            .sorted()
            .toList();
    return all.get(number % all.size());
  }

  /** From now on the load counts as what met this kill; waits until there is some. */
  private void prepare(String kind, Clerks clerks, BulkLoad load) {
    load.during(kind);
    kills.merge(kind, 1, Integer::sum);
    progress("before the kill of a " + kind, clerks, load);
  }

  private static void goOn(String killed, Clerks clerks, BulkLoad load) {
    long since = System.nanoTime();
    progress("after the kill of " + killed, clerks, load);
    System.out.printf(
        "killed %s: work went on after %d ms%n",
        killed, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
  }

  private static void progress(String when, Clerks clerks, BulkLoad load) {
    int answered = clerks.answered();
    int acknowledged = load.acknowledged();
    Awaitility.await("clients are answered " + when)
        .atMost(GOES_ON)
        .until(() -> clerks.answered() > answered + 10 && load.acknowledged() > acknowledged + 100);
  }
}
