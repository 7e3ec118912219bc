package dev.batuta.messaging.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long questions to an index may take, and who still gets an answer. */
class IndexReaderTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path path;
  private final List<SQLException> failures = new ArrayList<>();

  IndexReaderTest(@TempDir Path folder) {
    this.path = folder.resolve("search.db");
  }

  @BeforeEach
  void begin() throws SQLException {
    IndexFile.open(path, () -> false).close();
  }

  @Test
  void aStatementEndsWithTheTimeOfItsQuestion() throws Exception {
    try (IndexReader reader = reader(PATIENCE)) {
      assertThat(refusal(reader.ask((connection, time) -> endless(connection))))
          .isEqualTo("search-busy");
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void aCloseWaitsForNobody() throws Exception {
    IndexReader reader = reader(PATIENCE);
    List<Future<Long>> asked = new ArrayList<>();
    asked.add(reader.examine((connection, time) -> endless(connection)));
    for (int i = 0; i < 20; i++) {
      asked.add(reader.ask((connection, time) -> endless(connection)));
    }
    assertTimeoutPreemptively(Duration.ofSeconds(5), reader::close);
    for (Future<Long> each : asked) {
      assertThat(refusal(each)).isIn("search-unavailable", "search-busy");
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void whoHasGivenUpIsNotLookedFor() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch looked = new CountDownLatch(1);
    try (IndexReader reader = reader(Duration.ofMillis(50))) {
      for (int i = 0; i < 2; i++) {
        reader.examine((connection, time) -> awaits(busy)).onFailure(failure -> looked.countDown());
      }
      Future<Boolean> late =
          reader.ask(
              (connection, time) -> {
                looked.countDown();
                return true;
              });
      Thread.sleep(100);
      busy.countDown();
      assertThat(refusal(late)).isEqualTo("search-busy");
      assertThat(looked.getCount()).isEqualTo(1);
    }
  }

  private IndexReader reader(Duration askerWaits) throws SQLException {
    return new IndexReader(path, new SearchRefusal("server-1"), askerWaits, failures::add);
  }

  private static boolean awaits(CountDownLatch latch) {
    try {
      return latch.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException closed) {
      return false;
    }
  }

  private static long endless(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "WITH RECURSIVE each (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each)"
              + " SELECT max(n) FROM each");
      return 0;
    }
  }

  private static String refusal(Future<?> asked) throws Exception {
    try {
      asked.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
      return "answered";
    } catch (ExecutionException failed) {
      return failed.getCause() instanceof Refused refused
          ? refused.failure().code()
          : String.valueOf(failed.getCause());
    }
  }
}
