package dev.batuta.codec;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Encode and decode {@link ClusterMix}, time for one message, beside Jackson's JSON and
 * MessagePack; prints sizes and ratios at the end. {@code ./mvnw -pl eventbus-codecs
 * exec:exec@bench}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CodecBenchmark {
  private static final int MESSAGES = 100;

  private final List<Envelope> mix = ClusterMix.messages();
  private final EnvelopeCodec codec = new EnvelopeCodec();
  private final ObjectMapper json = Contestants.json();
  private final ObjectWriter jsonWriter = json.writerFor(Envelope.class);
  private final ObjectReader jsonReader = json.readerFor(Envelope.class);
  private final ObjectMapper messagePack = Contestants.messagePack();
  private final ObjectWriter messagePackWriter = messagePack.writerFor(Envelope.class);
  private final ObjectReader messagePackReader = messagePack.readerFor(Envelope.class);

  /** As the event bus does it: into a buffer of Vert.x and out of it. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void batuta(Blackhole hole) {
    for (Envelope envelope : mix) {
      Buffer buffer = Buffer.buffer(1024);
      codec.encodeToWire(buffer, envelope);
      hole.consume(codec.decodeFromWire(0, buffer));
    }
  }

  /** Half of it, to see where the time goes. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void batutaEncodeOnly(Blackhole hole) {
    for (Envelope envelope : mix) {
      Buffer buffer = Buffer.buffer(1024);
      codec.encodeToWire(buffer, envelope);
      hole.consume(buffer);
    }
  }

  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void jacksonJson(Blackhole hole) throws IOException {
    for (Envelope envelope : mix) {
      Envelope read = jsonReader.readValue(jsonWriter.writeValueAsBytes(envelope));
      hole.consume(read);
    }
  }

  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void jacksonMessagePack(Blackhole hole) throws IOException {
    for (Envelope envelope : mix) {
      Envelope read = messagePackReader.readValue(messagePackWriter.writeValueAsBytes(envelope));
      hole.consume(read);
    }
  }

  /** Bytes of the mix in each form: the codec's, Jackson's JSON, Jackson's MessagePack. */
  static long[] sizes() throws IOException {
    ObjectMapper json = Contestants.json();
    ObjectMapper messagePack = Contestants.messagePack();
    long[] sizes = new long[3];
    for (Envelope envelope : ClusterMix.messages()) {
      sizes[0] += PositionalForm.shared().encodeRoot(envelope).length;
      sizes[1] += json.writeValueAsBytes(envelope).length;
      sizes[2] += messagePack.writeValueAsBytes(envelope).length;
    }
    return sizes;
  }

  /** Runs it and prints the ratios; arguments are a regular expression of benchmarks. */
  public static void main(String[] arguments) throws RunnerException, IOException {
    String include = arguments.length > 0 ? arguments[0] : CodecBenchmark.class.getName();
    Options options =
        new OptionsBuilder()
            .include(include)
            .jvmArgsAppend("--sun-misc-unsafe-memory-access=allow", "-Xms512m", "-Xmx512m")
            .build();
    Collection<RunResult> results = new Runner(options).run();
    long[] sizes = sizes();
    System.out.printf(
        "bytes of %d messages: batuta %d, JSON %d (%.0f %%), jackson-dataformat-msgpack %d%n",
        MESSAGES, sizes[0], sizes[1], 100.0 * sizes[0] / sizes[1], sizes[2]);
    double batuta = nanos(results, "batuta");
    System.out.printf(
        "encode + decode of one: batuta %.0f ns; Jackson JSON takes %.2f times as long,"
            + " jackson-dataformat-msgpack %.2f times%n",
        batuta,
        nanos(results, "jacksonJson") / batuta,
        nanos(results, "jacksonMessagePack") / batuta);
  }

  private static double nanos(Collection<RunResult> results, String benchmark) {
    return results.stream()
        .filter(result -> result.getParams().getBenchmark().endsWith("." + benchmark))
        .mapToDouble(result -> result.getPrimaryResult().getScore())
        .findFirst()
        .orElse(Double.NaN);
  }
}
