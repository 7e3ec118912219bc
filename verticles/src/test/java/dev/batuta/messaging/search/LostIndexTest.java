package dev.batuta.messaging.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.Found;
import dev.batuta.codec.ChatMessage.Order;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Op;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found again when the index, or its log, is not what it was. */
class LostIndexTest extends SearchedLog {
  LostIndexTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void itIsMadeAnewWhereItIsLostDamagedOrOfAnotherSchema() throws Exception {
    start();
    for (int i = 0; i < 200; i++) {
      say("word " + i);
    }
    assertThat(all("word", Order.TIME, 1_000)).hasSize(200);
    stopSearch();
    for (String part : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(folder.resolve("search.db" + part));
    }
    startSearch();
    assertThat(all("word", Order.TIME, 1_000)).as("lost").hasSize(200);

    stopSearch();
    byte[] bytes = Files.readAllBytes(index());
    for (int i = 4096; i < bytes.length; i += 7) {
      bytes[i] ^= 0x55;
    }
    Files.write(index(), bytes);
    startSearch();
    assertThat(all("word", Order.TIME, 1_000)).as("damaged").hasSize(200);

    stopSearch();
    Files.writeString(index(), "this is no database".repeat(100));
    startSearch();
    assertThat(all("word", Order.TIME, 1_000)).as("no database").hasSize(200);

    for (String change :
        List.of(
            "PRAGMA user_version=99", "DROP TABLE document", "UPDATE indexed SET sequence = 9")) {
      stopSearch();
      execute(change);
      startSearch();
      assertThat(all("word", Order.TIME, 1_000)).as(change).hasSize(200);
    }
  }

  @Test
  void besideAnotherLogItIsMadeAnewAlsoWhenThatHasTheSameLastOp() throws IOException {
    start();
    Op one = op(S2, new Content.ChannelMessage("geral", "ana", "word of s2", "a", 1, 1));
    Op other = op(S3, new Content.ChannelMessage("geral", "ana", "word of s3", "b", 5, 1));
    Op last = op(S3, new Content.ChannelMessage("geral", "ana", "last word", "c", 6, 1));
    Op later = op(S2, new Content.ChannelMessage("geral", "ana", "later word", "d", 3, 1));
    take(one, other, last);
    assertThat(all("word", Order.TIME, 10)).hasSize(3);
    stopSearch();
    closeLog();
    eraseLog();
    openLog();
    take(one, later);
    startSearch();
    assertThat(texts(all("word", Order.TIME, 10))).containsExactly("later word", "word of s2");
    stopSearch();
    take(other, last);
    startSearch();
    assertThat(all("word", Order.TIME, 10)).hasSize(4);
  }

  @Test
  void whatWasDamagedWhileItServesIsMadeAnewByItself() throws SQLException {
    start();
    say("word");
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
    execute("DELETE FROM document", "UPDATE words_data SET block = x'00' WHERE id > 10");
    say("another word");
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(all("word", Order.TIME, 10)).hasSize(2));
  }

  @Test
  void aFileThatCannotBeUsedIsTriedAgainAndServesOnceItCan() throws IOException {
    openLog();
    say("word");
    Files.createDirectories(index().resolve("in-the-way"));
    startSearch(0);
    Awaitility.await().atMost(PATIENCE).until(() -> search().outage().isPresent());
    Files.delete(index().resolve("in-the-way"));
    Files.delete(index());
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
  }

  @Test
  void bitsThatSqliteDoesNotMissAreSeenAtTheNextOpening() throws SQLException {
    start();
    for (int i = 0; i < 300; i++) {
      say("word needle" + i);
    }
    assertThat(all("needle7", Order.TIME, 10)).hasSize(1);
    for (String change :
        List.of(
            "UPDATE words_data SET block = CAST(replace(block, CAST('needle' AS BLOB),"
                + " CAST('nfedle' AS BLOB)) AS BLOB)",
            "UPDATE document SET position = position + 1 WHERE id = (SELECT max(id) FROM document)",
            "DELETE FROM document WHERE id = (SELECT max(id) FROM document)")) {
      stopSearch();
      execute(change);
      startSearch();
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(all("needle7", Order.TIME, 10)).as(change).hasSize(1);
                assertThat(all("needle299", Order.TIME, 10)).as(change).hasSize(1);
              });
    }
  }

  @Test
  void aLogThatWasSetBackAndFilledBeforeAnybodyLookedIsFoundWhole() throws IOException {
    List<Op> common = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      common.add(op(S2, new Content.ChannelMessage("geral", "ana", "old " + i, "", tick(), 1)));
    }
    List<Op> ours = new ArrayList<>();
    List<Op> theirs = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ours.add(op(S2, new Content.ChannelMessage("geral", "ana", "tail " + i, "", tick(), 1)));
      theirs.add(op(S3, new Content.ChannelMessage("geral", "ana", "tail " + i, "", tick(), 1)));
    }
    Op last = op(S2, new Content.ChannelMessage("geral", "ana", "tail", "", tick(), 1));
    start();
    take(common, ours, theirs, List.of(last));
    assertThat(all("tail", Order.TIME, 100)).hasSize(11);
    stopSearch();
    closeLog();
    eraseLog();
    openLog();
    take(common);
    Path away = folder.resolve("away.db");
    Files.move(index(), away);
    Files.createDirectory(index());
    startSearch();
    Awaitility.await().atMost(PATIENCE).until(() -> search().outage().isPresent());
    take(theirs, ours, List.of(last));
    Files.delete(index());
    Files.move(away, index());
    assertThat(all("tail", Order.TIME, 100)).hasSize(11);
  }

  @Test
  void aFileWhoseContentsSqliteDoesNotUnderstandIsMadeAnew() throws SQLException {
    start();
    say("word");
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
    stopSearch();
    execute("UPDATE words_config SET v = 99 WHERE k = 'version'");
    startSearch();
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
  }

  @Test
  void aDiskWithoutRoomHasTheIndexLagAndWhatItHasBeFound() {
    start();
    say("word");
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
    stopSearch();
    startSearch(Long.MAX_VALUE);
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
    say("another word");
    Found lagging = await(search().find(by("word", null, false), 10));
    assertThat(lagging.items()).hasSize(1);
    assertThat(lagging.behind()).isEqualTo(1);
    assertThat(search().behind()).isEqualTo(1);
    stopSearch();
    startSearch();
    assertThat(all("word", Order.TIME, 10)).hasSize(2);
    assertThat(search().outage()).isEmpty();
  }
}
