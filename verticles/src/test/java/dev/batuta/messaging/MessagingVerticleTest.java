package dev.batuta.messaging;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.ChatMessage.AskDigest;
import dev.batuta.codec.ChatMessage.AskSync;
import dev.batuta.codec.ChatMessage.Conversation;
import dev.batuta.codec.ChatMessage.Copied;
import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Created;
import dev.batuta.codec.ChatMessage.Digest;
import dev.batuta.codec.ChatMessage.Direct;
import dev.batuta.codec.ChatMessage.History;
import dev.batuta.codec.ChatMessage.ListChannels;
import dev.batuta.codec.ChatMessage.Page;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ChatMessage.PostedAll;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.ChatMessage.PublishAll;
import dev.batuta.codec.ChatMessage.ReadCopy;
import dev.batuta.codec.ChatMessage.Synced;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.LogCopy;
import dev.batuta.node.TestCluster;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The services of messaging, and copies that become the same. */
class MessagingVerticleTest extends ThreeMessagingServers {
  MessagingVerticleTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void whatIsPublishedOnOneServerIsReadOnAnotherWithItsClock() {
    startAll();
    await(ask("s1", new CreateUser("Ana"), Created.class));
    await(ask("s1", new CreateChannel("Geral"), Created.class));
    Posted posted = publish("s1", "olá", "one");
    assertThat(posted.clock()).isPositive();
    assertThat(posted.origin()).isEqualTo("s1");
    awaitEqual();
    for (String server : SERVERS) {
      assertThat(history(server)).containsExactly(posted);
    }
    Posted answer = publish("s3", "oi", "two");
    assertThat(answer.clock()).isGreaterThan(posted.clock());
    awaitEqual();
    assertThat(history("s2")).containsExactly(posted, answer);
  }

  @Test
  void aBatchIsAcknowledgedOnceAndReadInItsOrderEverywhere() {
    startAll();
    geral("s1");
    List<String> texts = IntStream.range(0, 1_200).mapToObj(i -> "m" + i).toList();
    var batch = new PublishAll("ana", "geral", texts, "key");
    PostedAll posted = await(ask("s1", batch, PostedAll.class));
    awaitEqual();
    for (String server : SERVERS) {
      assertThat(history(server)).extracting(Posted::id).isEqualTo(posted.ids());
      assertThat(history(server)).extracting(Posted::text).isEqualTo(texts);
    }
    assertThat(await(ask("s2", batch, PostedAll.class))).isEqualTo(posted);
    var other = new PublishAll("ana", "geral", List.of("m0"), "key");
    refused(() -> await(ask("s3", other, PostedAll.class)), Failure.Kind.CONFLICT, "key-reused");
    stop("s2");
    stop("s3");
    var alone = new PublishAll("ana", "geral", List.of("one", "two"), "alone");
    refused(
        () -> await(ask("s1", alone, PostedAll.class)), Failure.Kind.UNKNOWN, "publish-unknown");
    start("s2");
    assertThat(await(ask("s1", alone, PostedAll.class)).ids()).hasSize(2);
    awaitEqual();
    assertThat(history("s2")).hasSize(1_202);
  }

  @Test
  void whoIsAskedComparesItsCopyAndSaysWhatItIs() {
    startAll();
    geral("s1");
    stop("s3");
    publish("s1", "olá", "1");
    start("s3");
    Synced synced = await(ask("s3", new AskSync(), Synced.class));
    assertThat(synced.server()).isEqualTo("s3");
    assertThat(synced.with()).isIn("s1", "s2");
    awaitEqual();
    Digest digest = await(ask("s3", new AskDigest(), Digest.class));
    assertThat(digest).isEqualTo(new Digest("s3", digest("s1"), 1, 1, 1, 0, true));
    Copied copied = await(ask("s3", new ReadCopy(0, 0, 1), Copied.class));
    assertThat(copied.ops()).hasSize(1);
    stop("s3");
    start("s3");
    refused(
        () -> await(ask("s3", new ReadCopy(copied.incarnation(), copied.next(), 1), Copied.class)),
        Failure.Kind.INVALID,
        "after-invalid");
  }

  @Test
  void directMessagesAreReadByBothEndsInTheSameOrder() {
    startAll();
    await(ask("s1", new CreateUser("ana"), Created.class));
    await(ask("s1", new CreateUser("bob"), Created.class));
    awaitEqual();
    await(ask("s2", new Direct("ana", "bob", "olá", "1"), Posted.class));
    await(ask("s2", new Direct("bob", "ana", "oi", "1"), Posted.class));
    awaitEqual();
    for (String server : SERVERS) {
      Page page = await(ask(server, new Conversation("bob", "Ana", null, 10), Page.class));
      assertThat(page.items()).extracting(Posted::text).containsExactly("olá", "oi");
      assertThat(page.items()).extracting(Posted::to).containsExactly("bob", "ana");
    }
  }

  @Test
  void aServerThatWasAwayHasEverythingOnceItIsReady() {
    startAll();
    geral("s1");
    stop("s3");
    for (int i = 0; i < 30; i++) {
      publish("s1", "text " + i, "id" + i);
    }
    start("s3");
    assertThat(history("s3")).hasSize(30);
    assertThat(digest("s3")).isEqualTo(digest("s1"));
  }

  @Test
  void aServerWithAnErasedDiskGetsEverythingBackAlsoItsOwn() {
    startAll();
    geral("s1");
    publish("s2", "by s2", "1");
    publish("s1", "by s1", "2");
    awaitEqual();
    String before = digest("s1");
    stop("s2");
    erase("s2");
    start("s2");
    assertThat(digest("s2")).isEqualTo(before);
    publish("s2", "again", "3");
    awaitEqual();
    assertThat(history("s3")).extracting(Posted::text).containsExactly("by s2", "by s1", "again");
  }

  /** Of the life that goes on after the copy was made: its next numbers are at the others. */
  @Test
  void aServerWhoseDiskIsSetBackGetsWhatItHadAndGivesNoIdTwice() throws IOException {
    startAll();
    geral("s1");
    List<Posted> all = new ArrayList<>();
    all.add(publish("s2", "before", "1"));
    Path copy = folder.resolve("copy-of-s2.db");
    LogCopy.make(disk("s2").resolve("messages.db"), copy);
    all.add(publish("s2", "after", "2"));
    all.add(publish("s1", "of another", "3"));
    awaitEqual();
    stop("s2");
    erase("s2");
    Files.copy(copy, disk("s2").resolve("messages.db"));
    start("s2");
    assertThat(digest("s2")).isEqualTo(digest("s1"));
    all.add(publish("s2", "again", "4"));
    assertThat(publish("s2", "after", "2")).isEqualTo(all.get(1));
    awaitEqual();
    for (String server : SERVERS) {
      assertThat(history(server)).isEqualTo(all);
    }
    assertThat(all).extracting(Posted::id).doesNotHaveDuplicates();
  }

  /** One copy serves all: it is of no server, and whose ops it holds stands in it. */
  @Test
  void aClusterThatIsSetBackToACopyOfOneServerIsWholeAndGoesOn() throws IOException {
    startAll();
    geral("s1");
    Posted before = publish("s2", "before", "1");
    awaitEqual();
    Path copy = folder.resolve("copy-of-s3.db");
    LogCopy.make(disk("s3").resolve("messages.db"), copy);
    List<String> texts = new CopyOnWriteArrayList<>();
    List<String> positions = new CopyOnWriteArrayList<>();
    Feed.Subscription heard = subscribe("s1", null, texts, positions);
    Posted lost = publish("s2", "lost", "2");
    Awaitility.await().atMost(PATIENCE).until(() -> texts.contains("lost"));
    heard.close();
    stopAll();
    SERVERS.forEach(this::erase);
    Files.copy(copy, disk("s1").resolve("messages.db"));
    startAll();
    assertThat(history("s1")).containsExactly(before);
    Posted after = publish("s2", "after", "3");
    Posted repeated = publish("s3", "lost", "2");
    awaitEqual();
    assertThat(history("s1")).containsExactlyInAnyOrder(before, after, repeated);
    assertThat(after.id()).isNotIn(lost.id(), before.id());
    assertThat(repeated.id()).as("its author and its key make a message").isEqualTo(lost.id());
    // Who had heard of more than there is now misses nothing of what comes.
    Feed.Subscription goesOn = subscribe("s3", positions.getLast(), texts, positions);
    Awaitility.await().atMost(PATIENCE).until(() -> texts.contains("after"));
    goesOn.close();
  }

  @Test
  void withoutAMajorityTheAnswerIsUnknownAndARepeatIsTheSameMessage() {
    startAll();
    geral("s1");
    stop("s2");
    stop("s3");
    refused(() -> publish("s1", "olá", "one"), Failure.Kind.UNKNOWN, "publish-unknown");
    start("s2");
    Posted repeated = publish("s1", "olá", "one");
    start("s3");
    Posted elsewhere = publish("s3", "olá", "one");
    assertThat(elsewhere).isEqualTo(repeated);
    awaitEqual();
    assertThat(history("s3")).containsExactly(repeated);
  }

  @Test
  void aNewDiskDoesNotCountUntilItHasWhatAMajorityOfTheOthersHolds() {
    startAll();
    geral("s1");
    stop("s3");
    stop("s2");
    erase("s2");
    start("s2");
    refused(() -> publish("s1", "olá", "one"), Failure.Kind.UNKNOWN, "publish-unknown");
    start("s3");
    publish("s1", "olá", "one");
  }

  @Test
  void aCopyThatIsPutBackDoesNotCountUntilItHasWhatWasAcknowledgedSince() throws IOException {
    startAll();
    geral("s1");
    Path copy = folder.resolve("old-disk.db");
    LogCopy.make(disk("s2").resolve("messages.db"), copy);
    stop("s3");
    publish("s1", "on s1 and s2", "one");
    stop("s1");
    stop("s2");
    erase("s2");
    Files.copy(copy, disk("s2").resolve("messages.db"));
    start("s2");
    start("s3");
    refused(() -> publish("s3", "olá", "two"), Failure.Kind.UNKNOWN, "publish-unknown");
    start("s1");
    publish("s3", "olá", "two");
    awaitEqual();
    assertThat(history("s2")).extracting(Posted::text).containsExactly("on s1 and s2", "olá");
  }

  @Test
  void aLostPublicationIsRepairedBeforeItsAuthorIsTold() {
    startAll();
    geral("s1");
    for (String server : List.of("s2", "s3")) {
      await(cluster.node(server).bus().withdraw(Addresses.REPLICATION));
    }
    publish("s1", "olá", "one");
    awaitEqual();
    assertThat(history("s3")).hasSize(1);
  }

  @Test
  void oneMessageIdOnTwoServersAtOnceIsOneMessage() {
    startAll();
    geral("s1");
    awaitEqual();
    List<Future<Posted>> both =
        Stream.of("s2", "s3")
            .map(s -> ask(s, new Publish("ana", "geral", "olá", "one"), Posted.class))
            .toList();
    both.forEach(TestCluster::await);
    awaitEqual();
    List<Posted> shown = history("s1");
    assertThat(shown).hasSize(1);
    assertThat(history("s2")).isEqualTo(shown);
    assertThat(shown.getFirst().id()).isEqualTo(await(both.getFirst()).id());
  }

  @Test
  void aMessageIdThatSaysSomethingElseIsRefusedOnEveryServer() {
    startAll();
    geral("s1");
    Posted first = publish("s1", "olá", "one");
    awaitEqual();
    for (String server : SERVERS) {
      refused(() -> publish(server, "other", "one"), Failure.Kind.CONFLICT, "key-reused");
      assertThat(publish(server, "olá", "one")).isEqualTo(first);
      assertThat(history(server)).containsExactly(first);
    }
  }

  /** Neither server knew of the other's: both have said that theirs is kept. */
  @Test
  void whatTwoServersTookAtOnceUnderOneMessageIdIsShownIfItSaysTwoThings() {
    startAll();
    geral("s1");
    List<Future<Posted>> both =
        Stream.of("s2", "s3")
            .map(s -> ask(s, new Publish("ana", "geral", "by " + s, "one"), Posted.class))
            .toList();
    List<String> taken = new ArrayList<>();
    for (Future<Posted> each : both) {
      try {
        taken.add(await(each).text());
      } catch (Refused later) {
        assertThat(later.failure().code()).isEqualTo("key-reused");
      }
    }
    awaitEqual();
    assertThat(taken).isNotEmpty();
    for (String server : SERVERS) {
      assertThat(history(server))
          .extracting(Posted::text)
          .containsExactlyInAnyOrderElementsOf(taken);
    }
  }

  @Test
  void theOwnNameOfATokenIsRegisteredOnceAndToldAsItIsKnown() {
    startAll();
    await(ask("s1", new CreateUser("Ana"), Created.class));
    assertThat(await(ask("s1", new CreateUser("ana", true), Created.class)).name())
        .isEqualTo("Ana");
    assertThat(await(ask("s1", new CreateUser(" bob", true), Created.class)).name())
        .isEqualTo("bob");
    await(ask("s1", new CreateChannel("carol"), Created.class));
    assertThat(await(ask("s1", new CreateUser("Carol", true), Created.class)).name())
        .isEqualTo("Carol~2");
    assertThat(await(ask("s1", new CreateUser("carol", true), Created.class)).name())
        .isEqualTo("Carol~2");
    refused(
        () -> await(ask("s1", new CreateUser("bob"), Created.class)),
        Failure.Kind.CONFLICT,
        "name-taken");
  }

  @Test
  void refusalsNameTheValueAndWhatToDo() {
    startAll();
    geral("s1");
    assertThatThrownBy(() -> await(ask("s1", new Publish("ana", "lost", "x", "1"), Posted.class)))
        .isInstanceOf(Refused.class)
        .hasMessage(
            "There is no channel 'lost': create it first, or look at the list of channels.");
    refused(
        () -> await(ask("s1", new CreateChannel("ANA"), Created.class)),
        Failure.Kind.CONFLICT,
        "name-taken");
    refused(
        () -> await(ask("s1", new History("geral", "!", 1), Page.class)),
        Failure.Kind.INVALID,
        "after-invalid");
    assertThat(
            await(ask("s1", new ListChannels(null, 10), dev.batuta.codec.ChatMessage.Names.class))
                .items())
        .containsExactly("Geral");
  }
}
