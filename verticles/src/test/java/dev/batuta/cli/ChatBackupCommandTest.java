package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.messaging.log.SqliteOpLog;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatBackupCommandTest {
  private final CommandRun command = new CommandRun();
  private final Path data;

  ChatBackupCommandTest(@TempDir Path data) {
    this.data = data;
  }

  private int backup(String... more) {
    String[] all = new String[4 + more.length];
    System.arraycopy(new String[] {"chat", "backup", "--data", data.toString()}, 0, all, 0, 4);
    System.arraycopy(more, 0, all, 4, more.length);
    return command.run(all);
  }

  /** With one op. */
  private void server(String name) {
    Path file = data.resolve(name).resolve("messages.db");
    var log = new SqliteOpLog(file, new Origin(name, 1), () -> 1, () -> 1);
    log.make(Draft.of(new CreateUser("ana"))).toCompletionStage().toCompletableFuture().join();
    log.close();
  }

  @Test
  void aCopyIsAServersOwnFile() throws IOException {
    server("server-1");
    Path copy = data.resolve("copy.db");

    assertThat(backup(copy.toString(), "--json")).isZero();

    var told = new ObjectMapper().readTree(command.out.toString());
    assertThat(told.path("server").asText()).isEqualTo("server-1");
    assertThat(told.path("file").asText()).isEqualTo(copy.toString());
    assertThat(told.path("ops").asLong()).isEqualTo(1);
    assertThat(told.path("bytes").asLong()).isEqualTo(Files.size(copy));
    var log = new SqliteOpLog(copy, new Origin("server-2", 2), () -> 1, () -> 1);
    assertThat(log.counts().users()).isEqualTo(1);
    log.close();
  }

  @Test
  void ofSeveralServersOneIsNamed() {
    server("server-1");
    server("server-2");
    String copy = data.resolve("copy.db").toString();

    assertThat(backup(copy)).isEqualTo(2);
    assertThat(command.err.toString()).contains("--server", "has server-1, server-2");
    assertThat(backup(copy, "--server", "server-2")).isZero();
    assertThat(command.out.toString()).contains(copy + ": 1 ops of server-2");
  }

  @Test
  void whatOneThatWasKilledHasLeftIsDeleted() throws Exception {
    server("server-1");
    Path folder = data.resolve("server-1");
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Path left = old(folder, ended.pid() + "");
    Path part = old(folder, ended.pid() + ".part");
    Path ofThisNumber = copy(folder, ProcessHandle.current().pid() + ".part");
    Path ofAnotherContainer = copy(folder, ended.pid() + ".part-wal");
    Path ofOneThatRuns = old(folder, "1");

    ChatBackupCommand.deleteLeft(folder.resolve("messages.db"));

    assertThat(left).doesNotExist();
    assertThat(part).doesNotExist();
    assertThat(ofThisNumber).doesNotExist();
    assertThat(ofAnotherContainer).exists();
    assertThat(ofOneThatRuns).exists();
    assertThat(folder.resolve("messages.db")).exists();
  }

  private static Path copy(Path folder, String end) throws IOException {
    return Files.writeString(folder.resolve("messages.db.copy-" + end), "half");
  }

  private static Path old(Path folder, String end) throws IOException {
    Path copy = copy(folder, end);
    Files.setLastModifiedTime(copy, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    return copy;
  }

  @Test
  void itReplacesNoFileAndSaysWhatIsMissing() throws IOException {
    server("server-1");
    Path taken = Files.writeString(data.resolve("taken.db"), "of others");

    assertThat(backup(taken.toString())).isEqualTo(1);
    assertThat(command.err.toString()).contains(taken + " is there already");
    assertThat(taken).hasContent("of others");
    assertThat(backup(data.resolve("copy.db").toString(), "--server", "server-9")).isEqualTo(1);
    assertThat(command.err.toString()).contains("server-9");
    assertThat(data.resolve("server-9")).doesNotExist();
  }
}
