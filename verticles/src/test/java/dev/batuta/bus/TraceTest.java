package dev.batuta.bus;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Trace.Event;
import dev.batuta.bus.Trace.What;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.ReferenceMessage.AskRank;
import dev.batuta.codec.ReferenceMessage.Rank;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TraceTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private final LamportClock clock = new LamportClock();
  private final Trace trace = new Trace("a", clock);

  @Test
  void everyReceiveOfARunIsLaterThanItsSend() {
    try (TestCluster cluster = TestCluster.start("a", "b", "c")) {
      for (TestNode node : cluster.nodes()) {
        await(node.bus().serve("ranks", asked -> Future.succeededFuture(new Rank("x", 1))));
        await(node.bus().listen("news", heard -> node.bus().send("ranks", new Done())));
        await(node.bus().serve(Addresses.node(node.name()), asked -> relay(node)));
      }
      cluster.nodes().forEach(node -> node.bus().trace().follow(this));
      Map<String, List<Event>> recorded = new HashMap<>();
      for (int round = 0; round < 30; round++) {
        await(Future.all(cluster.nodes().stream().map(TraceTest::talk).toList()));
        cluster.nodes().forEach(node -> take(node, recorded));
      }
      cluster.nodes().forEach(node -> take(node, recorded));

      TraceCheck check = TraceCheck.of(recorded);
      assertThat(check.violations()).isEmpty();
      assertThat(check.sends()).isGreaterThan(30 * 3 * 7);
      assertThat(check.matched()).isGreaterThan(30 * 3 * 7);
      assertThat(recorded.get("a")).anyMatch(event -> event.type().equals("Heartbeat"));
    }
  }

  /** Requests to all, each of which asks somebody else before it answers, and news to all. */
  private static Future<?> talk(TestNode node) {
    node.bus().publish("news", new Done());
    return Future.all(
        IntStream.range(0, 3)
            .mapToObj(
                i ->
                    node.bus()
                        .request(
                            Addresses.node("abc".substring(i, i + 1)),
                            new AskRank("x"),
                            Rank.class,
                            LONG))
            .toList());
  }

  private static Future<Rank> relay(TestNode node) {
    return node.bus().request("ranks", new AskRank("x"), Rank.class, LONG);
  }

  private static void take(TestNode node, Map<String, List<Event>> recorded) {
    Trace.Batch batch = node.bus().trace().drain();
    assertThat(batch.dropped()).isZero();
    recorded.computeIfAbsent(node.name(), name -> new ArrayList<>()).addAll(batch.events());
  }

  @Test
  void withoutAFollowerOnlyTheClockGoesOn() {
    assertThat(trace.sent(new Done(), "x")).isEqualTo(1);
    trace.received(new Envelope("b", 7, new Done()), "x");

    assertThat(clock.value()).isEqualTo(8);
    assertThat(trace.drain().events()).isEmpty();
  }

  @Test
  void whatDoesNotFitIsCounted() {
    trace.follow(this);
    for (int i = 0; i < Trace.CAPACITY + 3; i++) {
      trace.sent(new Done(), "x");
    }

    Trace.Batch batch = trace.drain();
    assertThat(batch.events()).hasSize(Trace.CAPACITY);
    assertThat(batch.dropped()).isEqualTo(3);
    assertThat(trace.drain().dropped()).isZero();
  }

  @Test
  void theLastFollowerThatGoesTakesTheRecordWithIt() {
    Object other = new Object();
    trace.follow(this);
    trace.follow(other);
    trace.sent(new Done(), "x");
    trace.unfollow(this);
    trace.sent(new Done(), "x");
    assertThat(trace.drain().events()).hasSize(2);

    trace.sent(new Done(), "x");
    trace.unfollow(other);
    assertThat(trace.drain().events()).isEmpty();
  }

  @Test
  void aGoodTracePassesAndWhatWasSentBeforeItBeganIsNoViolation() {
    TraceCheck check =
        TraceCheck.of(
            Map.of(
                "a", List.of(send("a", 1, "Ask"), receive(9, "b", 8, "Answer")),
                "b", List.of(receive(5, "a", 1, "Ask"), send("b", 8, "Answer"))));

    assertThat(check.violations()).isEmpty();
    assertThat(check.matched()).isEqualTo(2);
    assertThat(TraceCheck.of(Map.of("a", List.of(receive(9, "b", 8, "Ask")))).violations())
        .isEmpty();
  }

  @Test
  void aReceiveThatIsNotLaterThanItsSendIsFound() {
    assertViolation("not later than its send", receive(5, "b", 5, "Ask"));
  }

  @Test
  void aClockThatStandsStillIsFound() {
    assertViolation("does not go on after 4", send("a", 4, "Ask"), send("a", 4, "Ask"));
  }

  @Test
  void aMessageThatNobodySentIsFound() {
    assertThat(
            TraceCheck.of(
                    Map.of(
                        "a", List.of(receive(9, "b", 3, "Ask")),
                        "b", List.of(send("b", 2, "Ask"), send("b", 4, "Ask"))))
                .violations())
        .singleElement()
        .asString()
        .contains("never sent");
  }

  @Test
  void aMessageThatCarriesAnotherClockThanItsSendIsFound() {
    assertViolation("another name or clock", new Event(What.SEND, 4, "a", 3, "Ask", "address", 0));
  }

  private static void assertViolation(String words, Event... events) {
    assertThat(TraceCheck.of(Map.of("a", List.of(events))).violations())
        .singleElement()
        .asString()
        .contains(words);
  }

  private static Event send(String node, long clock, String type) {
    return new Event(What.SEND, clock, node, clock, type, "address", 0);
  }

  private static Event receive(long clock, String sender, long sent, String type) {
    return new Event(What.RECEIVE, clock, sender, sent, type, "address", 0);
  }
}
