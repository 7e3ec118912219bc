package dev.batuta.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Member.Liveness;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.NodeState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembersTest {
  private static final Duration BEAT = Duration.ofMillis(250);
  private final Members members =
      new Members(
          new Members.Limits(
              BEAT, Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(60)));

  @Test
  void aSilentServerIsSuspectedAfterASecondAndAWorkerAfterThree() {
    members.heard(heartbeat("server-1", 1, "server"), 5);
    members.heard(heartbeat("W1", 1, "worker"), 5);
    tick(3);
    assertThat(liveness("server-1")).isEqualTo(Liveness.ALIVE);
    tick(1);
    assertThat(liveness("server-1")).isEqualTo(Liveness.SUSPECTED);
    assertThat(liveness("W1")).isEqualTo(Liveness.ALIVE);
    tick(8);
    assertThat(liveness("W1")).isEqualTo(Liveness.SUSPECTED);
  }

  @Test
  void aNodeThatWasItselfStalledSuspectsNobodyForThat() {
    members.heard(heartbeat("server-1", 1, "server"), 5);
    members.tick(Duration.ofSeconds(20));
    assertThat(liveness("server-1")).isEqualTo(Liveness.ALIVE);
  }

  @Test
  void aNodeWhoseOwnTicksComeLateIsPatientAndAfterAWhileNoLonger() {
    members.heard(heartbeat("server-1", 1, "server"), 5);
    members.tick(BEAT.plusMillis(300));
    tick(4);
    assertThat(liveness("server-1")).isEqualTo(Liveness.ALIVE);
    members.heard(heartbeat("server-1", 1, "server"), 6);
    tick(20);
    assertThat(liveness("server-1")).isEqualTo(Liveness.SUSPECTED);
    members.heard(heartbeat("server-1", 1, "server"), 7);
    tick(40);
    members.heard(heartbeat("server-1", 1, "server"), 8);
    tick(5);
    assertThat(liveness("server-1")).isEqualTo(Liveness.SUSPECTED);
  }

  @Test
  void aClosedConnectionIsSeenAtOnceAndAHeartbeatOfTheSameRunBringsItBack() {
    members.heard(heartbeat("server-1", 1, "server"), 5);
    assertThat(members.removed("member-of-server-1-1")).hasSize(1);
    assertThat(liveness("server-1")).isEqualTo(Liveness.GONE);
    members.heard(heartbeat("server-1", 1, "server"), 6);
    assertThat(liveness("server-1")).isEqualTo(Liveness.ALIVE);
  }

  @Test
  void aGoodbyeIsFinalForThatRunOfTheProcess() {
    members.heard(heartbeat("server-1", 1, "server"), 5);
    members.left("server-1", 1);
    members.heard(heartbeat("server-1", 1, "server"), 6);
    assertThat(liveness("server-1")).isEqualTo(Liveness.GONE);
    members.heard(heartbeat("server-1", 2, "server"), 7);
    assertThat(liveness("server-1")).isEqualTo(Liveness.ALIVE);
  }

  @Test
  void aGoodbyeOfAnOlderRunDoesNotHurtTheNewOne() {
    members.heard(heartbeat("server-1", 2, "server"), 5);
    assertThat(members.left("server-1", 1)).isEmpty();
    assertThat(liveness("server-1")).isEqualTo(Liveness.ALIVE);
  }

  @Test
  void theDeadAreForgottenInTheEnd() {
    members.heard(heartbeat("server-1", 1, "server"), 5);
    tick(240);
    assertThat(members.view()).isEmpty();
  }

  private void tick(int beats) {
    for (int i = 0; i < beats; i++) {
      members.tick(BEAT);
    }
  }

  private Liveness liveness(String name) {
    return members.view().stream()
        .filter(member -> member.name().equals(name))
        .findFirst()
        .orElseThrow()
        .liveness();
  }

  private static Heartbeat heartbeat(String name, long incarnation, String role) {
    return new Heartbeat(
        name,
        incarnation,
        "member-of-" + name + "-" + incarnation,
        1,
        "",
        List.of(role),
        1,
        NodeState.READY,
        0,
        0,
        0,
        true);
  }
}
