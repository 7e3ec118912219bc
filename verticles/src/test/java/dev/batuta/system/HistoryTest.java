package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several clients at once change and read a few accounts while workers, servers and the database
 * are killed, the coordinator hangs, and the database is started again, and what they saw is
 * checked against the ledger. {@code -Dbatuta.faults=10} makes it longer.
 */
class HistoryTest {
  private static final int ROUNDS = Integer.getInteger("batuta.faults", 1);
  private static final Duration HANG = Duration.ofSeconds(3);
  private static final Duration GOES_ON = Duration.ofMinutes(1);

  @TempDir Path data = Path.of("");

  @Test
  void whatClientsSawOfAccountsIsLinearizableWhateverFails() throws IOException {
    try (RealCluster cluster = RealCluster.up(data);
        Client client = Client.anywhere()) {
      List<String> urls = cluster.serverUrls();
      List<String> users = List.of("h1", "h2", "h3", "h4", "h5");
      try (Clerks clerks = new Clerks(client, () -> urls, users, 8)) {
        goOn(clerks);
        for (int round = 0; round < ROUNDS; round++) {
          int number = 1 + round % 2;
          killAtOnce(cluster.awaitReady("W" + number), cluster.awaitReady("server-" + number));
          goOn(clerks);
          hang(cluster.awaitReady("server-3"));
          goOn(clerks);
          killAtOnce(cluster.database().orElseThrow());
          goOn(clerks);
          killAtOnce(cluster.awaitReady("server-3"), cluster.awaitReady("W3"));
          cluster.database().orElseThrow().destroy();
          goOn(clerks);
        }
        cluster.awaitReady("server-1"); // which is asked; killed, it may have met the database away
        Recorded recorded = clerks.recorded();
        System.out.println(recorded.verdict());
        assertThat(recorded.doctored()).allSatisfy(Recorded::assertRefused);
      }
      RealCluster.Result audit = cluster.batuta("audit");
      System.out.print(audit.out());
      assertThat(audit.exit()).isZero();
    }
  }

  private static void killAtOnce(ProcessHandle... processes) {
    for (ProcessHandle process : processes) {
      process.destroyForcibly();
    }
  }

  /** Waits until much more was answered than now. */
  private static void goOn(Clerks clerks) {
    int before = clerks.answered();
    Awaitility.await("clients are answered again")
        .atMost(GOES_ON)
        .until(() -> clerks.answered() > before + 100);
  }

  private static void hang(ProcessHandle process) {
    Fault.hang(process);
    try {
      Fault.lasts(HANG);
    } finally {
      Fault.wake(process);
    }
  }
}
