package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is taken for whom among masters of other implementations. */
class MasterRosterTest {
  private static final String HOST = "10.0.0.5";
  private static final Endpoint ELSEWHERE = new Endpoint(HOST, 8_123);

  private final ForeignPeer peer = new ForeignPeer("m2", HOST, 9_001, Transport.TCP);
  private final MasterRoster roster = new MasterRoster(List.of(peer));
  private final OtherMaster configured = Objects.requireNonNull(roster.named("m2"));

  /** A connection on which nothing was said. */
  private static Talk over(Transport transport, String from) {
    return new Talk(
        1, transport, from, "10.0.0.1", new DoorCounts(), said -> {}, () -> {}, () -> true);
  }

  private OtherMaster stranger(@Nullable String id, @Nullable Endpoint from) {
    return Objects.requireNonNull(roster.stranger(id, from, over(Transport.TCP, HOST)));
  }

  @Test
  void oneThatGivesNoIdIsTheOneThatIsConfiguredThere() {
    assertThat(roster.greets(null, over(Transport.TCP, HOST))).isSameAs(configured);
    assertThat(roster.asks(null, null, over(Transport.TCP, HOST))).isSameAs(configured);
    assertThat(roster.tells(null, over(Transport.TCP, HOST))).isSameAs(configured);
    assertThat(roster.greets(null, over(Transport.TCP, "10.0.0.6"))).isNull();
  }

  @Test
  void whereSeveralAreConfiguredItCouldBeAnyOfThem() {
    MasterRoster two =
        new MasterRoster(List.of(peer, new ForeignPeer("m4", HOST, 9_002, Transport.TCP)));
    assertThat(two.asks(null, null, over(Transport.TCP, HOST))).isNull();
    assertThat(two.asks(null, new Endpoint(HOST, 9_002), over(Transport.TCP, HOST)))
        .isSameAs(two.named("m4"));
  }

  @Test
  void ofSeveralItIsTheOneThatSpeaksThisTransport() {
    ForeignPeer socket = new ForeignPeer("m4", HOST, 9_002, Transport.WS);
    MasterRoster two = new MasterRoster(List.of(peer, socket));
    for (ForeignPeer each : List.of(peer, socket)) {
      OtherMaster master = two.named(each.name());
      assertThat(two.greets(null, over(each.transport(), HOST))).isSameAs(master);
      assertThat(two.asks(null, null, over(each.transport(), HOST))).isSameAs(master);
      assertThat(two.tells(null, over(each.transport(), HOST))).isSameAs(master);
    }
  }

  @Test
  void aConnectionOnWhichOneSaidItsIdIsItsOwn() {
    MasterRoster two =
        new MasterRoster(List.of(peer, new ForeignPeer("m4", HOST, 9_002, Transport.TCP)));
    Talk talk = over(Transport.TCP, HOST);
    assertThat(two.greets("m4", talk)).isSameAs(two.named("m4"));
    assertThat(two.asks(null, null, talk)).isSameAs(two.named("m4"));
    assertThat(two.tells(null, talk)).isSameAs(two.named("m4"));
    assertThat(two.asks("m2", null, talk))
        .as("what it says now counts more")
        .isSameAs(two.named("m2"));
  }

  @Test
  void anotherOneOfTheSameHostIsNotTakenForIt() {
    assertThat(roster.greets("m3", over(Transport.TCP, HOST))).isNull();
    assertThat(roster.asks("m3", ELSEWHERE, over(Transport.TCP, HOST))).isNull();
    roster.learn(configured, "m2-uuid");
    assertThat(roster.asks("m3", null, over(Transport.TCP, HOST))).isNull();
    assertThat(roster.tells("m3", over(Transport.TCP, HOST))).isNull();
    assertThat(roster.withId("m3")).isNull();
  }

  @Test
  void whileNobodyHeardItsIdAnUnknownOneMayBeIts() {
    assertThat(roster.asks("m2-uuid", null, over(Transport.TCP, HOST))).isSameAs(configured);
    assertThat(roster.tells("m2-uuid", over(Transport.TCP, HOST))).isSameAs(configured);
  }

  @Test
  void whoIsWhereOneIsConfiguredIsThatOneAndKeepsItsId() {
    assertThat(roster.asks("m2-uuid", peer.endpoint(), over(Transport.TCP, "10.0.0.9")))
        .isSameAs(configured);
    assertThat(roster.tells("m2-uuid", over(Transport.TCP, "10.0.0.9"))).isSameAs(configured);
    assertThat(roster.asks("m3", peer.endpoint(), over(Transport.TCP, HOST))).isSameAs(configured);
    assertThat(roster.withId("m3")).as("only one id is believed without an answer").isNull();
  }

  @Test
  void aNameAndTheAddressBehindItAreOnePlace() {
    OtherMaster named = new OtherMaster(new ForeignPeer("m2", "m2.lan", 9_001, Transport.TCP));
    assertThat(named.isReachedAt(new Endpoint(HOST, 9_001))).isFalse();
    named.answersAt = HOST;
    assertThat(named.isReachedAt(new Endpoint(HOST, 9_001))).isTrue();
    assertThat(named.isReachedAt(ELSEWHERE)).isFalse();
  }

  @Test
  void aStrangerIsKnownByItsIdOrByItsPlace() {
    OtherMaster withId = stranger("m3", ELSEWHERE);
    assertThat(roster.asks("m3", null, over(Transport.TCP, "10.0.0.9"))).isSameAs(withId);
    OtherMaster without = stranger(null, new Endpoint(HOST, 8_124));
    without.endpoint = new Endpoint(HOST, 8_124);
    assertThat(roster.asks(null, new Endpoint(HOST, 8_124), over(Transport.TCP, HOST)))
        .isSameAs(without);
  }

  @Test
  void aStrangerThatAskedWithoutAnIdGivesBackWithOne() {
    MasterRoster empty = new MasterRoster(List.of());
    OtherMaster stranger =
        Objects.requireNonNull(empty.stranger(null, ELSEWHERE, over(Transport.TCP, HOST)));
    assertThat(empty.tells("m3", over(Transport.TCP, HOST))).isSameAs(stranger);
    assertThat(empty.tells("m3", over(Transport.TCP, "10.0.0.9"))).isNull();
  }

  @Test
  void strangersHaveNamesThatNoNodeCanHave() {
    assertThat(stranger("server-2", null).name).isEqualTo("server-2@" + HOST);
    assertThat(stranger(null, ELSEWHERE).name).isEqualTo("10.0.0.5:8123");
  }

  @Test
  void onlyTheLastIdOfAMasterIsItsOwn() {
    roster.learn(configured, "before");
    roster.learn(configured, "after");
    assertThat(roster.withId("before")).isNull();
    assertThat(roster.withId("after")).isSameAs(configured);
  }

  @Test
  void theStrangerThatCameFirstGoesWhenThereAreTooMany() {
    for (int i = 0; i <= MasterRoster.MAX_STRANGERS; i++) {
      assertThat(roster.removeOverflow()).isEmpty();
      stranger("s" + i, null);
    }
    assertThat(roster.removeOverflow())
        .hasValueSatisfying(gone -> assertThat(gone.id).isEqualTo("s0"));
    assertThat(roster.withId("s0")).isNull();
    assertThat(roster.withId("s1")).isNotNull();
    assertThat(roster.named("m2")).isSameAs(configured);
  }

  @Test
  void oneThatSaysNeitherWhoNorWhereItIsIsNobody() {
    assertThat(roster.stranger(null, null, over(Transport.TCP, HOST))).isNull();
    assertThat(roster.stranger("x".repeat(65), null, over(Transport.TCP, HOST))).isNull();
  }
}
