package dev.batuta.cli.bench;

import dev.batuta.cli.bench.LoadGenerator.Batch;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Target;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * The rows that load a cluster with tasks, each beside the raw writes that it cannot do without.
 */
public enum TaskRow {
  /** No-op tasks: submitted in bulk, run, completed in the database. */
  TASKS(60_000) {
    @Override
    Figure measure(BenchScale scale, Output output, LoadGenerator load, RawDatabase raw) {
      var batches = batches(scale, _ -> NO_OP);
      return SideBySide.rates(
          label(),
          UNIT,
          scale,
          output,
          mustReach,
          () -> raw.completed(RAW_TIME),
          () -> runs(load, raw, batches));
    }
  },

  /** Submission in bulk, one idempotency key a batch, acknowledged after the commit. */
  SUBMIT(150_000) {
    @Override
    Figure measure(BenchScale scale, Output output, LoadGenerator load, RawDatabase raw) {
      // Due when all has been measured, so that nothing else runs; then they run.
      var due = Instant.now().plus(DUE).truncatedTo(ChronoUnit.SECONDS);
      var later = "{\"notBefore\":\"" + due + "\"," + NO_OP.substring(1);
      var batches = batches(scale, _ -> later);
      long before = load.ended();
      var all = new ArrayList<LoadGenerator.Acknowledged>();
      var figure =
          SideBySide.rates(
              label(),
              UNIT,
              scale,
              output,
              mustReach,
              () -> raw.accepted(RAW_TIME),
              () -> {
                all.add(load.submit(batches));
                return all.getLast().perSecond();
              });
      if (Instant.now().isAfter(due)) {
        output.remark(
            "submit: the first of its tasks ran before the last were submitted, so it is slower"
                + " than it could be: measure fewer --rounds or --tasks");
      }
      var last = all.getLast();
      var ranges = all.stream().flatMap(each -> each.ranges().stream()).toList();
      load.awaitEnds(
          new LoadGenerator.Acknowledged(ranges, last.startNanos(), last.seconds()), before, raw);
      return figure;
    }
  },

  /** Deposits on many accounts, exactly once. */
  LEDGER(30_000) {
    @Override
    Figure measure(BenchScale scale, Output output, LoadGenerator load, RawDatabase raw) {
      if (raw.accounts() < RawDatabase.ACCOUNTS) {
        load.open(RawDatabase.ACCOUNTS, RawDatabase::account);
      }
      var batches =
          batches(
              scale,
              i ->
                  "{\"kind\":\"UPDATE\",\"payload\":{\"user\":\"%s\",\"operation\":\"deposit\",\"amount\":\"0.01\"}}"
                      .formatted(
                          RawDatabase.account(
                              ThreadLocalRandom.current().nextInt(RawDatabase.ACCOUNTS))));
      return SideBySide.rates(
          label(),
          UNIT,
          scale,
          output,
          mustReach,
          () -> raw.executed(RAW_TIME),
          () -> runs(load, raw, batches));
    }
  },

  /** One task, submitted and waited for, while nothing else happens; in milliseconds. */
  LATENCY(20) {
    @Override
    Figure measure(BenchScale scale, Output output, LoadGenerator load, RawDatabase raw) {
      var body = NO_OP.getBytes(StandardCharsets.UTF_8);
      var limits = new ArrayList<Double>();
      var times = new ArrayList<Double>();
      int count = Math.max(10, scale.tasks / 1_000);
      for (int round = -scale.warmUp; round < scale.rounds; round++) {
        var commits = raw.commits(count);
        var waited = new ArrayList<Double>();
        for (int i = 0; i < count; i++) {
          waited.add(load.submitAndWait(body));
        }
        if (round >= 0) {
          limits.addAll(commits);
          times.addAll(waited);
        }
      }
      double limit = Figure.percentile(limits, 99);
      output.remark(
          String.format(
              Locale.ROOT,
              "latency: p50 %.2f ms, p99 %.2f ms; one raw commit: p50 %.2f ms, p99 %.2f ms; to"
                  + " reach: p99 %.0f ms",
              Figure.percentile(times, 50),
              Figure.percentile(times, 99),
              Figure.percentile(limits, 50),
              limit,
              mustReach));
      return Figure.ofMillis(label(), limit, times);
    }
  };

  private static final String UNIT = "tasks/s";
  private static final Duration RAW_TIME = Duration.ofSeconds(1);
  private static final Duration DUE = Duration.ofSeconds(40);
  private static final String NO_OP = "{\"kind\":\"COMPUTE\",\"payload\":{\"durationMillis\":0}}";

  final double mustReach;

  TaskRow(double mustReach) {
    this.mustReach = mustReach;
  }

  abstract Figure measure(BenchScale scale, Output output, LoadGenerator load, RawDatabase raw);

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As {@code bench} asks for it. */
  public BenchRow with(BenchScale scale) {
    var row = this;
    return new BenchRow() {
      @Override
      public String name() {
        return row.label();
      }

      @Override
      public void measure(Target target, Output output, Consumer<List<Figure>> done) {
        scale.check();
        try (var raw = RawDatabase.of(target)) {
          var load = new LoadGenerator(target, scale.connections);
          done.accept(List.of(row.measure(scale, output, load, raw)));
        }
      }
    };
  }

  /** Tasks a second, from the first submission to the last end. */
  private static double runs(LoadGenerator load, RawDatabase raw, List<Batch> batches) {
    long before = load.ended();
    var submitted = load.submit(batches);
    return submitted.tasks() / load.awaitEnds(submitted, before, raw);
  }

  /** A round's submissions; the full ones are the same in turns of a few, as building costs. */
  private static List<Batch> batches(BenchScale scale, IntFunction<String> task) {
    var sizes = scale.batches();
    var bodies = new ArrayList<Batch>();
    for (int i = 0; i < Math.min(sizes.size(), BODIES); i++) {
      bodies.add(batch(scale.batch, task));
    }
    var all = new ArrayList<Batch>();
    for (int i = 0; i < sizes.size(); i++) {
      boolean full = sizes.get(i) == scale.batch;
      all.add(full ? bodies.get(i % bodies.size()) : batch(sizes.get(i), task));
    }
    return Collections.unmodifiableList(all);
  }

  private static final int BODIES = 8;

  private static Batch batch(int size, IntFunction<String> task) {
    var body = new StringBuilder("{\"tasks\":[");
    for (int i = 0; i < size; i++) {
      body.append(i == 0 ? "" : ",").append(task.apply(i));
    }
    return new Batch(BodyPublishers.ofString(body.append("]}").toString()), size);
  }
}
