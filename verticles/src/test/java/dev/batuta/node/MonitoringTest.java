package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class MonitoringTest {
  @Test
  void eachAlertHasAPageThatSaysWhatItMeansAndWhatToDo() throws IOException {
    Map<String, String> pages = Monitoring.pages();
    for (Map.Entry<String, JsonNode> alert : Monitoring.alerts().entrySet()) {
      String name = alert.getKey();
      JsonNode annotations = alert.getValue().get("annotations");

      assertThat(pages).as("pages of the runbook").containsKey(name);
      assertThat(Objects.requireNonNull(pages.get(name))).contains("Means:", "Look:", "Do:");
      assertThat(annotations.get("runbook").asText())
          .endsWith("k8s/monitoring/runbook.md#" + name.toLowerCase(Locale.ROOT));
      assertThat(alert.getValue().at("/labels/severity").asText()).isIn("warning", "critical");
    }
  }

  @Test
  void noPageIsOfAnAlertThatIsGone() throws IOException {
    assertThat(Monitoring.alerts().keySet())
        .containsAll(
            Monitoring.pages().keySet().stream()
                .filter(page -> page.startsWith("Batuta"))
                .toList());
  }

  @Test
  void promtoolFindsTheRulesToDoWhatTheirTestsSay() throws IOException, InterruptedException {
    assertThat(Monitoring.promtool("", "test", "rules", "alerts_test.yaml"))
        .contains("SUCCESS")
        .doesNotContain("FAILED", "exit code");
    assertThat(Monitoring.promtool("", "check", "config", "--syntax-only", "prometheus.yaml"))
        .contains("SUCCESS")
        .doesNotContain("FAILED", "exit code");
  }

  @Test
  void eachAlertIsTestedBothWays() throws IOException {
    var tested = Monitoring.testedAlerts();

    assertThat(tested.get(true)).containsAll(Monitoring.alerts().keySet());
    assertThat(tested.get(false)).containsAll(Monitoring.alerts().keySet());
  }
}
