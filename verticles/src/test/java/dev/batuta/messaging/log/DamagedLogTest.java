package dev.batuta.messaging.log;

import static dev.batuta.messaging.log.OpLogContract.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Direct;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.ChatMessage.PublishAll;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.Ops;
import dev.batuta.messaging.replica.Batch;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Names;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.VersionVector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that do not hold what was written. */
class DamagedLogTest {
  private static final String SERVER = "server-1";
  private static final int PAGE_BYTES = 4_096;
  private static final Batch BATCH =
      Batch.of(new PublishAll("carla", "praia", List.of("in", "a", "block", "of", "it"), "key"));

  private final Path folder;
  private final List<OpLog> open = new ArrayList<>();

  DamagedLogTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void closeAll() {
    open.forEach(OpLog::close);
  }

  @Test
  void aFlippedBitAnywhereIsFoundOrChangesNothing() throws IOException, SQLException {
    Path whole = withBlock("whole.db");
    List<Object> expected = contents(open(whole));
    open.removeLast().close();
    byte[] bytes = Files.readAllBytes(whole);
    var random = new Random(15);
    Set<String> found = new HashSet<>();
    for (int i = 0; i < 150; i++) {
      Path path = folder.resolve("flipped" + i + ".db");
      byte[] flipped = bytes.clone();
      int at = random.nextInt(bytes.length);
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(path, flipped);
      @Nullable String damage = damage(path);
      if (damage == null) {
        OpLog log = open(path);
        assertThat(contents(log)).as("byte %d", at).isEqualTo(expected);
        open.removeLast().close();
      } else {
        found.add(damage);
      }
    }
    assertThat(found).as("in several ways").hasSizeGreaterThan(5);
  }

  /** What is found by opening a file and looking it through, or null. */
  private @Nullable String damage(Path path) throws SQLException {
    try {
      open(path);
      open.removeLast().close();
    } catch (Refused refused) {
      assertThat(refused.failure().code()).isEqualTo("message-log-newer");
      return refused.failure().message();
    }
    if (Files.exists(aside(path))) {
      return "set aside";
    }
    try {
      mend(path, stale(path));
      return null;
    } catch (SQLException failure) {
      assertThat(LogDamage.isIn(failure)).as("%s", failure).isTrue();
      return failure.getMessage();
    }
  }

  private record Span(long from, long to) {}

  /** What a server that runs finds to be made anew. */
  private static List<Span> stale(Path path) throws SQLException {
    List<Span> stale = new ArrayList<>();
    try (LogCheck check = LogCheck.of(path, (from, to) -> stale.add(new Span(from, to)))) {
      boolean more = true;
      while (more) {
        more = check.more();
      }
    }
    return stale;
  }

  private static void mend(Path path, List<Span> stale) throws SQLException {
    try (LogFile file = LogFile.open(path, new Origin(SERVER, 79))) {
      for (Span some : stale) {
        file.renew(some.from(), some.to());
      }
      file.commit();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM message WHERE position % 3 = 0",
        "UPDATE message SET position = 12 WHERE position = 11",
        "UPDATE message SET conversation = '#lost' WHERE position = 11",
        "DELETE FROM authored WHERE position = 11",
        "UPDATE authored SET author = 'eve' WHERE position = 11",
        "UPDATE authored SET position = 9000 WHERE position = 11",
        "DELETE FROM said",
        "UPDATE said SET digest = digest + 1 WHERE position = 11",
        "DELETE FROM twin",
        "INSERT INTO twin (position, first) VALUES (11, 10), (12, 10)",
        "UPDATE twin SET first = first + 1",
        "DELETE FROM authored_run",
        "UPDATE authored_run SET author = 'eve'",
        "UPDATE authored_run SET first = first + 1",
        "UPDATE authored_run SET position = position + 1",
        "UPDATE authored_run SET position = 9000",
        "UPDATE authored_run SET count = 3",
        "DELETE FROM said_block",
        "UPDATE said_block SET second = second + 1",
        "UPDATE said_block SET position = position + 1",
        "UPDATE said_block SET digests = zeroblob(length(digests))",
        "UPDATE said_block SET digests = substr(digests, 1, 20)",
      })
  void whatFollowsFromTheOpsIsMadeAnewBesideTheWorkAndIsNoDamage(String sql)
      throws SQLException, IOException {
    Path path = withBlock("index.db");
    List<Object> expected = contents(open(path));
    open.removeLast().close();
    assertThat(stale(path)).isEmpty();
    change(path, sql);
    assertThat(stale(path)).isNotEmpty();

    OpLog log = open(path);
    Awaitility.await().until(() -> stale(path).isEmpty());
    assertThat(contents(log)).isEqualTo(expected);
    assertThat(await(log.make(BATCH))).allMatch(OpLog.Made::repeated);
    assertThat(aside(path)).doesNotExist();
    open.removeLast().close();
    assertThat(contents(open(path))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE state SET value = value + 1 WHERE name = 'ops-3'",
        "UPDATE state SET checksum = 1 WHERE name = 'ops-1'",
        "DELETE FROM state WHERE name = 'ops-4'"
      })
  void opsThatWereCountedWrongAreCountedAnew(String sql) throws SQLException {
    Path path = written("counts.db");
    List<Object> expected = contents(open(path));
    open.removeLast().close();
    change(path, sql);
    assertThat(contents(open(path))).isEqualTo(expected);
    assertThat(aside(path)).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE state SET checksum = 1 WHERE name = 'complete'",
        "UPDATE state SET checksum = 1 WHERE name = 'clock'",
        "DELETE FROM state WHERE name = 'clock'"
      })
  void aFileWhoseStateIsNotWhatWasWrittenIsSetAside(String sql) throws SQLException {
    Path path = written("mark.db");
    change(path, sql);
    OpLog log = open(path);
    assertThat(log.complete()).isFalse();
    assertThat(log.vector().entries()).isEmpty();
    assertThat(aside(path)).exists();
  }

  @Test
  void twoTextsUnderOneIdAreNoDamage() throws SQLException {
    Path path = written("texts.db");
    OpLog log = open(path);
    Origin third = new Origin("server-3", 5);
    var other = new Content.ChannelMessage("praia", "carla", "not text 4", "id4", 7, 7);
    var both = new Content.ChannelMessage("praia", "carla", "text 4", "id4", 8, 8);
    await(log.take(List.of(Ops.op(third, 1, other), Ops.op(third, 2, both))));
    open.removeLast().close();
    assertThat(stale(path)).isEmpty();
    assertThat(damage(path)).isNull();
  }

  @Test
  void ofManyFilesThatAreSetAsideTheFirstAndTheNewestAreKept() throws IOException {
    Path path = folder.resolve("again.db");
    for (int i = 1; i <= 6; i++) {
      Files.writeString(path, "file " + i);
      LogDamage.setAside(path, LogDamage.found("a test"));
    }
    assertThat(folder.resolve("again.db.damaged-1")).hasContent("file 1");
    assertThat(folder.resolve("again.db.damaged-3")).hasContent("file 3");
    assertThat(folder.resolve("again.db.damaged-4")).hasContent("file 6");
    assertThat(folder.resolve("again.db.damaged-5")).doesNotExist();
  }

  @Test
  void aRowThatIsNotWhatWasWrittenIsFoundAfterTheStartThoughNobodyReadsIt() throws IOException {
    Path path = written("rotten.db");
    flip(path, "text 7");
    byte[] rotten = Files.readAllBytes(path);
    OpLog log = open(path);
    Origin first = log.self();

    refused(() -> await(log.ended()), "message-log-damaged");
    refused(() -> await(log.make(Draft.of(new CreateUser("dino")))), "message-log-damaged");

    OpLog again = reopen(log);
    assertThat(again.self()).isNotEqualTo(first);
    assertThat(again.complete()).isFalse();
    assertThat(again.vector().entries()).isEmpty();
    assertThat(aside(path)).hasBinaryContent(rotten);
    await(again.make(Draft.of(new CreateUser("dino"))));
    refused(() -> await(log.last("#praia", 1)), "message-log-damaged");
  }

  @Test
  void aReadThatMeetsDamageEndsTheLog() throws SQLException {
    Path path = written("read.db");
    OpLog log = open(path);
    change(path, "UPDATE op SET content = replace(content, 'text 7', 'text 8')");
    refused(() -> await(log.since(0, 1_000)), "message-log-unread");
    refused(() -> await(log.ended()), "message-log-damaged");
    assertThat(log.writes().failures()).isEqualTo(1);
  }

  @Test
  void opsForAnotherServerAreNeverGivenDamaged() throws SQLException {
    Path path = written("given.db");
    OpLog log = open(path);
    change(path, "UPDATE op SET content = replace(content, 'text 7', 'text 8')");
    var nothing = new VersionVector();
    refused(() -> await(log.beyond(nothing, 1_000)), "message-log-unread");
  }

  @Test
  void pagesOfGarbageAreSetAsideWithTheNextFreeName() throws IOException {
    Path path = written("garbage.db");
    Files.writeString(aside(path), "an older one");
    byte[] bytes = Files.readAllBytes(path);
    byte[] garbage = new byte[5 * PAGE_BYTES];
    new Random(2).nextBytes(garbage);
    System.arraycopy(garbage, 0, bytes, PAGE_BYTES, garbage.length);
    Files.write(path, bytes);
    OpLog log = open(path);
    assertThat(log.vector().entries()).isEmpty();
    assertThat(folder.resolve("garbage.db.damaged-2")).exists();
    assertThat(aside(path)).hasContent("an older one");
  }

  @Test
  void aFileThatIsNoLogIsSetAside() throws IOException {
    Path path = Files.writeString(folder.resolve("letter.db"), "Dear Ana, ".repeat(500));
    OpLog log = open(path);
    await(log.make(Draft.of(new CreateUser("carla"))));
    assertThat(aside(path)).hasContent("Dear Ana, ".repeat(500));
  }

  @Test
  void aDamagedLogIsNotCopied() throws IOException {
    Path path = written("source.db");
    flip(path, "text 7");
    Path copy = folder.resolve("copy.db");
    assertThatThrownBy(() -> LogCopy.make(path, copy)).hasMessageContaining("not what was written");
    assertThat(copy).doesNotExist();
  }

  @Test
  void aFileWithoutChecksumsIsTakenOverAndWhatIsWrittenFromThenOnIsProtected()
      throws SQLException, IOException {
    Path path = written("old.db");
    List<Object> expected = contents(open(path));
    open.removeLast().close();
    OldRelease.made(path);

    OpLog log = open(path);
    assertThat(contents(log)).isEqualTo(expected);
    await(log.make(said(400)));
    open.removeLast().close();

    assertThat(damage(path)).isNull();
    flip(path, "text 400");
    assertThat(damage(path)).isNotNull();
  }

  /** A file with all kinds of ops, and messages that are one. */
  private Path written(String name) {
    Path path = folder.resolve(name);
    OpLog log = open(path);
    await(log.make(Draft.of(new CreateUser("carla"))));
    await(log.make(Draft.of(new CreateUser("dino"))));
    await(log.make(Draft.of(new CreateChannel("praia"))));
    for (int i = 0; i < 40; i++) {
      await(log.make(said(i)));
    }
    await(log.make(Draft.of(new Direct("carla", "dino", "psst", "direct"))));
    Origin other = new Origin("server-2", 5);
    var twin = new Content.ChannelMessage("praia", "carla", "text 3", "id3", 7, 7);
    List<Op> ops = new ArrayList<>(Ops.history(3, 60));
    ops.add(Ops.op(other, 1, twin));
    await(log.take(ops));
    await(log.mark(true));
    open.removeLast().close();
    return path;
  }

  /** The same, and a batch. */
  private Path withBlock(String name) {
    Path path = written(name);
    await(open(path).make(BATCH));
    open.removeLast().close();
    return path;
  }

  private static Draft said(int i) {
    return Draft.of(new Publish("carla", "praia", "text " + i, "id" + i));
  }

  private static List<Object> contents(OpLog log) {
    List<Object> all = new ArrayList<>();
    all.add(await(log.digest()));
    all.add(log.vector());
    all.add(log.counts());
    all.add(log.complete());
    all.add(log.highestClock());
    all.add(log.names().page(Names.Of.USER, null, 100));
    all.add(log.names().page(Names.Of.CHANNEL, null, 100));
    for (OpLog.Entry entry : await(log.since(0, 1_000))) {
      all.add(entry);
      all.add(log.twins(entry.position()));
      if (entry.content() instanceof Content.Said said) {
        all.add(await(log.read(said.conversation(), null, 1_000)));
      }
    }
    for (int i = 0; i < 40; i++) {
      all.add(await(log.make(said(i))));
    }
    return all;
  }

  private OpLog open(Path path) {
    var clock = new AtomicLong(1_000);
    OpLog log =
        new SqliteOpLog(path, new Origin(SERVER, 77), clock::incrementAndGet, () -> 1_750_000L);
    open.add(log);
    return log;
  }

  private OpLog reopen(OpLog log) {
    OpLog again = log.reopen(78);
    open.add(again);
    return again;
  }

  private static Path aside(Path path) {
    return path.resolveSibling(path.getFileName() + ".damaged-1");
  }

  /** Everywhere in the file: SQLite leaves old bytes where nobody reads. */
  private static void flip(Path path, String text) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    String file = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = file.indexOf(text);
    assertThat(at).isPositive();
    for (; at >= 0; at = file.indexOf(text, at + 1)) {
      bytes[at] ^= 1;
    }
    Files.write(path, bytes);
  }

  private static void change(Path path, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void refused(ThrowingCallable call, String code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.failure().code()).isEqualTo(code));
  }
}
