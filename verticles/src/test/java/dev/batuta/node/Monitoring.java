package dev.batuta.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/** The files of {@code k8s/monitoring}. */
final class Monitoring {
  private static final Path FOLDER = Path.of("..", "k8s", "monitoring");

  /** What a node shows; {@code up} is of Prometheus itself. */
  private static final Pattern METRIC = Pattern.compile("\\b(batuta|vertx)_[a-z0-9_]+");

  private static final Pattern PAGE = Pattern.compile("^## ", Pattern.MULTILINE);

  private Monitoring() {}

  /** The alert rules by their names. */
  static Map<String, JsonNode> alerts() throws IOException {
    Map<String, JsonNode> alerts = new LinkedHashMap<>();
    for (JsonNode group : yaml("alerts.yaml").get("groups")) {
      group.get("rules").forEach(rule -> alerts.put(rule.get("alert").asText(), rule));
    }
    return alerts;
  }

  /** The cases in which the tests of the rules expect an alert, and those in which they do not. */
  static Map<Boolean, Set<String>> testedAlerts() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    for (JsonNode test : yaml("alerts_test.yaml").get("tests")) {
      test.get("alert_rule_test").forEach(cases::add);
    }
    return cases.stream()
        .collect(
            Collectors.partitioningBy(
                each -> !each.path("exp_alerts").isEmpty(),
                Collectors.mapping(
                    each -> each.get("alertname").asText(),
                    Collectors.toCollection(TreeSet::new))));
  }

  static Set<String> metricsOfAlerts() throws IOException {
    Set<String> metrics = new TreeSet<>();
    for (JsonNode rule : alerts().values()) {
      addMetrics(rule.get("expr").asText(), metrics);
    }
    return metrics;
  }

  static Set<String> metricsOfDashboard() throws IOException {
    Set<String> metrics = new TreeSet<>();
    JsonNode dashboard = new ObjectMapper().readTree(FOLDER.resolve("dashboard.json").toFile());
    dashboard.findValuesAsText("expr").forEach(expr -> addMetrics(expr, metrics));
    return metrics;
  }

  /** The pages of the runbook: the headings of its second level, with what is below each. */
  static Map<String, String> pages() throws IOException {
    Map<String, String> pages = new LinkedHashMap<>();
    PAGE.splitAsStream(Files.readString(FOLDER.resolve("runbook.md")))
        .forEach(page -> pages.put(page.lines().findFirst().orElse(""), page));
    return pages;
  }

  /**
   * What promtool says of these files, or of what it is given; where there is none the test ends.
   */
  static String promtool(String input, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process;
    try {
      process =
          new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true).start();
    } catch (IOException none) {
      return Assumptions.abort(
          "no promtool on the path (go install github.com/prometheus/prometheus/cmd/promtool@v0.316.0)");
    }
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? said : "exit code " + process.exitValue() + "\n" + said;
  }

  private static JsonNode yaml(String name) throws IOException {
    return new YAMLMapper().readTree(FOLDER.resolve(name).toFile());
  }

  private static void addMetrics(String expr, Set<String> metrics) {
    METRIC.matcher(expr).results().map(MatchResult::group).forEach(metrics::add);
  }
}
