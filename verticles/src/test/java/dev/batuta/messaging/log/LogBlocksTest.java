package dev.batuta.messaging.log;

import static dev.batuta.messaging.log.OpLogContract.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.ChatMessage.PublishAll;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.Ops;
import dev.batuta.messaging.replica.Batch;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that share a row of the log: nobody sees that they do. */
class LogBlocksTest {
  private static final int MANY = 300;
  private static final long TIME_MILLIS = 1_750_000;

  private final Path folder;
  private final List<OpLog> open = new ArrayList<>();

  LogBlocksTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void closeAll() {
    open.forEach(OpLog::close);
  }

  @Test
  void messagesOfABlockAreReadAsThoseThatAreAlone() throws SQLException {
    OpLog together = withGeral("together");
    await(together.make(batch("k", MANY)));
    await(together.make(Draft.of(new CreateUser("bob"))));
    OpLog alone = open("alone", "server-9");
    await(together.beyond(alone.vector(), 10_000)).forEach(op -> await(alone.take(List.of(op))));

    assertThat(blocks("together")).containsExactly(128L, 128L, 44L);
    assertThat(blocks("alone")).isEmpty();
    assertThat(contents(together)).isEqualTo(contents(alone));
    List<Object> before = contents(together);
    closeAll();
    assertThat(contents(open("together", "server-1"))).isEqualTo(before);
  }

  /** All that can be asked, at places in the middle of blocks and at their ends. */
  private static List<Object> contents(OpLog log) {
    List<Object> all = new ArrayList<>();
    all.add(await(log.digest()));
    all.add(log.vector());
    all.add(log.counts());
    all.add(log.lastPosition());
    Origin origin = log.vector().entries().keySet().iterator().next();
    for (long at :
        LongStream.of(0, 1, 2, 3, 100, 129, 130, 131, 258, 259, 301, 302, 303).toArray()) {
      VersionVector had = new VersionVector();
      had.put(origin, at);
      all.add(await(log.since(at, 7)));
      all.add(await(log.since(at, 200)));
      all.add(await(log.at(List.of(at, at + 60, 5L))));
      all.add(await(log.beyond(had, 150)));
      all.add(await(log.positionBefore(had)));
    }
    for (OpLog.Read page = await(log.read("#geral", null, 70)); page.next() != null; ) {
      all.add(page);
      page = await(log.read("#geral", page.next(), 70));
    }
    all.add(await(log.last("#geral", 50)));
    return all;
  }

  @Test
  void aBatchIsKnownMessageByMessage() {
    OpLog log = withGeral("batch");
    Future<List<OpLog.Made>> batch = log.make(batch("k", MANY));
    Future<OpLog.Made> meanwhile = log.make(said("text 200", "k#200"));
    assertThat(await(meanwhile).id()).isEqualTo(await(batch).get(200).id());
    assertThat(await(meanwhile).repeated()).isTrue();
    for (int number : List.of(0, 1, 127, 128, 130, 298)) {
      OpLog.Made again = await(log.make(said("text " + number, "k#" + number)));
      assertThat(again.repeated()).isTrue();
      assertThat(again.id()).isEqualTo(await(batch).get(number).id());
      assertThatThrownBy(() -> await(log.make(said("another", "k#" + number))))
          .isInstanceOfSatisfying(
              Refused.class,
              refused -> assertThat(refused.failure().code()).isEqualTo("key-reused"));
    }
    assertThat(await(log.make(said("text", "k#1299"))).repeated()).isFalse();
    assertThat(await(log.make(said("text", "k#0299"))).repeated()).isFalse();
    assertThat(await(log.make(said("text 5", "j#5"))).repeated()).isFalse();
    assertThat(await(log.make(batch("k", MANY)))).allMatch(OpLog.Made::repeated);
  }

  @Test
  void whatCameSinceNobodyKnewAKeyIsKnown() {
    OpLog log = withGeral("since");
    await(log.make(said("text 5", "k#5")));
    assertThat(await(log.make(said("text 5", "k#5"))).repeated()).isTrue();
    await(log.make(said("text 7", "k#7")));
    await(log.make(said("text 8", "j#8")));
    List<OpLog.Made> batch = await(log.make(batch("k", 10)));
    assertThat(IntStream.range(0, 10).filter(i -> batch.get(i).repeated())).containsExactly(5, 7);
    assertThat(await(log.make(said("text 8", "j#8"))).repeated()).isTrue();
  }

  @Test
  void messagesOfABlockThatOthersTookTooAreShownOnce() {
    OpLog log = withGeral("twins");
    await(log.make(batch("k", 20)));
    Origin other = new Origin("server-2", 5);
    List<Op> same = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      var said = new Content.ChannelMessage("geral", "ana", "text " + i, "k#" + i, 90, TIME_MILLIS);
      same.add(Ops.op(other, i + 1, said));
    }
    await(log.take(same));
    assertThat(await(log.read("#geral", null, 100)).entries()).hasSize(20);
    assertThat(log.twins(3)).containsExactly(same.getFirst().id());
    assertThat(log.twins(13)).isEmpty();
    closeAll();
    OpLog again = open("twins", "server-1");
    assertThat(again.twins(12)).containsExactly(same.getLast().id());
    assertThat(again.twins(32)).hasSize(1);
  }

  /** They are not in the same place of a row there, so that a row of theirs may begin earlier. */
  @Test
  void messagesThatOthersTookTooAreOneAlsoAfterAllWasLookedThrough() throws SQLException {
    OpLog log = withGeral("through");
    await(log.make(batch("k", MANY)));
    Origin other = new Origin("server-2", 5);
    List<Op> same = new ArrayList<>();
    for (int i = 100; i < MANY - 1; i++) {
      var said = new Content.ChannelMessage("geral", "ana", "text " + i, "k#" + i, 90, TIME_MILLIS);
      same.add(Ops.op(other, same.size() + 1, said));
    }
    await(log.take(same.subList(0, 1)));
    await(log.take(same.subList(1, same.size())));
    List<Object> before = twins(log);
    closeAll();
    assertThat(stale("through")).isEmpty();
    try (LogFile file = LogFile.open(folder.resolve("through"), new Origin("server-1", 9))) {
      file.renew(1, file.lastPosition());
      file.commit();
    }
    assertThat(stale("through")).isEmpty();
    assertThat(twins(open("through", "server-1"))).isEqualTo(before);
  }

  private static List<Object> twins(OpLog log) {
    List<Object> all = new ArrayList<>();
    for (long position = 1; position <= log.lastPosition(); position++) {
      all.add(log.twins(position));
      all.add(log.sameMessage(position));
    }
    return all;
  }

  @Test
  void whatIsMadeAnewFromTheMiddleOfABlockToThatOfAnotherIsWhatItWas() throws SQLException {
    OpLog log = withGeral("anew");
    await(log.make(batch("k", MANY)));
    await(log.make(said("alone", "alone")));
    closeAll();
    List<Object> before = index("anew");
    try (LogFile file = LogFile.open(folder.resolve("anew"), new Origin("server-1", 9))) {
      file.renew(60, 200);
      file.commit();
    }
    assertThat(index("anew")).isEqualTo(before);
    assertThat(stale("anew")).isEmpty();
  }

  private List<Long> stale(String name) throws SQLException {
    List<Long> stale = new ArrayList<>();
    try (LogCheck check = LogCheck.of(folder.resolve(name), (from, to) -> stale.add(from))) {
      boolean more = true;
      while (more) {
        more = check.more();
      }
    }
    return stale;
  }

  /** All rows of all tables that follow from the ops. */
  private List<Object> index(String name) throws SQLException {
    List<Object> rows = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(name));
        Statement statement = connection.createStatement()) {
      for (String columns :
          List.of(
              "hex(place) || position FROM message",
              "message_id || position FROM authored",
              "prefix || first || '-' || count || '-' || position FROM authored_run",
              "second || digest || position FROM said",
              "second || '-' || position || hex(digests) FROM said_block")) {
        try (ResultSet row = statement.executeQuery("SELECT " + columns + " ORDER BY 1")) {
          while (row.next()) {
            rows.add(row.getString(1));
          }
        }
      }
    }
    return rows;
  }

  @Test
  void whatAnotherSystemTellsOfIsFoundInsideABlock() {
    OpLog log = withGeral("told");
    List<OpLog.Made> batch = await(log.make(batch("k", 20)));
    var told = new Publish("ana", "geral", "text 7", "other", TIME_MILLIS);
    assertThat(await(log.make(Draft.of(told))).id()).isEqualTo(batch.get(7).id());
    var later = new Publish("ana", "geral", "text 7", "later", TIME_MILLIS + 1_000);
    assertThat(await(log.make(Draft.of(later))).repeated()).isFalse();
  }

  /** Who reads one of them reads all. */
  @Test
  void aBlockDoesNotGrowLarge() throws SQLException {
    OpLog log = withGeral("large");
    String large = "x".repeat(LogRow.MOST_BYTES / 3);
    await(log.make(Batch.of(new PublishAll("ana", "geral", List.of(large, large, large), "k"))));
    String largest = "y".repeat(LogRow.MOST_BYTES);
    await(log.make(Batch.of(new PublishAll("ana", "geral", List.of(largest, "z"), "l"))));
    assertThat(blocks("large")).containsExactly(2L);
    assertThat(await(log.last("#geral", 9)).entries()).hasSize(5);
  }

  private static Batch batch(String key, int size) {
    List<String> texts = IntStream.range(0, size).mapToObj(i -> "text " + i).toList();
    return Batch.of(new PublishAll("ana", "geral", texts, key));
  }

  private static Draft said(String text, String id) {
    return Draft.of(new Publish("ana", "geral", text, id));
  }

  private OpLog withGeral(String name) {
    OpLog log = open(name, "server-1");
    await(log.make(Draft.of(new CreateUser("ana"))));
    await(log.make(Draft.of(new CreateChannel("geral"))));
    return log;
  }

  private OpLog open(String name, String server) {
    var clock = new AtomicLong();
    Path path = folder.resolve(name);
    Origin self = new Origin(server, open.size());
    OpLog log = new SqliteOpLog(path, self, clock::incrementAndGet, () -> TIME_MILLIS);
    clock.set(log.highestClock());
    open.add(log);
    return log;
  }

  /** How many messages each block of a file has. */
  private List<Long> blocks(String name) throws SQLException {
    List<Long> sizes = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(name));
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(LogRow.SELECT + " WHERE o.kind = 5 ORDER BY o.position")) {
      while (row.next()) {
        sizes.add((long) LogRow.of(row).contents().size());
      }
    }
    return sizes;
  }
}
