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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is found of a log, and when. */
class MessageSearchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(50);
  private static final Origin S2 = new Origin("server-2", 7);
  private static final Origin S3 = new Origin("server-3", 8);

  private final Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Map<Origin, Long> sequences = new HashMap<>();
  private @Nullable MessageSearch search;
  private @Nullable OpLog log;
  private long clock;

  MessageSearchTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void itFindsWhatPeopleTypeInEveryScript() {
    start();
    say("Uma ação rápida", "I like C++ and C#", "Tôi nói tiếng Việt", "pi is 3.14");
    say("明天的会议很长", "明日は東京に行く", "ฉันชอบกาแฟเย็น", "foo-bar it's #tag", "c and d");
    for (String[] each :
        new String[][] {
          {"acao", "Uma ação rápida"},
          {"c++", "I like C++ and C#"},
          {"tieng", "Tôi nói tiếng Việt"},
          {"3.14", "pi is 3.14"},
          {"会议", "明天的会议很长"},
          {"長", ""},
          {"东", ""},
          {"東京", "明日は東京に行く"},
          {"กาแฟ", "ฉันชอบกาแฟเย็น"},
          {"京", "明日は東京に行く"},
          {"#tag", "foo-bar it's #tag"},
          {"foo-bar", "foo-bar it's #tag"},
          {"\"tag", "foo-bar it's #tag"},
          {"* OR c", ""}
        }) {
      assertThat(texts(all(each[0], Order.TIME, 10)))
          .as(each[0])
          .isEqualTo(each[1].isEmpty() ? List.of() : List.of(each[1]));
    }
  }

  @Test
  void theLatestComeFirstOnWhateverServerAndInWhateverOrderTheyArrived() {
    start();
    take(op(S3, new Content.ChannelMessage("geral", "ana", "word 3", "c", 30, 30)));
    take(op(S2, new Content.ChannelMessage("geral", "ana", "word 1", "a", 10, 10)));
    take(op(S2, new Content.ChannelMessage("geral", "ana", "word 2", "b", 20, 20)));
    take(op(S3, new Content.ChannelMessage("geral", "ana", "word 4", "d", 30, 30)));
    assertThat(texts(all("word", Order.TIME, 1)))
        .containsExactly("word 4", "word 3", "word 2", "word 1");
  }

  @ParameterizedTest
  @EnumSource
  void pagesStayAsTheyAreWhileOthersWrite(Order order) {
    start();
    for (int i = 0; i < 700; i++) {
      say("word " + i + (i % 7 == 0 ? " word" : ""));
    }
    List<String> whole = texts(all("word", order, 1_000));
    assertThat(whole).hasSize(700).doesNotHaveDuplicates();
    Found page = find(in("word", order, null), 90);
    List<String> pages = new ArrayList<>(texts(page.items()));
    while (page.next() != null) {
      say("word that is said after page " + pages.size());
      page = find(in("word", order, page.next()), 90);
      pages.addAll(texts(page.items()));
    }
    assertThat(pages).isEqualTo(whole);
  }

  @Test
  void theBestComesFirst() {
    start();
    say("a house, and a lot of other words that say nothing of it", "house house", "the house");
    assertThat(texts(all("house", Order.RANK, 1)))
        .containsExactly(
            "house house", "the house", "a house, and a lot of other words that say nothing of it");
  }

  @Test
  void directMessagesAreFoundByTheirTwoEndsOnly() {
    start();
    say("secret in the channel");
    direct("Ana", "bob", "secret of two");
    direct("bob", "carol", "secret of others");
    assertThat(texts(find(by("secret", "ANA", true), 10).items()))
        .containsExactly("secret of two", "secret in the channel");
    assertThat(texts(find(by("secret", null, false), 10).items()))
        .containsExactly("secret in the channel");
    assertThat(texts(find(by("secret", "nobody", true), 10).items()))
        .containsExactly("secret in the channel");
    assertThat(find(by("secret", "bob", true), 10).items()).hasSize(3);
    refused(by("secret", "nobody", false), "user-not-found");
    take(op(S2, new Content.User("dora", tick(), 1)));
    direct("dora", "bob", "secret of dora");
    assertThat(texts(find(by("secret", "Dora", false), 10).items()))
        .containsExactly("secret of dora", "secret in the channel");
  }

  @Test
  void ofSeveralOpsThatAreOneMessageTheFirstIsFoundWheneverItCame() {
    start();
    take(op(S2, new Content.ChannelMessage("geral", "ana", "twin", "one", 20, 1)));
    assertThat(all("twin", Order.TIME, 10)).extracting(Posted::clock).containsExactly(20L);
    take(op(S3, new Content.ChannelMessage("geral", "ana", "twin", "one", 10, 1)));
    take(op(S2, new Content.ChannelMessage("geral", "ana", "twin", "one", 30, 1)));
    take(op(S2, new Content.ChannelMessage("geral", "bob", "twin", "one", 40, 1)));
    for (Order order : Order.values()) {
      assertThat(all("twin", order, 1))
          .extracting(Posted::clock)
          .containsExactlyInAnyOrder(40L, 10L);
    }
  }

  @Test
  void whileItLagsItSaysUpToWhereItIs() {
    start();
    say("word");
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
    Found lagging =
        Awaitility.await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  say("more");
                  return await(search().find(by("word", null, false), 10));
                },
                found -> found.behind() > 0);
    assertThat(lagging.items()).hasSize(1);
    assertThat(lagging.indexedMillis()).isEqualTo(1);
    assertThat(find(by("word", null, false), 10).indexedMillis()).isZero();
  }

  @Test
  void itGoesOnWhereItWas() {
    start();
    say("before");
    assertThat(all("before", Order.TIME, 10)).hasSize(1);
    stopSearch();
    say("while it was away");
    startSearch();
    assertThat(all("away", Order.TIME, 10)).hasSize(1);
    assertThat(all("before", Order.TIME, 10)).hasSize(1);
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
    for (String part : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(folder.resolve("messages.db" + part));
    }
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
  void anotherLifeOfTheServerIsFollowedWhereTheOneBeforeEnded() {
    start();
    say("before");
    assertThat(all("before", Order.TIME, 10)).hasSize(1);
    OpLog again = log().reopen(99);
    log = again;
    open.add(again);
    search().follow(again);
    say("after");
    assertThat(all("after", Order.TIME, 10)).hasSize(1);
    assertThat(all("before", Order.TIME, 10)).hasSize(1);
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
  void aDiskWithoutRoomEndsSearchAndNothingElseUntilThereIsRoom() {
    openLog();
    say("word");
    startSearch(Long.MAX_VALUE);
    Awaitility.await().atMost(PATIENCE).until(() -> search().outage().isPresent());
    refused(by("word", null, false), "search-unavailable");
    say("another word");
    stopSearch();
    startSearch();
    assertThat(all("word", Order.TIME, 10)).hasSize(2);
    assertThat(search().outage()).isEmpty();
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
  void whatIsWrongInARequestIsSaid() {
    start();
    say("word");
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
    refused(by(" ", null, false), "query-blank");
    refused(in("word", Order.TIME, "!"), "after-invalid");
    refused(in("word", Order.RANK, "1.2.x.y"), "after-invalid");
    refused(in("word", Order.RANK, "w.-1"), "after-invalid");
  }

  private void start() {
    openLog();
    startSearch();
  }

  private void openLog() {
    OpLog opened =
        new SqliteOpLog(
            folder.resolve("messages.db"), new Origin("server-1", 1), this::tick, () -> 5);
    log = opened;
    open.add(opened);
  }

  private void closeLog() {
    log().close();
  }

  private void startSearch() {
    startSearch(0);
  }

  private void startSearch(long roomBytes) {
    MessageSearch opened = new MessageSearch(index(), "server-1", roomBytes);
    search = opened;
    open.add(opened);
    log().onCommit(entries -> opened.committed());
    opened.follow(log());
  }

  private void stopSearch() {
    search().close();
  }

  private Path index() {
    return folder.resolve("search.db");
  }

  private OpLog log() {
    return Objects.requireNonNull(log);
  }

  private MessageSearch search() {
    return Objects.requireNonNull(search);
  }

  private long tick() {
    return ++clock;
  }

  private void say(String... texts) {
    for (String text : texts) {
      take(op(S2, new Content.ChannelMessage("geral", "ana", text, "", tick(), 1)));
    }
  }

  private void direct(String from, String to, String text) {
    take(op(S2, new Content.DirectMessage(from, to, text, "", tick(), 1)));
  }

  private Op op(Origin origin, Content content) {
    return Ops.op(origin, sequences.merge(origin, 1L, Long::sum), content);
  }

  private void take(Op... ops) {
    assertThat(await(log().take(List.of(ops))).applied()).isEqualTo(ops.length);
  }

  private static Search by(String query, @Nullable String user, boolean own) {
    return new Search(query, user, own, Order.TIME, null, 0);
  }

  private static Search in(String query, Order order, @Nullable String after) {
    return new Search(query, null, false, order, after, 0);
  }

  /** A page of an index that has caught up. */
  private Found find(Search request, int limit) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(MessageSearchTest::isOpening)
        .until(() -> await(search().find(request, limit)), found -> found.behind() == 0);
  }

  private static boolean isOpening(Throwable error) {
    return error instanceof Refused refused
        && refused.failure().code().equals("search-unavailable");
  }

  private List<Posted> all(String words, Order order, int limit) {
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

  private static List<String> texts(List<Posted> found) {
    return found.stream().map(Posted::text).toList();
  }

  private void refused(Search request, String code) {
    assertThatThrownBy(() -> await(search().find(request, 10)))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.failure().code()).isEqualTo(code));
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + index());
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout=5000");
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static <T> T await(Future<T> future) {
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
