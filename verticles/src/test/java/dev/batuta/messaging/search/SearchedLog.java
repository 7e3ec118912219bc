package dev.batuta.messaging.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ChatMessage.Found;
import dev.batuta.codec.ChatMessage.Order;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ChatMessage.Search;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.Ops;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.log.SqliteOpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A log that is searched, of servers that are not there. */
abstract class SearchedLog {
  static final Duration PATIENCE = Duration.ofSeconds(50);
  static final Origin S2 = new Origin("server-2", 7);
  static final Origin S3 = new Origin("server-3", 8);

  final Path folder;
  final List<AutoCloseable> open = new ArrayList<>();
  private final Map<Origin, Long> sequences = new HashMap<>();
  private @Nullable MessageSearch search;
  @Nullable OpLog log;
  private long clock;

  SearchedLog(Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  final void start() {
    openLog();
    startSearch();
  }

  final void openLog() {
    OpLog opened =
        new SqliteOpLog(
            folder.resolve("messages.db"), new Origin("server-1", 1), this::tick, () -> 5);
    log = opened;
    open.add(opened);
  }

  final void closeLog() {
    log().close();
  }

  final void eraseLog() throws IOException {
    for (String part : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(folder.resolve("messages.db" + part));
    }
  }

  final void startSearch() {
    startSearch(0);
  }

  final void startSearch(long roomBytes) {
    MessageSearch opened = new MessageSearch(index(), "server-1", roomBytes);
    search = opened;
    open.add(opened);
    log().onCommit(entries -> opened.committed());
    opened.follow(log());
  }

  final void stopSearch() {
    search().close();
  }

  final Path index() {
    return folder.resolve("search.db");
  }

  final OpLog log() {
    return Objects.requireNonNull(log);
  }

  final MessageSearch search() {
    return Objects.requireNonNull(search);
  }

  final long tick() {
    return ++clock;
  }

  final void say(String... texts) {
    for (String text : texts) {
      take(op(S2, new Content.ChannelMessage("geral", "ana", text, "", tick(), 1)));
    }
  }

  final void direct(String from, String to, String text) {
    take(op(S2, new Content.DirectMessage(from, to, text, "", tick(), 1)));
  }

  final Op op(Origin origin, Content content) {
    return Ops.op(origin, sequences.merge(origin, 1L, Long::sum), content);
  }

  final void take(Op... ops) {
    assertThat(await(log().take(List.of(ops))).applied()).isEqualTo(ops.length);
  }

  @SafeVarargs
  final void take(List<Op>... ops) {
    for (List<Op> each : ops) {
      take(each.toArray(Op[]::new));
    }
  }

  static Search by(String query, @Nullable String user, boolean own) {
    return new Search(query, user, own, Order.TIME, null, 0);
  }

  static Search in(String query, Order order, @Nullable String after) {
    return new Search(query, null, false, order, after, 0);
  }

  /** A page of an index that has caught up. */
  final Found find(Search request, int limit) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(SearchedLog::isOpening)
        .until(() -> await(search().find(request, limit)), found -> found.behind() == 0);
  }

  static boolean isOpening(Throwable error) {
    return error instanceof Refused refused
        && refused.failure().code().equals("search-unavailable");
  }

  final List<Posted> all(String words, Order order, int limit) {
    List<Posted> all = new ArrayList<>();
    Found page = find(in(words, order, null), limit);
    all.addAll(page.items());
    while (page.next() != null) {
      page = find(in(words, order, page.next()), limit);
      assertThat(page.items()).hasSizeLessThanOrEqualTo(limit);
      all.addAll(page.items());
    }
    return all;
  }

  static List<String> texts(List<Posted> found) {
    return found.stream().map(Posted::text).toList();
  }

  final void refused(Search request, String code) {
    assertThatThrownBy(() -> await(search().find(request, 10)))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.failure().code()).isEqualTo(code));
  }

  final void execute(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + index());
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout=5000");
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException why) {
        throw why;
      }
      throw new AssertionError(failed.getCause());
    } catch (InterruptedException | TimeoutException late) {
      throw new AssertionError(late);
    }
  }
}
