package dev.batuta.messaging.log;

import static dev.batuta.messaging.log.OpLogContract.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.messaging.Ops;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.DeltaVector;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.VersionVector;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folds in a file, over the starts of its server. */
class FoldedLogTest {
  private static final Origin AFAR = new Origin("server-2", 5);

  private final Path path;
  private final List<OpLog> open = new ArrayList<>();
  private int starts;

  FoldedLogTest(@TempDir Path folder) {
    this.path = folder.resolve("messages.db");
  }

  @AfterEach
  void closeAll() {
    open.forEach(OpLog::close);
  }

  @Test
  void whatFoldsNameIsNamedAfterEachOfManyStarts() {
    String first = "";
    VersionVector atFirst = new VersionVector();
    for (int start = 0; start < 40; start++) {
      OpLog log = open();
      await(log.make(Draft.of(new CreateChannel("channel " + start))));
      if (log.vector().recent().size() > 8) {
        fold(log);
      }
      assertThat(log.vector().recent()).hasSizeLessThan(10);
      if (start == 20) {
        atFirst = log.vector();
        first = atFirst.token();
      }
      closeAll();
    }
    OpLog last = open();
    assertThat(last.vector().entries()).hasSize(40);
    assertThat(last.vector().token()).hasSizeLessThan(1_024);
    assertThat(DeltaVector.ofToken(first).flatMap(last.vector().folds()::resolve))
        .contains(atFirst);
    assertThat(last.counts().unknown()).as("folds are no unknown ops").isZero();
    assertThat(await(last.beyond(atFirst, 1_000)))
        .hasSize(await(last.since(0, 1_000)).size() - 21 - atFirst.level());
  }

  /** That one keeps them, and has no index by which they are found. */
  @Test
  void foldsThatAReleaseKeptWhichDidNotKnowThemAreFoundByTheNext() throws SQLException {
    OpLog log = open();
    Op said = Ops.op(AFAR, 1, new Content.Channel("geral", 1, 1));
    var named = new Content.Fold(List.of(), List.of(said.id()), 2, 2);
    await(log.take(List.of(said, Ops.op(new Origin("server-2", 6), 1, named))));
    await(log.make(Draft.of(new CreateChannel("other"))));
    VersionVector before = log.vector();
    closeAll();
    execute("DROP INDEX op_unseen");
    OpLog again = open();
    assertThat(again.vector()).isEqualTo(before);
    assertThat(again.vector().level()).isEqualTo(1);
    assertThat(again.vector().recent()).doesNotContainKey(AFAR);
    closeAll();
    assertThat(number("SELECT count(*) FROM op WHERE kind = 0")).isEqualTo(1);
    assertThat(number("SELECT value FROM state WHERE name = 'ops-0'"))
        .as("as that release counts them")
        .isEqualTo(1);
    assertThat(number("SELECT count(*) FROM sqlite_master WHERE name = 'op_unseen'")).isEqualTo(1);
  }

  private static void fold(OpLog log) {
    List<OpId> ended =
        log.vector().recent().entrySet().stream()
            .filter(last -> !last.getKey().equals(log.self()))
            .map(last -> new OpId(last.getKey(), last.getValue()))
            .toList();
    await(log.make(Draft.fold(log.vector().delta().base(), ended)));
  }

  private OpLog open() {
    var clock = new AtomicLong();
    Origin self = new Origin("server-1", ++starts);
    OpLog log = new SqliteOpLog(path, self, clock::incrementAndGet, () -> 1_750_000L);
    clock.set(log.highestClock());
    open.add(log);
    return log;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }
}
