package dev.batuta.messaging.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Origin;
import io.vertx.core.Future;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteOpLogTest extends OpLogContract {
  private static final String ACKNOWLEDGED = "acknowledged ";

  private final Path folder;
  private final Map<OpLog, Path> open = new HashMap<>();
  private int files;

  SqliteOpLogTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Override
  OpLog empty(String server) {
    return open(folder.resolve(files++ + ".db"), server);
  }

  @Override
  OpLog reopen(OpLog log) {
    log.close();
    Path path = open.get(log);
    assertThat(path).isNotNull();
    return open(path == null ? folder : path, log.self().server());
  }

  private OpLog open(Path path, String server) {
    OpLog log = log(path, server);
    open.put(log, path);
    return log;
  }

  private static OpLog log(Path path, String server) {
    var clock = new AtomicLong();
    OpLog log =
        new SqliteOpLog(
            path,
            new Origin(server, new Random().nextLong()),
            clock::incrementAndGet,
            () -> 1_750_000_000_000L);
    clock.set(log.highestClock());
    return log;
  }

  @AfterEach
  void closeAll() {
    open.keySet().forEach(OpLog::close);
  }

  /** Another process writes and says what was acknowledged; it is killed while it does. */
  @Test
  void aKilledWriterHasEverythingThatItAcknowledged() throws Exception {
    Path path = folder.resolve("killed.db");
    for (int round = 0; round < 3; round++) {
      Process writer =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  SqliteOpLogTest.class.getName(),
                  path.toString(),
                  "round" + round)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      List<String> acknowledged = new ArrayList<>();
      try (var lines =
          new BufferedReader(
              new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith(ACKNOWLEDGED)) {
            acknowledged.add(line.substring(ACKNOWLEDGED.length()));
          }
          if (acknowledged.size() == 500) {
            writer.toHandle().destroyForcibly();
          }
        }
      }
      writer.waitFor();
      assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(500);
      OpLog log = log(path, "server-1");
      assertThat(allTexts(log)).containsAll(acknowledged);
      log.close();
    }
  }

  /** The writer of the test above. */
  public static void main(String[] args) {
    OpLog log = log(Path.of(args[0]), "server-1");
    log.make(Draft.of(new CreateUser("ana")));
    log.make(Draft.of(new CreateChannel("geral")));
    for (int i = 0; i < 1_000_000; i += 50) {
      List<Future<?>> batch = new ArrayList<>();
      for (int j = i; j < i + 50; j++) {
        String text = args[1] + " " + j;
        batch.add(
            log.make(Draft.of(new Publish("ana", "geral", text, text)))
                .onSuccess(made -> System.out.println(ACKNOWLEDGED + text)));
      }
      await(Future.all(batch));
    }
  }

  @Test
  void aTornEndOfTheFileLosesNoMoreThanTheTornEnd() throws IOException {
    Path path = folder.resolve("whole.db");
    OpLog log = open(path, "server-1");
    await(log.make(Draft.of(new CreateUser("ana"))));
    await(log.make(Draft.of(new CreateChannel("geral"))));
    for (int i = 0; i < 30; i++) {
      await(log.make(Draft.of(new Publish("ana", "geral", "text " + i, "id" + i))));
    }
    byte[] file = Files.readAllBytes(path);
    byte[] tail = Files.readAllBytes(folder.resolve("whole.db-wal"));
    var random = new Random(11);
    for (int i = 0; i < 20; i++) {
      Path torn = folder.resolve("torn" + i + ".db");
      Files.write(torn, file);
      byte[] cut = java.util.Arrays.copyOf(tail, random.nextInt(tail.length));
      Files.write(folder.resolve("torn" + i + ".db-wal"), cut);
      OpLog opened = open(torn, "server-1");
      long held = opened.vector().of(log.self());
      assertThat(opened.lastPosition()).isEqualTo(held);
      assertThat(allTexts(opened)).hasSize((int) Math.max(0, held - 2));
      assertThat(await(opened.take(await(log.beyond(opened.vector(), 100)))).gap()).isFalse();
      assertThat(await(opened.digest())).isEqualTo(await(log.digest()));
    }
  }

  @Test
  void aFileOfAnEarlierVersionIsTakenOverWithWhatWasSaid() throws SQLException {
    Path path = folder.resolve("earlier.db");
    OpLog log = open(path, "server-1");
    await(log.make(Draft.of(new CreateUser("ana"))));
    await(log.make(Draft.of(new CreateChannel("geral"))));
    long millis = 1_600_000_000_500L;
    var made = await(log.make(Draft.of(new Publish("ana", "geral", "olá", "one", millis))));
    log.close();
    OldRelease.made(path);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE said");
      statement.execute("PRAGMA user_version=1");
    }

    OpLog again = open(path, "server-1");

    assertThat(allTexts(again)).containsExactly("olá");
    long second = 1_600_000_000_000L;
    var told = await(again.make(Draft.of(new Publish("ana", "geral", "olá", "two", second))));
    assertThat(told.id()).isEqualTo(made.id());
  }

  private static List<String> allTexts(OpLog log) {
    return await(log.since(0, 1_000_000)).stream()
        .filter(entry -> entry.content() instanceof Content.Said)
        .map(entry -> ((Content.Said) entry.content()).text())
        .toList();
  }

  @Test
  void whatWasWrittenLastIsInMemoryAsItIsOnTheDisk() {
    OpLog log = empty("server-1");
    await(log.make(Draft.of(new CreateUser("ana"))));
    await(log.make(Draft.of(new CreateChannel("geral"))));
    await(log.make(Draft.of(new Publish("ana", "geral", "olá", "one"))));
    assertThat(log.recent(0, 100)).hasSize(3).isEqualTo(await(log.since(0, 100)));
    assertThat(log.recent(1, 1)).isEqualTo(await(log.since(1, 1)));
    assertThat(log.recent(3, 100)).isNull();

    OpLog again = reopen(log);
    assertThat(again.recent(0, 100)).isNull();
    assertThat(await(again.since(0, 100))).hasSize(3);
  }

  @Test
  void aCopyThatIsMadeWhileTheServerWritesHoldsOneMoment() throws IOException {
    Path path = folder.resolve("live.db");
    OpLog log = open(path, "server-1");
    await(log.make(Draft.of(new CreateUser("ana"))));
    await(log.make(Draft.of(new CreateChannel("geral"))));
    await(log.make(Draft.of(new Publish("ana", "geral", "before", "before"))));
    List<Future<?>> meanwhile = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      meanwhile.add(log.make(Draft.of(new Publish("ana", "geral", "text " + i, "id" + i))));
    }
    Path copied = folder.resolve("copied.db");
    LogCopy.Made made = LogCopy.make(path, copied);
    await(Future.all(meanwhile));

    assertThat(copied).hasSize(made.bytes());
    OpLog copy = open(copied, "server-2");
    List<String> texts = allTexts(copy);
    assertThat(texts).hasSize((int) made.ops() - 2).contains("before");
    assertThat(allTexts(log)).startsWith(texts.toArray(String[]::new)).hasSize(2_001);
    assertThat(log.vector().covers(copy.vector())).isTrue();
  }

  @Test
  void aLogThatIsNotThereOrNoLogIsNotCopied() throws IOException {
    Path copy = folder.resolve("no-copy.db");
    Path missing = folder.resolve("missing.db");
    assertThatThrownBy(() -> LogCopy.make(missing, copy)).hasMessage(missing.toString());
    Path other = Files.writeString(folder.resolve("other.db"), "no log at all".repeat(100));
    assertThatThrownBy(() -> LogCopy.make(other, copy))
        .hasMessageContaining("was not copied")
        .hasMessageContaining("not a database");
    Path empty = Files.createFile(folder.resolve("empty.db"));
    assertThatThrownBy(() -> LogCopy.make(empty, copy)).hasMessageContaining("was not copied");
    assertThat(copy).doesNotExist();
    assertThat(missing).doesNotExist();
  }
}
