package dev.batuta.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.node.NodeSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeServiceTest {
  @Test
  void serversThatAreStartedAtOnceAreGivenLongerToSettle() {
    assertThat(arguments(Map.of())).endsWith("--set", "election.settle=5s");
  }

  @Test
  void aTimeToSettleThatIsGivenStands() {
    assertThat(arguments(Map.of("BATUTA_ELECTION_SETTLE", "1s"))).doesNotContain("--set");
  }

  private static List<String> arguments(Map<String, String> environment) {
    return NodeService.server("server-1", NodeSettings.load("demo", null, environment, Map.of()));
  }
}
