package dev.batuta.messaging.log;

import static dev.batuta.messaging.log.OpLogContract.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Names;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.VersionVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that take nothing for a while. */
class FullDiskTest {
  private final Path folder;
  private final List<OpLog> open = new ArrayList<>();
  private @Nullable Path mounted;
  private long incarnation = 1;

  FullDiskTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void closeAll() throws IOException, InterruptedException {
    open.forEach(OpLog::close);
    if (mounted != null) {
      run("umount", mounted.toString());
    }
  }

  @Test
  void aTransactionThatSqliteEndedByItselfIsRefusedAndTheLogGoesOnWhenItIsAskedAgain()
      throws SQLException {
    Path path = folder.resolve("messages.db");
    OpLog log = withGeral(path);
    OpId before = await(log.make(said("before"))).id();
    StuckDisk stuck = StuckDisk.of(path);

    refused(() -> await(log.make(said("lost"))), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    refused(() -> await(log.make(said("next"))), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    refused(() -> await(log.ended()), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    refused(() -> reopen(log), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    assertThat(texts(log)).as("it can be read meanwhile").containsExactly("before");
    assertThat(await(log.take(List.of()))).as("and compared").isEqualTo(new OpLog.Taken(0, false));
    assertThat(await(log.beyond(new VersionVector(), 10))).hasSize(3);
    assertThat(log.writes().failures()).as("once, and tried once more").isEqualTo(2);
    stuck.free();

    OpLog again = reopen(log);
    assertThat(texts(again)).containsExactly("before");
    assertThat(again.self()).isNotEqualTo(log.self());
    OpLog.Made made = await(again.make(said("lost")));
    assertThat(made.repeated()).isFalse();
    assertThat(made.id()).isEqualTo(new OpId(again.self(), 1)).isNotEqualTo(before);
    assertThat(await(again.make(said("before"))).id()).isEqualTo(before);
    assertThat(again.writes()).isSameAs(log.writes());
    assertThat(again.writes().waitingBytes()).isZero();
  }

  @Test
  void aFileThatWasMovedAwayIsBegunAnewWhereItsDiskTookNothing() throws SQLException, IOException {
    Path path = folder.resolve("messages.db");
    OpLog log = withGeral(path);
    StuckDisk.of(path);
    refused(() -> await(log.make(said("lost"))), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    refused(() -> await(log.ended()), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    for (String part : List.of("", "-wal", "-shm")) {
      Path moved = folder.resolve("messages.db" + part);
      if (Files.exists(moved)) {
        Files.move(moved, folder.resolve("away.db" + part));
      }
    }
    OpLog again = reopen(log);
    assertThat(again.vector().entries()).isEmpty();
    assertThat(again.complete()).isFalse();
  }

  @Test
  void aDefectInTheWriterIsNotTheEnd() {
    OpLog log = withGeral(folder.resolve("messages.db"));
    Draft defect =
        new Draft() {
          @Override
          public Content compose(Names names, long clock, long timeMillis) {
            return new Content.ChannelMessage("geral", "ana", "x", "x", clock, timeMillis);
          }

          @Override
          public boolean isRetold() {
            throw new IllegalStateException("a defect");
          }
        };
    refused(() -> await(log.make(defect)), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    refused(() -> await(log.ended()), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    OpLog again = reopen(log);
    assertThat(await(again.make(said("x"))).repeated()).isFalse();
  }

  @Test
  void aRequestThatCannotBeComposedEndsOnlyItself() {
    OpLog log = withGeral(folder.resolve("messages.db"));
    Draft wrong =
        (names, clock, time) -> {
          throw new IllegalStateException("wrong");
        };
    assertThatThrownBy(() -> await(log.make(wrong))).hasMessage("wrong");
    await(log.make(said("after")));
  }

  @Test
  void onAFullDiskWhatWasAcknowledgedIsKeptAndTheRestIsUnknownOrRefused() throws Exception {
    Path disk = mount("3m");
    OpLog log = withGeral(disk.resolve("messages.db"));
    Map<String, OpId> acknowledged = new HashMap<>();
    Map<String, Refused> failed = new HashMap<>();
    for (int i = 0; failed.isEmpty(); i++) {
      String text = i + " " + "x".repeat(2_000);
      tell(log, text, acknowledged, failed);
    }
    assertThat(acknowledged).hasSizeGreaterThan(50);
    assertThat(failed.values().iterator().next().failure())
        .returns(Failure.Kind.UNKNOWN, Failure::kind)
        .returns("message-log-unknown", Failure::code);
    refused(() -> await(log.make(said("no"))), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    refused(() -> await(log.ended()), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    refused(() -> reopen(log), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    assertThat(texts(log)).containsAll(acknowledged.keySet());

    run("mount", "-o", "remount,size=16m", disk.toString());
    OpLog again = reopen(log);
    assertThat(texts(again)).containsAll(acknowledged.keySet());
    for (Map.Entry<String, OpId> entry : acknowledged.entrySet()) {
      assertThat(await(again.make(said(entry.getKey()))).id()).isEqualTo(entry.getValue());
    }
    String unknown = failed.keySet().iterator().next();
    await(again.make(said(unknown)));
    await(again.make(said(unknown)));
    assertThat(texts(again)).containsOnlyOnce(unknown);
  }

  private static void tell(
      OpLog log, String text, Map<String, OpId> acknowledged, Map<String, Refused> failed) {
    try {
      acknowledged.put(text, await(log.make(said(text))).id());
    } catch (Refused refused) {
      failed.put(text, refused);
    }
  }

  private Path mount(String size) throws IOException, InterruptedException {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeThat(run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk.toString()))
        .as("only root may mount a small disk")
        .isZero();
    mounted = disk;
    return disk;
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException noSuchProgram) {
      return -1;
    }
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private OpLog withGeral(Path path) {
    AtomicLong clock = new AtomicLong();
    OpLog log =
        new SqliteOpLog(
            path, new Origin("server-1", incarnation), clock::incrementAndGet, () -> 1_750_000L);
    open.add(log);
    await(log.make(Draft.of(new CreateUser("ana"))));
    await(log.make(Draft.of(new CreateChannel("geral"))));
    return log;
  }

  private OpLog reopen(OpLog log) {
    incarnation++;
    OpLog again = log.reopen(incarnation);
    open.add(again);
    return again;
  }

  private static Draft said(String text) {
    return Draft.of(
        new Publish("ana", "geral", text, text.substring(0, Math.min(9, text.length()))));
  }

  private static List<String> texts(OpLog log) {
    List<String> texts = new ArrayList<>();
    @Nullable String after = null;
    do {
      OpLog.Read page = await(log.read("#geral", after, 100));
      page.entries().forEach(entry -> texts.add(((Content.Said) entry.content()).text()));
      after = page.next();
    } while (after != null);
    return texts;
  }

  private static void refused(ThrowingCallable call, Failure.Kind kind, String code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refused.class,
            refused ->
                assertThat(refused.failure())
                    .returns(kind, Failure::kind)
                    .returns(code, Failure::code));
  }
}
