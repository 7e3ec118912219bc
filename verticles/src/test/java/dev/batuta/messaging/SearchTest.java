package dev.batuta.messaging;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Created;
import dev.batuta.codec.ChatMessage.Direct;
import dev.batuta.codec.ChatMessage.Found;
import dev.batuta.codec.ChatMessage.Order;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ChatMessage.Search;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.StuckDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Search over the bus, on servers that come and go. */
class SearchTest extends ThreeMessagingServers {
  SearchTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void whatIsPublishedOnOneServerIsFoundOnEachAlsoByAnothersPlace() {
    startAll();
    geral("s1");
    List<Posted> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.addFirst(publish("s" + (i % 3 + 1), "uma ação " + i, "id" + i));
      awaitEqual();
    }
    for (String server : SERVERS) {
      assertThat(found(server, "acao", null, 10).items()).isEqualTo(all);
    }
    Found first = found("s1", "acao", null, 2);
    Found rest = found("s2", "acao", first.next(), 10);
    assertThat(first.items()).isEqualTo(all.subList(0, 2));
    assertThat(rest.items()).isEqualTo(all.subList(2, 5));
    assertThat(rest.next()).isNull();
  }

  @Test
  void directMessagesAreFoundByTheirTwoEndsOnly() {
    startAll();
    geral("s1");
    for (String user : List.of("bob", "carol")) {
      await(ask("s1", new CreateUser(user), Created.class));
    }
    Posted direct = await(ask("s1", new Direct("ana", "bob", "segredo", "1"), Posted.class));
    awaitEqual();
    for (String server : SERVERS) {
      assertThat(found(server, search("segredo", "Bob", false)).items()).containsExactly(direct);
      assertThat(found(server, search("segredo", "ana", true)).items()).containsExactly(direct);
      assertThat(found(server, search("segredo", "carol", true)).items()).isEmpty();
      assertThat(found(server, search("segredo", null, false)).items()).isEmpty();
    }
    refused(
        () -> await(ask("s1", search("segredo", "nobody", false), Found.class)),
        Failure.Kind.NOT_FOUND,
        "user-not-found");
    refused(
        () -> await(ask("s1", search("  ", null, false), Found.class)),
        Failure.Kind.INVALID,
        "query-blank");
  }

  @Test
  void aServerThatWasAwayOrHasANewDiskFindsWhatTheOthersDo() {
    startAll();
    geral("s1");
    Posted before = publish("s1", "word before", "1");
    stop("s3");
    Posted meanwhile = publish("s2", "word meanwhile", "2");
    start("s3");
    awaitEqual();
    assertThat(found("s3", "word", null, 10).items()).containsExactly(meanwhile, before);
    stop("s3");
    erase("s3");
    start("s3");
    awaitEqual();
    assertThat(found("s3", "word", null, 10).items()).containsExactly(meanwhile, before);
  }

  @Test
  void whatIsSaidInAnotherLifeOfAServerIsFound() throws SQLException {
    startAll();
    geral("s1");
    Posted before = publish("s2", "word before", "1");
    StuckDisk stuck = StuckDisk.of(disk("s2").resolve("messages.db"));
    refused(() -> publish("s2", "lost", "2"), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    stuck.free();
    Awaitility.await().atMost(PATIENCE).until(() -> verticle("s2").outage().isEmpty());
    awaitEqual();
    Posted after = publish("s2", "word after", "3");
    awaitEqual();
    assertThat(found("s2", "word", null, 10).items()).containsExactly(after, before);
  }

  @Test
  void anIndexThatCannotBeUsedDisturbsNobodyWhoPublishes() throws IOException {
    Path way = Files.createDirectories(disk("s2").resolve("search.db").resolve("in-the-way"));
    startAll();
    geral("s1");
    Posted posted = publish("s2", "word", "1");
    awaitEqual();
    assertThat(history("s2")).containsExactly(posted);
    refused(
        () -> await(ask("s2", search("word", null, false), Found.class)),
        Failure.Kind.UNAVAILABLE,
        "search-unavailable");
    assertThat(found("s1", "word", null, 10).items()).containsExactly(posted);
    Files.delete(way);
    Files.delete(disk("s2").resolve("search.db"));
    assertThat(found("s2", "word", null, 10).items()).containsExactly(posted);
  }

  private static Search search(String query, @Nullable String user, boolean own) {
    return new Search(query, user, own, Order.TIME, null, 10);
  }

  private Found found(String server, String query, @Nullable String after, int limit) {
    return found(server, new Search(query, null, false, Order.TIME, after, limit));
  }

  /** By an index that has caught up. */
  private Found found(String server, Search search) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(
            error ->
                error instanceof Refused refused
                    && refused.failure().code().equals("search-unavailable"))
        .until(() -> await(ask(server, search, Found.class)), found -> found.behind() == 0);
  }
}
