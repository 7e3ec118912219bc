package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.messaging.Ops;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ReplicaTest {
  private static final Origin ME = new Origin("server-9", 1);

  @Property(tries = 500)
  void anyOrderOfDeliveryWithDuplicatesAndGapsGivesTheSameCopy(
      @ForAll long seed, @ForAll long schedule, @ForAll @IntRange(max = 80) int size) {
    List<Op> history = Ops.history(seed, size);
    Replica inOrder = new Replica(ME);
    history.forEach(op -> deliver(inOrder, op));
    Replica shuffled = new Replica(ME);
    deliverShuffled(shuffled, history, new Random(schedule));

    assertThat(shuffled.vector()).isEqualTo(inOrder.vector());
    assertThat(shuffled.counts()).isEqualTo(inOrder.counts());
    assertThat(shuffled.highestClock()).isEqualTo(inOrder.highestClock());
    for (Names.Of kind : Names.Of.values()) {
      assertThat(shuffled.names().page(kind, null, 100))
          .isEqualTo(inOrder.names().page(kind, null, 100));
    }
    assertThat(shuffled.vector().entries().values().stream().mapToLong(Long::longValue).sum())
        .as("nothing is lost, nothing twice")
        .isEqualTo(size);
  }

  @Property(tries = 500)
  void theFirstCreationInReadingOrderGivesSpellingAndKind(
      @ForAll long seed, @ForAll long schedule, @ForAll @IntRange(max = 60) int size) {
    List<Op> history = Ops.history(seed, size);
    Replica replica = new Replica(ME);
    deliverShuffled(replica, history, new Random(schedule));

    List<Op> inReadingOrder = new ArrayList<>(history);
    inReadingOrder.sort(Comparator.comparing(Ops::place));
    List<String> users = new ArrayList<>();
    List<String> channels = new ArrayList<>();
    for (Op op : inReadingOrder) {
      switch (Content.decode(op.content().toArray())) {
        case Content.User user -> create(users, channels, user.name().strip());
        case Content.Channel channel -> create(channels, users, channel.name().strip());
        default -> {}
      }
    }
    assertThat(replica.names().page(Names.Of.USER, null, 100).items())
        .containsExactlyInAnyOrderElementsOf(users);
    assertThat(replica.names().page(Names.Of.CHANNEL, null, 100).items())
        .containsExactlyInAnyOrderElementsOf(channels);
    assertThat(replica.counts().users()).isEqualTo(users.size());
    assertThat(replica.counts().channels()).isEqualTo(channels.size());
  }

  /** The rule of names, written a second time as simply as it can be. */
  private static void create(List<String> mine, List<String> others, String name) {
    boolean known =
        mine.stream()
            .anyMatch(one -> one.equalsIgnoreCase(name) || one.equalsIgnoreCase(name + "~2"));
    if (!known) {
      boolean second = others.stream().anyMatch(one -> one.equalsIgnoreCase(name));
      mine.add(second ? name + "~2" : name);
    }
  }

  @Test
  void opsOfThisLifeOfThisServerAreNotTakenFromOthers() {
    Replica replica = new Replica(ME);
    assertThat(replica.judge(ME, 1)).isEqualTo(Replica.Verdict.DUPLICATE);
    assertThat(replica.judge(new Origin(ME.server(), 2), 1)).isEqualTo(Replica.Verdict.NEXT);
  }

  @Test
  void aNameIsOneThingWithoutRegardToCaseOrBlanksAround() {
    Names names = new Names();
    names.add(Names.Of.USER, "Ana", new ReadingOrder(1, ME, 1));
    refused(() -> names.checkNew(Names.Of.USER, "  aNA "), "name-taken", "'aNA'");
    refused(() -> names.checkNew(Names.Of.CHANNEL, "ANA"), "name-taken", "taken by a user");
    assertThat(names.checkNew(Names.Of.USER, "\u00a0José\t")).isEqualTo("José");
    assertThat(names.resolve(Names.Of.USER, " ANA")).isEqualTo("Ana");
  }

  @Test
  void wrongNamesAreRefusedWithTheValueAndWhatToDo() {
    Names names = new Names();
    refused(() -> names.checkNew(Names.Of.USER, " \t"), "name-blank", "give 1 to 64");
    refused(() -> names.checkNew(Names.Of.USER, "x".repeat(65)), "name-too-long", "has 65");
    refused(() -> names.checkNew(Names.Of.USER, "a\u200bb"), "name-invisible", "'a?b'");
    refused(() -> names.checkNew(Names.Of.CHANNEL, "a\nb"), "name-invisible", "'a?b'");
    refused(() -> names.checkNew(Names.Of.CHANNEL, "Servers"), "name-reserved", "'Servers'");
    refused(() -> names.checkNew(Names.Of.USER, "replication"), "name-reserved", "replication");
    refused(() -> names.checkNew(Names.Of.CHANNEL, " .. "), "name-no-address", "'..'");
    refused(() -> names.checkNew(Names.Of.USER, "."), "name-no-address", "'.'");
    refused(() -> names.checkNew(Names.Of.USER, "a\ud800b"), "name-invisible", "'a?b'");
    assertThat(names.checkNew(Names.Of.USER, "...")).isEqualTo("...");
    assertThat(names.checkNew(Names.Of.USER, "🎼".repeat(64))).hasSize(128);
  }

  @Test
  void aUserAndAChannelOfOneNameHideNothingOfEachOther() {
    Names names = new Names();
    names.add(Names.Of.CHANNEL, "Geral", new ReadingOrder(5, ME, 1));
    assertThat(names.resolve(Names.Of.CHANNEL, "geral")).isEqualTo("Geral");
    names.add(Names.Of.USER, "geral", new ReadingOrder(3, new Origin("server-2", 7), 1));
    assertThat(names.resolve(Names.Of.USER, "GERAL")).isEqualTo("geral");
    assertThat(names.resolve(Names.Of.CHANNEL, "geral~2")).isEqualTo("Geral");
    assertThat(names.shown(Names.Of.CHANNEL, "geral")).isEqualTo("Geral~2");
    assertThat(names.resolve(Names.Of.CHANNEL, "geral")).isEqualTo("Geral");
    refused(() -> names.resolve(Names.Of.CHANNEL, "lost"), "channel-not-found", "'lost'");
    assertThat(names.known(Names.Of.CHANNEL, "GERAL")).contains("Geral~2");
    names.add(Names.Of.USER, "solo", new ReadingOrder(6, ME, 2));
    refused(() -> names.resolve(Names.Of.CHANNEL, "Solo"), "channel-not-found", "is a user.");
    assertThat(names.checkOwn("Lost")).isEqualTo("Lost");
    names.add(Names.Of.CHANNEL, "lost", new ReadingOrder(7, ME, 3));
    assertThat(names.checkOwn("Lost")).isEqualTo("Lost");
    refused(() -> names.checkNew(Names.Of.USER, "Lost"), "name-taken", "taken by a channel");
    refused(() -> names.checkOwn("SOLO"), "name-taken", "taken by a user");
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String code, String part) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.failure().code()).isEqualTo(code))
        .hasMessageContaining(part);
  }

  private static void deliverShuffled(Replica replica, List<Op> history, Random random) {
    List<Op> left = new ArrayList<>(history);
    while (!left.isEmpty()) {
      Collections.shuffle(left, random);
      List<Op> round = new ArrayList<>(left);
      round.addAll(history.subList(0, random.nextInt(history.size() + 1)));
      round.forEach(op -> deliver(replica, op));
      left.removeIf(op -> replica.vector().covers(op.origin(), op.sequence()));
    }
  }

  private static void deliver(Replica replica, Op op) {
    if (replica.judge(op.origin(), op.sequence()) == Replica.Verdict.NEXT) {
      replica.apply(op.origin(), op.sequence(), Content.decode(op.content().toArray()));
    }
  }
}
