package dev.batuta.bus;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.map.IMap;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.ClusterMessage.Probe;
import dev.batuta.codec.ClusterMessage.ProbeEcho;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.ReferenceMessage.AskRank;
import dev.batuta.codec.ReferenceMessage.Rank;
import dev.batuta.codec.Refused;
import dev.batuta.node.TestCluster;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BusTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(10);
  private static TestCluster cluster;
  private static Bus a;
  private static Bus b;

  @BeforeAll
  static void startTwoNodes() {
    cluster = TestCluster.start("a", "b");
    a = cluster.node("a").bus();
    b = cluster.node("b").bus();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void anAnswerCrossesTheClusterAndEveryReceiveIsLaterThanItsSend() {
    List<Envelope> heard = new CopyOnWriteArrayList<>();
    List<Long> received = new CopyOnWriteArrayList<>();
    await(
        b.serve(
            "ranks",
            envelope -> {
              heard.add(envelope);
              received.add(b.clock().value());
              return Future.succeededFuture(new Rank("x", 7));
            }));

    Rank rank = await(a.request("ranks", new AskRank("x"), Rank.class, LONG));

    assertThat(rank.rank()).isEqualTo(7);
    assertThat(heard.getFirst().sender()).isEqualTo("a");
    assertThat(received.getFirst()).isGreaterThan(heard.getFirst().clock());
    assertThat(a.clock().value()).isGreaterThan(received.getFirst());
  }

  @Test
  void aRegistrationThatIsWithdrawnWhileItIsUnderWayEndsInsteadOfHanging() {
    Future<Void> registered = a.listen("withdrawn at once", envelope -> {});
    Future<Void> withdrawn = a.withdraw("withdrawn at once");
    await(withdrawn);
    Awaitility.await().atMost(LONG).until(registered::isComplete);
  }

  @Test
  void aRefusalArrivesAsItWasMade() {
    await(
        b.serve(
            "refusing",
            envelope ->
                Future.failedFuture(
                    new Refused(
                        new Failure(Failure.Kind.BUSY, "queue-full", "Wait a little.", 250)))));

    assertThatThrownBy(() -> await(a.request("refusing", new Done(), Done.class, LONG)))
        .isInstanceOfSatisfying(
            Refused.class, r -> assertThat(r.failure().retryAfterMillis()).isEqualTo(250));
  }

  @Test
  void aDefectOfAResponderIsAnInternalErrorAndTheResponderLivesOn() {
    await(
        b.serve(
            "defective",
            envelope -> {
              if (envelope.message() instanceof AskRank) {
                throw new IllegalStateException("a secret");
              }
              return Future.succeededFuture(new Done());
            }));

    assertThatThrownBy(() -> await(a.request("defective", new AskRank("x"), Rank.class, LONG)))
        .isInstanceOfSatisfying(
            Refused.class,
            r -> {
              assertThat(r.failure().kind()).isEqualTo(Failure.Kind.INTERNAL);
              assertThat(r.failure().message()).doesNotContain("a secret");
            });
    assertThat(await(a.request("defective", new Done(), Done.class, LONG))).isEqualTo(new Done());
  }

  @Test
  void nobodyServingIsUnavailableAndSilenceIsUnknown() {
    await(b.serve("silent", envelope -> Promise.<Done>promise().future()));

    assertThatThrownBy(() -> await(a.request("nowhere", new Done(), Done.class, LONG)))
        .isInstanceOfSatisfying(
            Refused.class, r -> assertThat(r.failure().kind()).isEqualTo(Failure.Kind.UNAVAILABLE));
    assertThatThrownBy(() -> await(a.request("silent", new Done(), Done.class, SHORT)))
        .isInstanceOfSatisfying(
            Refused.class, r -> assertThat(r.failure().kind()).isEqualTo(Failure.Kind.UNKNOWN));
  }

  @Test
  void aRegistrationThatTheClusterLostIsMadeAnew() {
    await(b.serve("lost", envelope -> Future.succeededFuture(new Done())));
    cluster.node("b").cluster().hazelcast().getMultiMap("__vertx.subs").remove("lost");
    BusProbe probe = probe("b");
    probe("a");

    Awaitility.await()
        .atMost(LONG)
        .ignoreExceptionsInstanceOf(Refused.class)
        .untilAsserted(
            () ->
                assertThat(await(a.request("lost", new Done(), Done.class, LONG)))
                    .isEqualTo(new Done()));
    Awaitility.await().atMost(LONG).until(probe::proven);
  }

  /** Else whoever has no connection to it yet would never get one. */
  @Test
  void whereANodeIsThatTheClusterLostIsToldAnew() {
    TestCluster.TestNode node = cluster.node("b");
    IMap<String, Object> places = node.cluster().hazelcast().getMap("__vertx.nodeInfo");
    probe("b");
    Object place = Objects.requireNonNull(places.remove(node.cluster().registry().getNodeId()));

    Awaitility.await().atMost(LONG).until(() -> places.containsValue(place));
  }

  /** It may still be heard over its old connections, but is not reached for long. */
  @Test
  void whoIsNoMemberAnyMoreGetsNoEcho() {
    probe("a");
    Set<String> echoed = ConcurrentHashMap.newKeySet();
    for (String node : List.of("put-out", "not-heard-of-yet")) {
      await(b.listen(Addresses.node(node), envelope -> addEcho(envelope, node, echoed)));
    }
    Awaitility.await()
        .atMost(LONG)
        .until(
            () -> {
              b.publish(Addresses.HEARTBEATS, heartbeat("put-out", "member of before"));
              return cluster.node("a").membership().member("put-out").isPresent();
            });

    b.send(Addresses.node("a"), new Probe("put-out", 1));
    b.send(Addresses.node("a"), new Probe("not-heard-of-yet", 2));

    Awaitility.await().atMost(LONG).until(() -> echoed.contains("not-heard-of-yet"));
    assertThat(echoed).containsExactly("not-heard-of-yet");
  }

  /** Who is heard of is probed too: that is no echo. */
  private static void addEcho(Envelope envelope, String node, Set<String> echoed) {
    if (envelope.message() instanceof ProbeEcho) {
      echoed.add(node);
    }
  }

  private static Heartbeat heartbeat(String node, String member) {
    return new Heartbeat(
        node,
        1,
        member,
        1,
        "",
        List.of(),
        0,
        NodeState.READY,
        0,
        0,
        0,
        true,
        0,
        0,
        0,
        0,
        List.of());
  }

  private static BusProbe probe(String name) {
    TestCluster.TestNode node = cluster.node(name);
    BusProbe probe =
        new BusProbe(
            node.bus(), node.cluster().registry(), node.membership(), node.cluster().pauses());
    await(node.vertx().deployVerticle(probe));
    return probe;
  }
}
