package dev.batuta.messaging.log;

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
import dev.batuta.messaging.replica.Name;
import dev.batuta.messaging.replica.Names;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.Replica;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link OpLog} promises. */
abstract class OpLogContract {

  /** A new, empty log of a server; what an earlier one of that name held is gone. */
  abstract OpLog empty(String server);

  /** Ends a log, and opens what it left under another incarnation. */
  abstract OpLog reopen(OpLog log);

  @Test
  void whatWasMadeIsReadInItsOrder() {
    OpLog log = withGeral("server-1");
    for (int i = 0; i < 5; i++) {
      await(log.make(Draft.of(new Publish("ana", "GERAL", "text " + i, "id" + i))));
    }
    OpLog.Read first = await(log.read(Content.ofChannel("Geral"), null, 3));
    assertThat(texts(first)).containsExactly("text 0", "text 1", "text 2");
    OpLog.Read second = await(log.read(Content.ofChannel("geral"), first.next(), 3));
    assertThat(texts(second)).containsExactly("text 3", "text 4");
    assertThat(second.next()).isNull();
  }

  @Test
  void aRepeatedMessageIdIsTheFirstMessage() {
    OpLog log = withGeral("server-1");
    var first = await(log.make(Draft.of(new Publish("ana", "geral", "olá", "one"))));
    var again = await(log.make(Draft.of(new Publish("ANA", "geral", "olá", "one"))));
    assertThat(again.repeated()).isTrue();
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.content()).isEqualTo(first.content());
    assertThat(log.counts().channelMessages()).isEqualTo(1);
  }

  @Test
  void opsAreReadByTheirPositionsAndThoseThatAreOneMessageAreKnown() {
    OpLog log = withGeral("server-1");
    await(log.make(Draft.of(new Publish("ana", "geral", "olá", "one"))));
    long first = log.lastPosition();
    await(log.make(Draft.of(new Publish("ana", "geral", "other", "two"))));
    var twin = new Content.ChannelMessage("geral", "ana", "olá", "one", 1, 9);
    await(log.take(List.of(Ops.op(new Origin("server-2", 5), 1, twin))));
    long last = log.lastPosition();
    assertThat(await(log.at(List.of(last, 99L, first))))
        .extracting(OpLog.Entry::position)
        .containsExactly(last, first);
    assertThat(await(log.at(List.of()))).isEmpty();
    assertThat(log.sameMessage(first)).containsExactly(first, last);
    assertThat(log.sameMessage(last)).containsExactly(first, last);
    assertThat(log.sameMessage(first + 1)).isEmpty();
  }

  @Test
  void aMessageIdThatSaysSomethingElseIsRefusedWhereverTheFirstWasTaken() {
    OpLog log = withGeral("server-1");
    await(log.make(Draft.of(new CreateUser("bob"))));
    await(log.make(Draft.of(new CreateChannel("other"))));
    var afar = new Content.DirectMessage("ana", "bob", "psst", "two", 9, 9);
    await(log.take(List.of(Ops.op(new Origin("server-2", 5), 1, afar))));
    await(log.make(Draft.of(new Publish("ana", "geral", "olá", "one"))));
    VersionVector before = log.vector();
    refused(log.make(Draft.of(new Publish("ana", "geral", "ola", "one"))), "key-reused");
    refused(log.make(Draft.of(new Publish("ANA", "other", "olá", "one"))), "key-reused");
    refused(log.make(Draft.of(new Direct("ana", "bob", "olá", "one"))), "key-reused");
    refused(log.make(Draft.of(new Direct("ana", "ana", "psst", "two"))), "key-reused");
    refused(log.make(Draft.of(new Publish("ana", "geral", "psst", "two"))), "key-reused");
    assertThat(log.vector()).isEqualTo(before);
    assertThat(log.ended().isComplete()).as("it goes on").isFalse();
    assertThat(await(log.make(Draft.of(new Direct("ana", "BOB", "psst", "two")))).repeated())
        .isTrue();
    assertThat(await(log.make(Draft.of(new Publish("bob", "geral", "ola", "one")))).repeated())
        .as("another author's")
        .isFalse();
  }

  @Test
  void aBatchIsMadeInItsOrderOrNotAtAll() {
    OpLog log = withGeral("server-1");
    List<OpLog.Made> made = await(log.make(batch("k", "a", "b", "c")));
    assertThat(made).noneMatch(OpLog.Made::repeated);
    long first = made.getFirst().id().sequence();
    assertThat(made)
        .extracting(one -> one.id().sequence())
        .containsExactly(first, first + 1, first + 2);
    assertThat(texts(await(log.read(Content.ofChannel("geral"), null, 9))))
        .containsExactly("a", "b", "c");

    VersionVector before = log.vector();
    assertThatThrownBy(() -> await(log.make(batch("l", "d", " ", "e"))))
        .hasMessageStartingWith("messages[1]: ");
    refused(log.make(batch("m", "d", " ", "e")), "text-blank");
    await(log.make(Draft.of(new Publish("ana", "geral", "mine", "n#1"))));
    refused(log.make(batch("n", "d", "e", "f")), "key-reused");
    assertThat(log.vector().of(log.self())).isEqualTo(before.of(log.self()) + 1);
  }

  @Test
  void aRepeatedBatchIsTheSameMessagesAndOneWithOthersIsRefused() {
    OpLog log = withGeral("server-1");
    List<OpLog.Made> made = await(log.make(batch("k", "a", "b", "b")));
    await(log.make(batch("one", "b")));
    VersionVector before = log.vector();
    List<OpLog.Made> again = await(log.make(batch("k", "a", "b", "b")));
    assertThat(again).allMatch(OpLog.Made::repeated);
    assertThat(again)
        .extracting(OpLog.Made::id)
        .isEqualTo(made.stream().map(OpLog.Made::id).toList());
    assertThat(await(log.make(batch("one", "b"))).getFirst().repeated()).isTrue();
    for (Batch other :
        List.of(
            batch("k", "a", "b", "c"),
            batch("k", "a", "c", "b"),
            batch("k", "a", "b"),
            batch("k", "b"),
            batch("k", "a", "b", "b", "b"),
            batch("k", "a", "b", "x", "b"),
            batch("one", "b", "b"))) {
      refused(log.make(other), "key-reused");
    }
    assertThat(log.vector()).isEqualTo(before);
  }

  /** Its server died before all of it was on others. */
  @Test
  void theRestOfABatchIsMadeWhereOnlyItsBeginningCame() {
    OpLog first = withGeral("server-1");
    await(first.make(batch("k", "a", "b", "c", "d")));
    List<Op> ops = await(first.beyond(new VersionVector(), 99));
    OpLog second = empty("server-2");
    await(second.take(ops.subList(0, ops.size() - 2)));
    List<OpLog.Made> again = await(second.make(batch("k", "a", "b", "c", "d")));
    assertThat(again).extracting(OpLog.Made::repeated).containsExactly(true, true, false, false);
    await(second.take(ops));
    assertThat(texts(await(second.read(Content.ofChannel("geral"), null, 9))))
        .as("each once")
        .containsExactlyInAnyOrder("a", "b", "c", "d");
    assertThat(await(second.make(batch("k", "a", "b", "c", "d"))))
        .allMatch(OpLog.Made::repeated)
        .extracting(one -> ((Content.Said) one.content()).text())
        .containsExactly("a", "b", "c", "d");
  }

  private static Batch batch(String key, String... texts) {
    return Batch.of(new PublishAll("ana", "geral", List.of(texts), key));
  }

  @Test
  void theNewestAreReadInReadingOrderAndThereIsNoPageAfterThem() {
    OpLog log = withGeral("server-1");
    for (int i = 0; i < 5; i++) {
      await(log.make(Draft.of(new Publish("ana", "geral", "text " + i, "id" + i))));
    }
    OpLog.Read newest = await(log.last(Content.ofChannel("Geral"), 2));
    assertThat(texts(newest)).containsExactly("text 3", "text 4");
    assertThat(newest.next()).isNull();
  }

  @Test
  void whatAnotherSystemTookKeepsItsTime() {
    OpLog log = withGeral("server-1");
    var made = await(log.make(Draft.of(new Publish("ana", "geral", "old", "one", 1_234))));
    assertThat(made.content().timeMillis()).isEqualTo(1_234);
  }

  @Test
  void whatAnotherSystemTellsOfInTheSecondInWhichItWasSaidIsTheSameMessage() {
    OpLog log = withGeral("server-1");
    await(log.make(Draft.of(new CreateUser("bob"))));
    long second = 1_600_000_000_000L;
    var said = new Content.ChannelMessage("geral", "ana", "afar", "1", 7, second + 999);
    OpId afar = new OpId(new Origin("server-2", 5), 1);
    await(log.take(List.of(Ops.op(afar.origin(), afar.sequence(), said))));
    OpId here = await(log.make(said("olá", "2", second + 500))).id();
    OpId direct = await(log.make(told("ana", "bob", "3", second + 1))).id();

    assertThat(await(log.make(said("olá", "hash 0", second))).id()).isEqualTo(here);

    OpLog again = reopen(log);

    assertThat(await(again.make(said("afar", "hash 1", second))).id()).isEqualTo(afar);
    OpLog.Made repeated = await(again.make(said("olá", "hash 2", second)));
    assertThat(repeated.repeated()).isTrue();
    assertThat(repeated.id()).isEqualTo(here);
    assertThat(await(again.make(told("ANA", "Bob", "hash 3", second))).id()).isEqualTo(direct);
    assertThat(again.counts()).isEqualTo(log.counts());
    assertThat(await(again.make(told("bob", "ana", "hash 4", second))).repeated()).isFalse();
    assertThat(await(again.make(said("olá!", "hash 5", second))).repeated()).isFalse();
    assertThat(await(again.make(said("olá", "hash 6", second + 1_000))).repeated()).isFalse();
    assertThat(await(again.make(said("olá", "hash 7", second + 700))).repeated())
        .as("with a fraction, which nobody has from here")
        .isFalse();
    assertThat(await(again.make(said("olá", "hash 8", 0))).repeated()).isFalse();
  }

  private static Draft said(String text, String id, long millis) {
    return Draft.of(new Publish("Ana", "GERAL", text, id, millis));
  }

  private static Draft told(String from, String to, String id, long millis) {
    return Draft.of(new Direct(from, to, "psst", id, millis));
  }

  @Test
  void wrongDraftsAreRefusedAndLeaveNothing() {
    OpLog log = withGeral("server-1");
    VersionVector before = log.vector();
    refused(log.make(Draft.of(new CreateUser("Ana"))), "name-taken");
    refused(log.make(Draft.of(new Publish("ana", "lost", "x", "1"))), "channel-not-found");
    refused(log.make(Draft.of(new Publish("eve", "geral", "x", "1"))), "user-not-found");
    refused(log.make(Draft.of(new Direct("ana", "eve", "x", "1"))), "user-not-found");
    refused(log.make(Draft.of(new Publish("ana", "geral", " ", "1"))), "text-blank");
    refused(log.make(Draft.of(new Publish("ana", "geral", "x", ""))), "invalid-request");
    refused(log.make(Draft.of(new Publish("ana", "geral", "x\ud800y", "1"))), "invalid-text");
    refused(log.make(Draft.of(new Publish("ana", "geral", "x", "\udc00"))), "invalid-text");
    refused(
        log.make(Draft.of(new Publish("ana", "geral", "x".repeat(64 * 1024 + 1), "1"))),
        "text-too-long");
    refused(log.read("#geral", "nonsense", 10), "after-invalid");
    assertThat(log.vector()).isEqualTo(before);
  }

  @Test
  void twoCreationsOfOneNameAtOnceAreOneCreationAndOneRefusal() {
    OpLog log = empty("server-1");
    Future<OpLog.Made> one = log.make(Draft.of(new CreateUser("ana")));
    Future<OpLog.Made> two = log.make(Draft.of(new CreateChannel("Ana")));
    await(one);
    refused(two, "name-taken");
  }

  @Test
  void copiesThatTookTheSameOpsInAnyOrderReadTheSame() {
    for (long seed = 1; seed <= 25; seed++) {
      List<Op> history = Ops.history(seed, 120);
      OpLog inOrder = empty("server-8");
      await(inOrder.take(history));
      OpLog shuffled = empty("server-9");
      takeShuffled(shuffled, history, new Random(seed));
      assertThat(shuffled.vector()).isEqualTo(inOrder.vector());
      assertThat(await(shuffled.digest())).isEqualTo(await(inOrder.digest()));
      for (String conversation : conversations(history)) {
        assertThat(ids(shuffled, conversation))
            .as("seed %d, %s", seed, conversation)
            .isEqualTo(expected(history, conversation))
            .isEqualTo(ids(inOrder, conversation));
      }
      inOrder.close();
      shuffled.close();
    }
  }

  @Test
  void aGapIsToldAndWhatFollowsItIsLeft() {
    List<Op> three = List.of(user(1), user(2), user(3));
    OpLog log = empty("server-1");
    assertThat(await(log.take(List.of(three.get(0), three.get(2)))))
        .isEqualTo(new OpLog.Taken(1, true));
    assertThat(await(log.take(three))).isEqualTo(new OpLog.Taken(2, false));
    assertThat(await(log.take(three))).isEqualTo(new OpLog.Taken(0, false));
  }

  @Test
  void aMessageWhoseChannelIsNotHereIsShownOnceItIs() {
    var origin = new Origin("server-2", 5);
    OpLog log = empty("server-1");
    await(
        log.take(
            List.of(
                Ops.op(origin, 1, new Content.ChannelMessage("geral", "ana", "olá", "1", 7, 7)))));
    assertThat(log.names().page(Names.Of.CHANNEL, null, 10).items()).isEmpty();
    await(
        log.take(
            List.of(Ops.op(new Origin("server-3", 5), 1, new Content.Channel("Geral", 6, 6)))));
    assertThat(texts(await(log.read(Content.ofChannel("Geral"), null, 10)))).containsExactly("olá");
  }

  @Test
  void somebodyWhoLacksOpsIsGivenThemBoundedUntilNothingIsLacking() {
    List<Op> history = Ops.history(3, 250);
    OpLog full = empty("server-1");
    await(full.take(history));
    OpLog late = empty("server-2");
    int rounds = 0;
    for (List<Op> ops = next(full, late); !ops.isEmpty(); ops = next(full, late)) {
      assertThat(ops).hasSizeLessThanOrEqualTo(100);
      assertThat(await(late.take(ops)).gap()).isFalse();
      rounds++;
    }
    assertThat(rounds).isEqualTo(3);
    assertThat(await(late.digest())).isEqualTo(await(full.digest()));
  }

  private static List<Op> next(OpLog full, OpLog late) {
    return await(full.beyond(late.vector(), 100));
  }

  @Test
  void everythingIsThereAfterReopening() {
    OpLog log = withGeral("server-1");
    await(log.take(Ops.history(4, 200)));
    await(log.make(Draft.of(new Publish("ana", "geral", "olá", "one"))));
    await(log.mark(true));
    String digest = await(log.digest());
    VersionVector vector = log.vector();
    Replica.Counts counts = log.counts();
    long clock = log.highestClock();
    OpLog again = reopen(log);
    assertThat(await(again.digest())).isEqualTo(digest);
    assertThat(again.vector()).isEqualTo(vector);
    assertThat(again.counts()).isEqualTo(counts);
    assertThat(again.highestClock()).isEqualTo(clock);
    assertThat(again.complete()).isTrue();
    await(again.mark(false));
    assertThat(again.complete()).isFalse();
    assertThat(await(again.make(Draft.of(new Publish("ana", "geral", "olá", "one")))).repeated())
        .isTrue();
    refused(again.make(Draft.of(new CreateChannel("GERAL"))), "name-taken");
  }

  @Test
  void twinsAreKnownAlsoAfterReopening() {
    OpLog log = empty("server-1");
    var message = new Content.ChannelMessage("geral", "ana", "olá", "1", 7, 7);
    Op one = Ops.op(new Origin("server-2", 5), 1, message);
    Op two = Ops.op(new Origin("server-3", 5), 1, message);
    await(log.take(List.of(one, two)));
    assertThat(log.twins(1)).containsExactly(two.id());
    OpLog again = reopen(log);
    assertThat(again.twins(1)).containsExactly(two.id());
    assertThat(again.twins(2)).containsExactly(one.id());
  }

  @Test
  void aPositionIsFoundFromAVectorAndReadOnFromThere() {
    OpLog log = empty("server-1");
    List<Op> history = Ops.history(5, 50);
    await(log.take(history));
    var seen = new VersionVector();
    history.subList(0, 20).forEach(op -> seen.put(op.origin(), op.sequence()));
    assertThat(await(log.positionBefore(seen))).isEqualTo(20);
    assertThat(await(log.since(20, 100))).hasSize(30);
    assertThat(await(log.positionBefore(log.vector()))).isEqualTo(50);
  }

  private OpLog withGeral(String server) {
    OpLog log = empty(server);
    await(log.make(Draft.of(new CreateUser("ana"))));
    await(log.make(Draft.of(new CreateChannel("Geral"))));
    return log;
  }

  private static Op user(int sequence) {
    return Ops.op(
        new Origin("server-2", 5), sequence, new Content.User("u" + sequence, sequence, 0));
  }

  private static void takeShuffled(OpLog log, List<Op> history, Random random) {
    List<Op> left = new ArrayList<>(history);
    while (!left.isEmpty()) {
      Collections.shuffle(left, random);
      await(log.take(left));
      VersionVector vector = log.vector();
      left.removeIf(op -> vector.covers(op.origin(), op.sequence()));
    }
  }

  private static Set<String> conversations(List<Op> history) {
    Set<String> conversations = new TreeSet<>();
    for (Op op : history) {
      if (Content.decode(op.content().toArray()) instanceof Content.Said said) {
        conversations.add(said.conversation());
      }
    }
    return conversations;
  }

  /** The rule of reading, written a second time as simply as it can be. */
  private static List<OpId> expected(List<Op> history, String conversation) {
    List<Op> inReadingOrder = new ArrayList<>(history);
    inReadingOrder.sort(Comparator.comparing(Ops::place));
    Set<List<String>> known = new HashSet<>();
    List<OpId> shown = new ArrayList<>();
    for (Op op : inReadingOrder) {
      if (Content.decode(op.content().toArray()) instanceof Content.Said said
          && known.add(
              List.of(Name.fold(said.author()), said.messageId(), said.conversation(), said.text()))
          && said.conversation().equals(conversation)) {
        shown.add(op.id());
      }
    }
    return shown;
  }

  private static List<OpId> ids(OpLog log, String conversation) {
    List<OpId> ids = new ArrayList<>();
    @Nullable String after = null;
    do {
      OpLog.Read page = await(log.read(conversation, after, 7));
      page.entries().forEach(entry -> ids.add(entry.op().id()));
      after = page.next();
    } while (after != null);
    return ids;
  }

  private static List<String> texts(OpLog.Read page) {
    return page.entries().stream().map(entry -> ((Content.Said) entry.content()).text()).toList();
  }

  private static void refused(Future<?> future, String code) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.failure().code()).isEqualTo(code));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("no answer within 20 s", late);
    }
  }
}
