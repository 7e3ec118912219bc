package dev.batuta.cli.bench;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.Target;
import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * How long a cluster is without a coordinator when its coordinator is killed, hangs or is stopped:
 * from the signal until a client of another server hears of a live coordinator in a new epoch.
 */
public final class FailoverRow implements BenchRow {
  private static final Duration QUIET = Duration.ofSeconds(3);
  private static final Duration CALM = Duration.ofMinutes(3);
  private static final Duration TAKE_OVER = Duration.ofSeconds(30);
  private static final int MOST = 1_000;

  @Option(
      names = "--kills",
      paramLabel = "N",
      defaultValue = "5",
      description = "failover: how often the coordinator is killed (default ${DEFAULT-VALUE})")
  int kills;

  @Option(
      names = "--hangs",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "failover: how often it is paused until another took over (default ${DEFAULT-VALUE})")
  int hangs;

  @Option(
      names = "--stops",
      paramLabel = "N",
      defaultValue = "3",
      description = "failover: how often it is stopped gracefully (default ${DEFAULT-VALUE})")
  int stops;

  @Option(names = "--force", description = "failover: also where the profile is not demo")
  boolean force;

  /** How a coordinator is made to fail. */
  private enum Failure {
    KILL("failover-kill", 1_000.0),
    HANG("failover-hang", 2_500.0),
    STOP("failover-stop", null);

    final String row;
    final @Nullable Double limitMillis;

    Failure(String row, @Nullable Double limitMillis) {
      this.row = row;
      this.limitMillis = limitMillis;
    }
  }

  /** Times of the failures of one kind; gaps are between the two announcements. */
  private record Times(List<Double> taken, List<Double> gaps) {
    Times() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  @Override
  public String name() {
    return "failover";
  }

  @Override
  public void measure(Target target, Output output, Consumer<List<Figure>> done)
      throws IOException {
    Map<Failure, Integer> counts = counts();
    var cluster = LocalCluster.of(target, "bench failover kills servers", force);
    var times = new EnumMap<Failure, Times>(Failure.class);
    try {
      for (var failure : Failure.values()) {
        int count = counts.getOrDefault(failure, 0);
        for (int i = 1; i <= count; i++) {
          var what = "%s %d of %d".formatted(failure.row, i, count);
          once(cluster, failure, what, output, times.computeIfAbsent(failure, f -> new Times()));
        }
      }
      cluster.awaitCalm(QUIET, CALM, output::remark);
    } finally {
      times.forEach((failure, measured) -> done.accept(figures(failure, measured)));
    }
  }

  private Map<Failure, Integer> counts() {
    var counts = Map.of(Failure.KILL, kills, Failure.HANG, hangs, Failure.STOP, stops);
    for (int count : counts.values()) {
      if (count < 0 || count > MOST) {
        throw Problem.unsure(
            "bad-count", count + " is no number of failures: give one from 0 to " + MOST);
      }
    }
    if (counts.values().stream().allMatch(count -> count == 0)) {
      throw Problem.unsure("bad-count", "no kills, hangs or stops: there is nothing to measure");
    }
    return counts;
  }

  private static void once(
      LocalCluster cluster, Failure failure, String what, Output output, Times times) {
    var calm = cluster.awaitCalm(QUIET, CALM, output::remark);
    try (var client = CoordinatorClient.follow(cluster.api(observer(cluster, calm)), output)) {
      client.awaitCoordinator(calm.coordinator(), calm.epoch());
      var victim = calm.process();
      long start = System.nanoTime();
      var takeOver = fail(victim, failure, () -> client.awaitTakeOver(calm, start, TAKE_OVER));
      times.taken().add(takeOver.millis());
      times.gaps().add(takeOver.gapMillis());
      output.remark(
          "%s: %s (process %d), then %s in epoch %d after %d ms%s"
              .formatted(
                  what,
                  calm.coordinator(),
                  victim.pid(),
                  takeOver.coordinator(),
                  takeOver.epoch(),
                  Math.round(takeOver.millis()),
                  failure == Failure.STOP
                      ? ", of them %d without any".formatted(Math.round(takeOver.gapMillis()))
                      : ""));
    }
  }

  /** A client of another server than the one that fails. */
  private static ClusterFile.Server observer(LocalCluster cluster, LocalCluster.Calm calm) {
    return cluster.servers().stream()
        .filter(server -> !server.name().equals(calm.coordinator()))
        .findFirst()
        .orElseThrow();
  }

  private static CoordinatorClient.TakeOver fail(
      ProcessHandle victim, Failure failure, Supplier<CoordinatorClient.TakeOver> takeOver) {
    return switch (failure) {
      case KILL -> {
        victim.destroyForcibly();
        yield takeOver.get();
      }
      case STOP -> {
        victim.destroy();
        yield takeOver.get();
      }
      case HANG -> {
        try (var _ = PausedProcess.of(victim)) {
          yield takeOver.get();
        }
      }
    };
  }

  private static List<Figure> figures(Failure failure, Times times) {
    if (times.taken().isEmpty()) {
      return List.of();
    }
    var taken = Figure.ofMillis(failure.row, failure.limitMillis, times.taken());
    return failure == Failure.STOP
        ? List.of(taken, Figure.ofMillis(failure.row + "-gap", null, times.gaps()))
        : List.of(taken);
  }
}
