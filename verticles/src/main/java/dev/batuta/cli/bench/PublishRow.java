package dev.batuta.cli.bench;

import dev.batuta.cli.bench.LoadGenerator.Batch;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Target;
import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Messages of 100 bytes to one channel, each acknowledged once a majority of the servers has it on
 * its disk: in batches to all servers, and one at a time to one while nothing else happens. Each
 * beside the same bytes on a file for each server, flushed as often.
 */
public final class PublishRow implements BenchRow {
  private static final double MUST_REACH = 60_000;

  private static final String AUTHOR = "bench";
  private static final String CHANNEL = "benchmark";

  private static final int BYTES = 100;
  private static final Duration RAW_TIME = Duration.ofSeconds(1);
  private static final byte[] ONE =
      ("{\"user\":\"" + AUTHOR + "\",\"text\":\"" + "x".repeat(BYTES) + "\"}")
          .getBytes(StandardCharsets.UTF_8);

  private final BenchScale scale;

  public PublishRow(BenchScale scale) {
    this.scale = scale;
  }

  @Override
  public String name() {
    return "publish";
  }

  @Override
  public void measure(Target target, Output output, Consumer<List<Figure>> done)
      throws IOException {
    scale.check();
    var load = new LoadGenerator(target, scale.connections);
    int servers = target.clusterFile().map(ClusterFile::servers).map(List::size).orElse(1);
    try (var disk = new RawDisk(target.data(), servers)) {
      load.create("/users", AUTHOR);
      load.create("/channels", CHANNEL);
      done.accept(List.of(batches(output, load, disk), oneByOne(output, load, disk)));
    }
  }

  private Figure batches(Output output, LoadGenerator load, RawDisk disk) {
    var sizes = scale.batches();
    var batches = sizes.stream().map(PublishRow::batch).toList();
    int messages = sizes.stream().mapToInt(Integer::intValue).sum();
    return SideBySide.rates(
        name(),
        "messages/s",
        scale,
        output,
        MUST_REACH,
        () -> scale.batch * disk.perSecond(scale.batch * BYTES, RAW_TIME),
        () -> messages / load.publish(CHANNEL, batches));
  }

  private Figure oneByOne(Output output, LoadGenerator load, RawDisk disk) {
    var limits = new ArrayList<Double>();
    var times = new ArrayList<Double>();
    int count = Math.max(10, scale.tasks / 1_000);
    for (int round = -scale.warmUp; round < scale.rounds; round++) {
      var flushed = disk.millis(BYTES, count);
      var acknowledged = new ArrayList<Double>();
      for (int i = 0; i < count; i++) {
        acknowledged.add(load.publishOne(CHANNEL, ONE));
      }
      if (round >= 0) {
        limits.addAll(flushed);
        times.addAll(acknowledged);
      }
    }
    double limit = Figure.percentile(limits, 99);
    output.remark(
        String.format(
            Locale.ROOT,
            "publish-one: p50 %.2f ms, p99 %.2f ms; flushed raw: p50 %.2f ms, p99 %.2f ms; to"
                + " reach: p99 of three of these",
            Figure.percentile(times, 50),
            Figure.percentile(times, 99),
            Figure.percentile(limits, 50),
            limit));
    return Figure.ofMillis("publish-one", limit, times);
  }

  private static Batch batch(int size) {
    var message = "{\"text\":\"%s\"}".formatted("x".repeat(BYTES));
    var messages = String.join(",", Collections.nCopies(size, message));
    var body = "{\"user\":\"%s\",\"messages\":[%s]}".formatted(AUTHOR, messages);
    return new Batch(BodyPublishers.ofString(body), size);
  }
}
