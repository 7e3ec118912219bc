package dev.batuta.messaging.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.messaging.Ops;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an index is known to have. */
class IndexFileTest {
  private static final Origin S2 = new Origin("server-2", 7);

  private final Path path;
  private long clock;

  IndexFileTest(@TempDir Path folder) {
    this.path = folder.resolve("search.db");
  }

  /** The figure is kept of terms as they are made, and made again of those that FTS5 gives. */
  @Test
  void whatWasWrittenOfAnyCharacterIsReadAgain() throws SQLException {
    List<OpLog.Entry> entries = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int point = 1; point <= Character.MAX_CODE_POINT; point++) {
      if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
        text.appendCodePoint(point).append(point % 3 == 0 ? " " : "");
      }
      if (text.length() > 8_000 || point == Character.MAX_CODE_POINT) {
        entries.add(said(text.toString()));
        text.setLength(0);
      }
    }
    write(entries);
    write(List.of(said("one more \ud800")));
    examine();
  }

  @Test
  void hardlyABitBecomesAnotherOneUnseen() throws SQLException, IOException {
    List<OpLog.Entry> entries = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      entries.add(said("everybody says number%d and w%d".formatted(i, i * 7919L % 1000)));
    }
    write(entries);
    byte[] whole = Files.readAllBytes(path);
    Random random = new Random(5);
    int unseen = 0;
    for (int i = 0; i < 150; i++) {
      byte[] flipped = whole.clone();
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      IndexDamage.throwAway(path);
      Files.write(path, flipped);
      if (!isSeen() && !findsAll(entries)) {
        unseen++;
      }
    }
    assertThat(unseen).isLessThanOrEqualTo(1);
  }

  private boolean isSeen() {
    try {
      examine();
      return false;
    } catch (SQLException failure) {
      assertThat(IndexDamage.isInOpening(failure)).as(failure.getMessage()).isTrue();
      return true;
    }
  }

  private boolean findsAll(List<OpLog.Entry> entries) throws SQLException {
    try (Connection connection = IndexFile.connect(path, () -> false);
        var select =
            connection.prepareStatement(
                "SELECT d.position FROM words CROSS JOIN document d ON d.id = words.rowid WHERE"
                    + " words MATCH ?")) {
      for (int i = 0; i < entries.size(); i++) {
        select.setString(1, "number" + i);
        try (var row = select.executeQuery()) {
          if (!row.next() || row.getLong(1) != entries.get(i).position()) {
            return false;
          }
        }
      }
      return true;
    }
  }

  private void write(List<OpLog.Entry> entries) throws SQLException {
    try (IndexFile file = IndexFile.open(path, () -> false)) {
      file.add(entries);
    }
  }

  /** Opens it, and looks at all of it. */
  private void examine() throws SQLException {
    IndexFile.open(path, () -> false).close();
    try (Connection connection = IndexFile.connect(path, () -> false)) {
      IndexFile.examine(connection);
    }
  }

  private OpLog.Entry said(String text) {
    clock++;
    Content said = new Content.ChannelMessage("geral", "ana", text, "", clock, 1);
    Op op = Ops.op(S2, clock, said);
    return new OpLog.Entry(clock, op, said);
  }
}
