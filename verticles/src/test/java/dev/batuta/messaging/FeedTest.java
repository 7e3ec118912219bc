package dev.batuta.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Direct;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.log.SqliteOpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.DeltaVector;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Followers of one channel, on a real log. */
class FeedTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong clock = new AtomicLong(100);
  private final OpLog log;
  private final Feed feed = new Feed(vertx, true);
  private final AtomicInteger fetched = new AtomicInteger();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<String> passed = new CopyOnWriteArrayList<>();

  FeedTest(@TempDir Path folder) {
    log =
        new SqliteOpLog(
            folder.resolve("messages.db"),
            new Origin("server-1", 1),
            clock::incrementAndGet,
            () -> 1);
  }

  @BeforeEach
  void twoChannels() {
    feed.open(log, fetched::incrementAndGet);
    log.onCommit(feed::committed);
    await(log.make(Draft.of(new CreateUser("ana"))));
    await(log.make(Draft.of(new CreateChannel("Straße"))));
    await(log.make(Draft.of(new CreateChannel("other"))));
  }

  @AfterEach
  void close() throws TimeoutException {
    log.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void aChannelIsFollowedByAnySpellingAndTheOthersArePassedOver() {
    follow(null, " STRASSE ");
    say("other", "elsewhere");
    say("strasse", "here");
    awaitHeard(1);
    assertThat(heard).containsExactly("Straße here");
    assertThat(passed).hasSize(1);
    // Behind what was passed over, it goes on with what came then.
    follow(passed.getFirst(), "Straße");
    awaitHeard(2);
    assertThat(heard).containsExactly("Straße here", "Straße here");
  }

  @Test
  void aChannelThatBecomesKnownUnderAnotherNameIsFollowedOn() {
    follow(null, "Straße");
    Origin elsewhere = new Origin("server-2", 1);
    await(log.take(List.of(Ops.op(elsewhere, 1, new Content.User("STRASSE", 1, 1)))));
    say("straße~2", "still here");
    awaitHeard(1);
    assertThat(heard).containsExactly("Straße~2 still here");
  }

  @Test
  void aUserGetsWhatItIsToldAndTellsUnderWhateverNameItIsKnown() {
    // A token's user follows before its name is registered.
    List<String> own = followed(new MessageFilter.Own("Bob "));
    await(log.make(Draft.of(new CreateUser("bob"))));
    await(log.make(Draft.of(new CreateUser("eva"))));
    List<String> named = followed(new MessageFilter.User(" BOB"));
    List<String> ofEva = followed(new MessageFilter.User("eva"));
    List<String> ofNobody = followed(new MessageFilter.Channels());
    tell("ana", "bob", "told");
    tell("bob", "ana", "answered");
    Origin elsewhere = new Origin("server-2", 1);
    await(log.take(List.of(Ops.op(elsewhere, 1, new Content.Channel("BOB", 1, 1)))));
    tell("ana", "bob~2", "told under another name");
    List<String> renamed = followed(new MessageFilter.User("bob~2"));
    List<String> asBefore = followed(new MessageFilter.User("bob"));
    tell("bob~2", "ana", "last");
    say("other", "end");

    for (List<String> heard : List.of(own, named, renamed, asBefore, ofEva, ofNobody)) {
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> heard.contains("end"));
    }
    assertThat(own).containsExactly("told", "answered", "told under another name", "last", "end");
    assertThat(named).isEqualTo(own);
    assertThat(renamed).containsExactly("last", "end");
    assertThat(asBefore).isEqualTo(renamed);
    assertThat(ofEva).containsExactly("end");
    assertThat(ofNobody).containsExactly("end");
  }

  @Test
  void aDoorHearsAllThatIsSaidAndWhatIsCreated() {
    List<String> created = new CopyOnWriteArrayList<>();
    List<String> said = new CopyOnWriteArrayList<>();
    feed.subscribe(
        null,
        new MessageFilter.Everything(),
        new Feed.Subscriber() {
          @Override
          public void deliver(Posted message, Supplier<String> position) {
            said.add(message.text());
          }

          @Override
          public void created(Content creation) {
            created.add(creation.getClass().getSimpleName());
          }
        });
    await(log.make(Draft.of(new CreateUser("bob"))));
    await(log.make(Draft.of(new CreateChannel("new"))));
    tell("ana", "bob", "direct");
    say("other", "end");
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> said.contains("end"));
    assertThat(said).containsExactly("direct", "end");
    assertThat(created).containsExactly("User", "Channel");
  }

  @Test
  void whoHadWhatIsNotHereYetGetsNoOtherOpOfIt() {
    Origin elsewhere = new Origin("server-2", 1);
    VersionVector had = log.vector();
    had.put(elsewhere, 1);
    follow(had.token(), "other");
    // Its author was not told there that it is kept, and says it again here.
    say("other", "had");
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> fetched.get() > 0);
    Content same = new Content.ChannelMessage("other", "ana", "had", "had", 1, 1);
    await(log.take(List.of(Ops.op(elsewhere, 1, same))));
    say("other", "new");
    awaitHeard(1);
    assertThat(heard).containsExactly("other new");
  }

  @Test
  void whoHadWhatAFoldNamesGetsNoneOfItAgainWhereTheFoldHasNotArrived() {
    Origin ended = new Origin("server-2", 1);
    Content had = new Content.ChannelMessage("other", "ana", "had", "had", 1, 1);
    await(log.take(List.of(Ops.op(ended, 1, had))));
    Op fold =
        Ops.op(
            new Origin("server-2", 2),
            1,
            new Content.Fold(List.of(), List.of(new OpId(ended, 1)), 2, 2));
    follow(beyond(fold), "other");
    say("other", "new");
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> fetched.get() > 0);
    assertThat(heard).isEmpty();
    await(log.take(List.of(fold)));
    awaitHeard(1);
    say("other", "newer");
    awaitHeard(2);
    assertThat(heard).containsExactly("other new", "other newer");
  }

  /** It would be given again what the fold names, or miss it. */
  @Test
  void aPositionThatNamesAFoldWhichDoesNotComeIsNotServed() {
    Op fold = Ops.op(new Origin("server-2", 2), 1, new Content.Fold(List.of(), List.of(), 2, 2));
    Feed.Subscription lost =
        feed.subscribe(beyond(fold), new MessageFilter.Channels(), (message, place) -> {});
    assertThatThrownBy(() -> await(lost.ended()))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.failure().code()).isEqualTo("position-lost"));
  }

  /** The token of who had a fold, and what this server made until now. */
  private String beyond(Op fold) {
    return new DeltaVector(List.of(fold.id()), Map.of(log.self(), log.held(log.self()))).token();
  }

  @Test
  void whatAMajorityLacksIsNotDeliveredAndNothingBehindIt() {
    Feed careful = careful();
    List<String> texts = followed(careful);
    Origin elsewhere = new Origin("server-2", 1);
    say("other", "first");
    Content second = new Content.ChannelMessage("other", "ana", "second", "id", 1, 1);
    await(log.take(List.of(Ops.op(elsewhere, 1, second))));
    careful.safe(elsewhere, 1);
    List<String> late = followed(careful);
    careful.safe(log.self(), log.held(log.self()));
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> texts.size() == 2 && !late.isEmpty());
    assertThat(texts).containsExactly("first", "second");
    assertThat(late).as("what could not be shown when it began is new").containsExactly("first");
  }

  @Test
  void whatWasThereWhenTheServerStartedIsNoNewsThoughNobodyElseWasHeardOfYet() {
    say("other", "old");
    Feed careful = careful();
    List<String> texts = followed(careful);
    careful.safe(log.self(), log.held(log.self()));
    say("other", "new");
    careful.safe(log.self(), log.held(log.self()));
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !texts.isEmpty());
    assertThat(texts).containsExactly("new");
  }

  /** Of a server that is one of several. */
  private Feed careful() {
    Feed careful = new Feed(vertx, false);
    log.onCommit(careful::committed);
    careful.open(log, () -> {});
    return careful;
  }

  private static List<String> followed(Feed careful) {
    List<String> texts = new CopyOnWriteArrayList<>();
    careful.subscribe(
        null, new MessageFilter.Channels(), (message, place) -> texts.add(message.text()));
    return texts;
  }

  private List<String> followed(MessageFilter filter) {
    List<String> texts = new CopyOnWriteArrayList<>();
    feed.subscribe(null, filter, (message, place) -> texts.add(message.text()));
    return texts;
  }

  private void tell(String from, String to, String text) {
    await(log.make(Draft.of(new Direct(from, to, text, text))));
  }

  /** With a thousand subscribers of a channel, to make it for each would be most of the work. */
  @Test
  void whatManyFollowIsMadeOnce() {
    List<Posted> messages = new CopyOnWriteArrayList<>();
    List<String> places = new CopyOnWriteArrayList<>();
    for (int each = 0; each < 2; each++) {
      feed.subscribe(
          null,
          new MessageFilter.Channel("other"),
          (message, place) -> {
            messages.add(message);
            places.add(place.get());
          });
    }

    say("other", "to all");

    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> places.size() == 2);
    assertThat(messages.getLast()).isSameAs(messages.getFirst());
    assertThat(places.getLast()).isSameAs(places.getFirst());
  }

  /** They are woken in rounds, and wait for the next one. */
  @Test
  void whatComesWhileManyAreBeingServedComesToAllOfThem() {
    List<List<String>> heardByEach =
        IntStream.range(0, 200)
            .mapToObj(each -> followed(new MessageFilter.Channel("other")))
            .toList();

    say("other", "one");
    say("other", "two");
    say("other", "three");

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> heardByEach.stream().allMatch(heard -> heard.size() == 3));
    assertThat(heardByEach).containsOnly(List.of("one", "two", "three"));
  }

  @Test
  void aChannelThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> follow(null, "lost"))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("There is no channel 'lost'");
  }

  @Test
  void whatIsTooLongIsRepeatedInWholeCharacters() {
    String notes = "a" + "\uD834\uDD1E".repeat(80);
    assertThatThrownBy(() -> follow(notes, "other"))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("'a" + "\uD834\uDD1E".repeat(39) + "..'");
    assertThatThrownBy(() -> follow(null, notes))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("'a" + "\uD834\uDD1E".repeat(79) + "..'");
  }

  @Test
  void aSubscriptionThatNothingMoreComesFromSaysSo() {
    String position = feed.position();
    Feed.Subscription closed =
        feed.subscribe(null, new MessageFilter.Channels(), (message, place) -> {});
    Feed.Subscription broken =
        feed.subscribe(
            null,
            new MessageFilter.Channels(),
            (message, place) -> {
              throw new IllegalStateException("no room for " + message.text());
            });
    closed.close();
    say("other", "one");
    await(closed.ended());
    assertThatThrownBy(() -> await(broken.ended())).hasMessage("no room for one");

    log.close();
    Feed.Subscription unread =
        feed.subscribe(position, new MessageFilter.Channels(), (message, place) -> {});
    assertThatThrownBy(() -> await(unread.ended())).isInstanceOf(Refused.class);
  }

  private void follow(@Nullable String position, String channel) {
    feed.subscribe(
        position,
        new MessageFilter.Channel(channel),
        new Feed.Subscriber() {
          @Override
          public void deliver(Posted message, Supplier<String> place) {
            heard.add(message.channel() + " " + message.text());
          }

          @Override
          public void passOver(Supplier<String> place) {
            passed.add(place.get());
          }
        });
  }

  private void say(String channel, String text) {
    await(log.make(Draft.of(new Publish("ANA", channel, text, text))));
  }

  private void awaitHeard(int count) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> heard.size() >= count);
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(late);
    }
  }
}
