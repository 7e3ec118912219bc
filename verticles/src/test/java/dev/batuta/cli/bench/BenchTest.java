package dev.batuta.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.cli.Main;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.up.ProcessMark;
import dev.batuta.cli.up.RunFolder;
import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bench refuses before it touches a process, and how it reckons. */
final class BenchTest {
  private static final String URL = "http://127.0.0.1:1";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private final Path data;

  BenchTest(@TempDir Path data) {
    this.data = data;
  }

  @Test
  void anUnknownRowIsWrongUsageAndTheKnownOnesAreNamed() {
    assertThat(bench("tosks")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "no row 'tosks'",
            "known are: tasks, submit, ledger, latency, publish, bus, codec, failover");
  }

  @Test
  void nothingToMeasureIsWrongUsage() {
    assertThat(bench("failover", "--kills", "0", "--hangs", "0", "--stops", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("nothing to measure");
    assertThat(bench("failover", "--kills", "-1")).isEqualTo(2);
  }

  @Test
  void aClusterThatIsNotOnThisMachineIsRefused() {
    assertThat(bench("failover")).isEqualTo(1);
    assertThat(err.toString()).contains("must run on this machine", "cluster.json", "--data");
  }

  @Test
  void aServerOfAnotherClusterIsRefused() throws IOException {
    write("demo", ProcessHandle.current().pid(), URL, "http://127.0.0.1:2");
    assertThat(bench("failover", "--url", "http://127.0.0.1:9")).isEqualTo(1);
    assertThat(err.toString()).contains("http://127.0.0.1:9 is no server of the cluster");
  }

  @Test
  void aClusterThatNoUpKeepsIsRefused() throws IOException {
    write("demo", 1, URL, "http://127.0.0.1:2");
    assertThat(bench("failover")).isEqualTo(1);
    assertThat(err.toString()).contains("no up runs the cluster");
  }

  @Test
  void anotherProfileThanDemoNeedsConsentAndOneServerCannotBeMeasured() throws IOException {
    new RunFolder(data).record(new RunFolder.Entry(RunFolder.UP, ProcessMark.own(), false));
    write("production", ProcessHandle.current().pid(), URL);
    assertThat(bench("failover")).isEqualTo(1);
    assertThat(err.toString()).contains("profile production", "--force");

    err.getBuffer().setLength(0);
    assertThat(bench("failover", "--force")).isEqualTo(1);
    assertThat(err.toString()).contains("one server alone");
  }

  @Test
  void percentilesAreOfTheNearestRank() {
    var hundred = IntStream.rangeClosed(1, 100).mapToObj(i -> (double) i).toList();
    assertThat(Figure.percentile(hundred, 50)).isEqualTo(50);
    assertThat(Figure.percentile(hundred, 99)).isEqualTo(99);
    assertThat(Figure.percentile(List.of(3.0, 1.0, 2.0), 99)).isEqualTo(3);
    assertThat(Figure.percentile(List.of(7.0), 50)).isEqualTo(7);
  }

  @Test
  void aRowSaysWhatItMustReachAndHowFarItIsFromThat() {
    var figure = Figure.ofMillis("failover-kill", 1_000.0, List.of(200.0, 500.0, 100.0));

    assertThat(Output.compact(figure.json()))
        .isEqualTo(
            "{\"row\":\"failover-kill\",\"value\":500.0,\"unit\":\"ms\",\"p50\":200.0,\"p99\":500.0,\"limit\":1000.0,\"ratio\":0.5,\"max\":500.0,\"n\":3,\"samples\":[200.0,500.0,100.0]}");
    assertThat(Figure.table(List.of(figure)))
        .containsExactly(
            "ROW            N  P50  P99  MAX  UNIT  LIMIT  RATIO",
            "failover-kill  3  200  500  500  ms    1000   0.50");
  }

  private void write(String profile, long up, String... urls) throws IOException {
    var servers = new ArrayList<ClusterFile.Server>();
    for (var url : urls) {
      servers.add(new ClusterFile.Server("server-" + (servers.size() + 1), url, Map.of(), 1, 1, 0));
    }
    new ClusterFile("c", profile, "", "token", servers, List.of(), up, "").write(data);
  }

  private int bench(String... arguments) {
    var all = new ArrayList<>(List.of("bench"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--data", data.toString()));
    return Main.commandLine(new PrintWriter(out), new PrintWriter(err))
        .execute(all.toArray(String[]::new));
  }
}
