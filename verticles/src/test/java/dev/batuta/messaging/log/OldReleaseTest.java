package dev.batuta.messaging.log;

import static dev.batuta.messaging.log.OpLogContract.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.messaging.Ops;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import java.nio.file.Files;
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

/** Files that a release without checksums and without blocks made. */
class OldReleaseTest {
  private static final Origin AFAR = new Origin("server-2", 5);

  private final Path path;
  private final List<OpLog> open = new ArrayList<>();

  OldReleaseTest(@TempDir Path folder) {
    this.path = folder.resolve("messages.db");
  }

  @AfterEach
  void closeAll() {
    open.forEach(OpLog::close);
  }

  @Test
  void anOlderReleaseRefusesAFileThatThisOneHasOpened() {
    written();
    closeAll();
    assertThatThrownBy(() -> append(1, "one", "said by the old one", 20))
        .hasMessageContaining("newer schema");
  }

  @Test
  void whatTheOldReleaseWroteIsThereAndWhatItTookForOneMessageIsOne() throws SQLException {
    OpLog log = written();
    int before = await(log.since(0, 100)).size();
    closeAll();
    OldRelease.made(path);

    append(1, "one", "said by the old one", 20);
    append(2, "id 1", "text 1", 21);
    append(3, "id 1", "another text", 22);

    OpLog again = open();
    assertThat(Files.exists(aside())).isFalse();
    assertThat(await(again.since(0, 100))).hasSize(before + 3);
    assertThat(again.highestClock()).isEqualTo(22);
    assertThat(again.counts().channelMessages()).isEqualTo(6);
    assertThat(again.complete()).isTrue();
    assertThat(texts(again))
        .as("each text once")
        .containsExactly("text 0", "text 1", "text 2", "said by the old one", "another text");
    assertThat(again.twins(before + 2)).hasSize(1);
    assertThat(again.twins(before + 3)).as("it is another message").isEmpty();
    closeAll();
    assertThat(stale()).isEmpty();
  }

  @Test
  void whatTheNewReleaseWritesAfterTheOldOneIsProtected() throws SQLException {
    written();
    closeAll();
    OldRelease.made(path);
    append(1, "one", "unprotected", 20);
    OpLog again = open();
    await(again.make(Draft.of(new Publish("ana", "geral", "protected", "id 9"))));
    closeAll();

    assertThat(number("SELECT count(*) FROM op WHERE checksum IS NULL")).isEqualTo(6);
    assertThat(number("SELECT count(*) FROM op WHERE checksum IS NOT NULL")).isEqualTo(1);
    assertThat(number("SELECT count(*) FROM state WHERE checksum IS NULL"))
        .as("but the mark, which was not written again")
        .isEqualTo(1);
    assertThat(number("PRAGMA user_version")).isEqualTo(3);
    assertThat(stale()).isEmpty();
    assertThat(texts(open())).contains("unprotected", "protected");
  }

  @Test
  void whatAnOldFileTookForOneMessageIsTwoWhereTheTextsDiffer() throws SQLException {
    written();
    closeAll();
    OldRelease.made(path);
    append(1, "id 0", "another text", 20);
    append(2, "id 0", "text 0", 21);
    append(3, "id 0", "another text", 22);
    assertThat(texts(open())).containsExactly("text 0", "text 1", "text 2", "another text");
    closeAll();
    assertThat(stale()).isEmpty();
    assertThat(number("SELECT value FROM state WHERE name = 'regroup'")).isZero();
  }

  private OpLog written() {
    OpLog log = open();
    await(log.make(Draft.of(new CreateUser("ana"))));
    await(log.make(Draft.of(new CreateChannel("geral"))));
    for (int i = 0; i < 3; i++) {
      await(log.make(Draft.of(new Publish("ana", "geral", "text " + i, "id " + i))));
    }
    await(log.mark(true));
    return log;
  }

  private void append(long sequence, String id, String text, long clock) throws SQLException {
    var said = new Content.ChannelMessage("geral", "ana", text, id, clock, 1_750_000);
    Op op = Ops.op(AFAR, sequence, said);
    OldRelease.append(path, op, said);
  }

  private List<Long> stale() throws SQLException {
    List<Long> found = new ArrayList<>();
    try (LogCheck check = LogCheck.of(path, (from, to) -> found.add(from))) {
      check.structure();
      boolean more = true;
      while (more) {
        more = check.more();
      }
    }
    return found;
  }

  private static List<String> texts(OpLog log) {
    return await(log.read("#geral", null, 100)).entries().stream()
        .map(entry -> ((Content.Said) entry.content()).text())
        .toList();
  }

  private OpLog open() {
    var clock = new AtomicLong();
    OpLog log =
        new SqliteOpLog(path, new Origin("server-1", 77), clock::incrementAndGet, () -> 1_750_000L);
    clock.set(log.highestClock());
    open.add(log);
    return log;
  }

  private Path aside() {
    return path.resolveSibling(path.getFileName() + ".damaged-1");
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }
}
