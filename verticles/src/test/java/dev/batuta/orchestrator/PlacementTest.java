package dev.batuta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Member;
import dev.batuta.bus.Member.Liveness;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.NodeState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where tasks go by what the heartbeats of the servers say. */
class PlacementTest {
  private static Member server(String name, int workers, int queued, int running) {
    return server(name, workers, queued, running, NodeState.READY, true);
  }

  private static Member server(
      String name, int workers, int queued, int running, NodeState state, boolean database) {
    Heartbeat last =
        new Heartbeat(
            name,
            1,
            name,
            1,
            "",
            List.of("server"),
            1,
            state,
            0,
            queued + running,
            0,
            database,
            queued,
            running,
            workers,
            0,
            List.of());
    return new Member(last, 0, Duration.ZERO, Liveness.ALIVE, Duration.ofSeconds(1));
  }

  private static Optional<String> submission(String here, List<Member> live) {
    return Placement.submission(here, live, server -> false);
  }

  @Test
  void aServerWithWorkersAcceptsWhatCameToItHoweverMuchWaitsThere() {
    List<Member> live = List.of(server("s1", 5, 0, 0), server("s2", 1, 100_000, 10));
    assertThat(submission("s2", live)).isEmpty();
  }

  @Test
  void withoutWorkersItIsTheLeastLoadedForItsWorkers() {
    List<Member> live =
        List.of(
            server("s1", 1, 4, 0),
            server("s2", 0, 0, 0),
            server("s3", 4, 10, 5),
            server("s4", 1, 2, 2));
    assertThat(submission("s2", live)).contains("s3");
    assertThat(Placement.relief("s3", live)).as("never itself").contains("s1");
  }

  @Test
  void oneThatStopsOrDoesNotReachTheDatabaseIsNoHelp() {
    List<Member> live =
        List.of(
            server("s1", 1, 0, 0, NodeState.DRAINING, true),
            server("s2", 0, 0, 0),
            server("s3", 1, 0, 0, NodeState.READY, false));
    assertThat(submission("s2", live)).isEmpty();
    assertThat(Placement.relief("s2", live)).isEmpty();
  }

  @Test
  void whereNobodyHasWorkersTasksStay() {
    List<Member> live = List.of(server("s1", 0, 0, 0), server("s2", 0, 5, 0));
    assertThat(submission("s2", live)).isEmpty();
    assertThat(Placement.relief("s2", live)).isEmpty();
  }

  @Test
  void aNodeThatIsNoServerAsksOneWithWorkers() {
    List<Member> live = List.of(server("s1", 0, 0, 0), server("s2", 1, 5, 0));
    assertThat(submission("gateway-1", live)).contains("s2");
  }

  @Test
  void workersThatTakeThisOnlyKeepItHereAndAttractItWhereNobodyElseHasAny() {
    List<Member> live = List.of(server("s1", 0, 3, 0), server("s2", 0, 0, 0));
    assertThat(Placement.submission("s2", live, "s1"::equals)).contains("s1");
    assertThat(Placement.submission("s1", live, "s1"::equals)).isEmpty();
    List<Member> manned =
        List.of(server("s1", 0, 3, 0), server("s2", 0, 0, 0), server("s3", 1, 9, 0));
    assertThat(Placement.submission("s2", manned, "s1"::equals)).contains("s3");
    assertThat(Placement.submission("s1", manned, "s1"::equals)).isEmpty();
  }
}
