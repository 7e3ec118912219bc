package dev.batuta.simulation.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs schedules of a simulation from their seeds: many fresh ones, one again with its story, those
 * that once failed, and those under a rule that is broken on purpose.
 */
public final class Seeds {
  /** Runs one seed and adds what happens to a trace. */
  public interface Story {
    void tell(long seed, List<String> trace);
  }

  /** Replay this one only, {@code -Dbatuta.seed=N}. */
  private static final @Nullable Long REPLAY = Long.getLong("batuta.seed");

  private static final int SHOWN_LINES = 400;

  private Seeds() {}

  /**
   * Runs fresh seeds on all cores until one fails, which is then replayed; with {@code
   * -Dbatuta.seed=N} that one only.
   *
   * @param schedule runs one seed without a story, from any thread
   * @return how many ran
   */
  public static int fresh(int count, LongConsumer schedule, Story story) {
    if (REPLAY != null) {
      replay(REPLAY, story).forEach(System.out::println);
      return 1;
    }
    Queue<Long> broken = new ConcurrentLinkedQueue<>();
    AtomicInteger run = new AtomicInteger();
    LongStream.of(new Random().longs(count).toArray())
        .parallel()
        .filter(seed -> broken.isEmpty())
        .forEach(
            seed -> {
              try {
                schedule.accept(seed);
              } catch (RuntimeException | AssertionError wrong) {
                broken.add(seed);
              }
              run.incrementAndGet();
            });
    for (long seed : broken) {
      replay(seed, story);
      fail("seed %d failed, and not when it was replayed: it is not deterministic".formatted(seed));
    }
    return run.get();
  }

  /** Runs one seed and gives its story; when it fails, so does this, with the end of that. */
  public static List<String> replay(long seed, Story story) {
    List<String> trace = new ArrayList<>();
    try {
      story.tell(seed, trace);
      return trace;
    } catch (RuntimeException | AssertionError wrong) {
      String end =
          String.join("\n", trace.subList(Math.max(0, trace.size() - SHOWN_LINES), trace.size()));
      throw new AssertionError(
          "seed %d: %s%nreplay it by -Dbatuta.seed=%d; add it to failed-seeds.txt%n%s"
              .formatted(seed, wrong, seed, end),
          wrong);
    }
  }

  /** The seeds of {@code failed-seeds.txt} beside a test. */
  public static LongStream failed(Class<?> test) {
    try (var in = Objects.requireNonNull(test.getResourceAsStream("failed-seeds.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.replaceAll("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .mapToLong(Long::parseLong);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same seed has the same story each time. */
  public static void replaysExactly(Consumer<List<String>> story) {
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    story.accept(first);
    story.accept(second);
    assertThat(first).isNotEmpty().isEqualTo(second);
  }

  /**
   * The first violation of the seeds from 1 on that is looked for.
   *
   * @param schedule runs one seed
   */
  public static Optional<String> violation(
      int tries, LongConsumer schedule, Predicate<String> lookedFor) {
    return Stream.iterate(1L, seed -> seed + 1)
        .limit(tries)
        .flatMap(seed -> violation(seed, schedule).stream())
        .filter(lookedFor)
        .findFirst();
  }

  private static Optional<String> violation(long seed, LongConsumer schedule) {
    try {
      schedule.accept(seed);
      return Optional.empty();
    } catch (RuntimeException | AssertionError violation) {
      return Optional.of(violation.toString());
    }
  }
}
