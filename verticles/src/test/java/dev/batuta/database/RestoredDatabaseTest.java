package dev.batuta.database;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.election.EpochStore.Claim;
import dev.batuta.election.MySqlEpochStore;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.identity.SigningKey;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.Opened;
import dev.batuta.task.TaskId;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real copy, made and put back as k8s/backup.md says, by the programs of MariaDB. */
class RestoredDatabaseTest {
  private static final Path AFTER = Path.of("../conf/db/after-restore.sql");
  private static final NewTask TASK = new NewTask(new Query("u"), 0, 0, 0, 3);

  private final TestDatabase today = TestDatabase.fresh();
  private final Path dump;
  private final Path folder;

  RestoredDatabaseTest(@TempDir Path folder) {
    this.folder = folder;
    this.dump = folder.resolve("batuta.sql");
  }

  @AfterEach
  void close() {
    today.close();
  }

  private static Accepted accept(TaskStore store, long term, String key, int tasks) {
    List<NewTask> all = Collections.nCopies(tasks, TASK);
    return await(store.accept("server-1", term, "alice", key, TaskId.of(term, 1), all));
  }

  private static long claim(Database database) {
    var epochs = new MySqlEpochStore(database);
    Claim claim = await(epochs.claim("server-1", 7, 0));
    assertThat(claim).isInstanceOf(Claim.Won.class);
    long epoch = claim instanceof Claim.Won(long won) ? won : 0;
    await(epochs.release(epoch, 7));
    await(epochs.close());
    return epoch;
  }

  private static SigningKey key(Database database) {
    return await(new MySqlUserStore(database).keys().current());
  }

  /**
   * What is given once only is not given again: whoever holds an id of the lost time holds none of
   * the new.
   */
  @Test
  void aCopyThatIsPutBackGoesOnBeyondAllThatWasGivenSince() throws Exception {
    TaskStore store = new MySqlTaskStore(today.database());
    await(new MySqlLedgerStore(today.database()).seedDemo());
    long term = await(store.open("server-1")).term();
    List<Long> kept = accept(store, term, "kept", 2).ids();
    claim(today.database());
    SigningKey key = key(today.database());
    dump();

    long later = await(store.open("server-1")).term();
    accept(store, later, "lost", 3);
    long epoch = claim(today.database());

    DatabaseAddress place = TestDatabase.schema();
    load(place, dump);
    load(place, AFTER);
    assertThat(Migrations.run(place)).as("the procedures").isPositive();
    Vertx vertx = Vertx.vertx();
    Database restored = Database.connect(vertx, place, 4);
    try {
      TaskStore there = new MySqlTaskStore(restored);
      Opened opened = await(there.open("server-1"));
      assertThat(opened.term()).isGreaterThan(later + 1_000);
      assertThat(opened.unfinished()).isEqualTo(2);
      assertThat(accept(there, opened.term(), "kept", 2).ids()).isEqualTo(kept);
      assertThat(accept(there, opened.term(), "lost", 3).ids())
          .containsExactly(
              TaskId.of(opened.term(), 1),
              TaskId.of(opened.term(), 2),
              TaskId.of(opened.term(), 3));
      assertThat(claim(restored)).isGreaterThan(epoch + 1_000);
      assertThat(key(restored).secret()).isNotEqualTo(key.secret());
      assertThat(await(new MySqlLedgerStore(restored).audit()).ok()).isTrue();
    } finally {
      await(restored.close());
      await(vertx.close());
    }
  }

  /** A replica that lacked the end, or a copy that was put back without stopping the servers. */
  @Test
  void aServerThatRunsWhileTheDatabaseIsSetBackGivesNoIdTwice() throws Exception {
    TaskStore store = new MySqlTaskStore(today.database());
    long first = await(store.open("server-1")).term();
    dump();
    long lost = await(store.open("server-1")).term();
    List<Long> ids = accept(store, lost, "lost", 3).ids();
    load(today.address(), dump);

    assertThat(await(store.standing("server-1")).term()).isEqualTo(first);
    assertThatThrownBy(() -> accept(store, lost, "more", 1))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.failure().kind()).isEqualTo(Kind.FENCED));
    long next = await(store.open("server-1")).term();
    assertThat(accept(store, next, "more", 3).ids()).doesNotContainAnyElementsOf(ids);
    // Nor does any other server.
    TaskStore other = new MySqlTaskStore(today.database());
    assertThat(await(other.open("server-2")).term()).isGreaterThan(next);
  }

  private void dump() throws Exception {
    run(today.address(), List.of("mariadb-dump", "--single-transaction", "--hex-blob"), null, dump);
  }

  private void load(DatabaseAddress place, Path sql) throws Exception {
    run(place, List.of("mariadb"), sql, folder.resolve("loaded"));
  }

  private void run(DatabaseAddress place, List<String> program, @Nullable Path in, Path out)
      throws IOException, InterruptedException {
    Path home = MariaDbBinaries.unpacked().home();
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin").resolve(program.getFirst()).toString());
    command.add("--no-defaults");
    command.add("--skip-ssl"); // the server of the tests has none
    command.addAll(program.subList(1, program.size()));
    command.add("--host=" + place.host());
    command.add("--port=" + place.port());
    command.add("--user=" + place.user());
    command.add(place.database());
    Path said = folder.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(said.toFile());
    builder.environment().put("LD_LIBRARY_PATH", home.resolve("libs").toString());
    builder.environment().put("MYSQL_PWD", place.password());
    if (in != null) {
      builder.redirectInput(in.toFile());
    }
    int exit = builder.start().waitFor();
    assertThat(exit).as(Files.readString(said)).isZero();
  }
}
