package dev.batuta.cli.bench;

import dev.batuta.bus.Bus;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.Target;
import dev.batuta.codec.ChatMessage.Created;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.node.Cluster;
import dev.batuta.tracing.Tracing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Requests of 100 bytes over the clustered bus, with codec, clock and trace, beside as many bytes
 * over the event bus of Vert.x alone: between two nodes of a cluster that this process makes for
 * itself on loopback, because nobody outside speaks on the bus of the one that runs.
 */
public final class BusRow implements BenchRow {
  private static final double MUST_REACH = 40_000;
  private static final Duration TIME = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int UNDER_WAY = 64;
  private static final String OURS = "bench.batuta";
  private static final String BARE = "bench.bare";
  private static final Publish MESSAGE = new Publish("bench", "bench", "x".repeat(76), "id");
  private static final Buffer BYTES = Buffer.buffer("x".repeat(100));

  /** Held, because its level goes with it: what it says of Java's modules is no news here. */
  private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");

  private final BenchScale scale;

  public BusRow(BenchScale scale) {
    this.scale = scale;
  }

  @Override
  public String name() {
    return "bus";
  }

  @Override
  public void measure(Target target, Output output, Consumer<List<Figure>> done) {
    scale.check();
    HAZELCAST.setLevel(Level.SEVERE);
    String name = "bench-" + UUID.randomUUID();
    Cluster server = await(join("bench-1", name, List.of()));
    try {
      var at = server.hazelcast().getCluster().getLocalMember().getAddress();
      Cluster client = await(join("bench-2", name, List.of(at.getHost() + ":" + at.getPort())));
      try {
        done.accept(List.of(measure(server, client, output)));
      } finally {
        await(client.vertx().close());
      }
    } finally {
      await(server.vertx().close());
    }
  }

  private Figure measure(Cluster server, Cluster client, Output output) {
    var answer = new Created("bench");
    await(server.bus().serve(OURS, asked -> Future.succeededFuture(answer)));
    await(
        server
            .vertx()
            .eventBus()
            .<Buffer>consumer(BARE, asked -> asked.reply(asked.body()))
            .completion());
    Vertx vertx = client.vertx();
    Bus bus = client.bus();
    return SideBySide.rates(
        name(),
        "requests/s",
        scale,
        output,
        MUST_REACH,
        () -> perSecond(vertx, () -> vertx.eventBus().request(BARE, BYTES)),
        () -> perSecond(vertx, () -> bus.request(OURS, MESSAGE, Created.class, PATIENCE)));
  }

  private static Future<Cluster> join(String node, String name, List<String> members) {
    var options = new Cluster.Options(node, name, "127.0.0.1", 0, 0, members);
    return Cluster.join(options, null, Tracing.passive());
  }

  /** So many requests at a time, from one event loop. */
  private static double perSecond(Vertx vertx, Supplier<Future<?>> request) {
    Context context = vertx.getOrCreateContext();
    var lanes = new Lanes(context, request);
    context.runOnContext(here -> lanes.begin());
    await(lanes.ended.future());
    return lanes.answered / ((System.nanoTime() - lanes.startNanos) / 1e9);
  }

  /** Requests that follow each other, side by side; of one context. */
  private static final class Lanes {
    final Promise<Void> ended = Promise.promise();
    final long startNanos = System.nanoTime();
    private final Context context;
    private final Supplier<Future<?>> request;
    volatile long answered;
    private long count;
    private int running;

    Lanes(Context context, Supplier<Future<?>> request) {
      this.context = context;
      this.request = request;
    }

    void begin() {
      for (running = 0; running < UNDER_WAY; running++) {
        ask();
      }
    }

    private void ask() {
      request
          .get()
          .onComplete(
              answer -> context.runOnContext(here -> answered()), why -> ended.tryFail(why));
    }

    private void answered() {
      count++;
      if (System.nanoTime() - startNanos < TIME.toNanos()) {
        ask();
      } else if (--running == 0) {
        answered = count;
        ended.tryComplete();
      }
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw Problem.failed("bench", "the bus did not answer within " + PATIENCE.toSeconds() + " s");
    }
  }
}
