package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three, five and seven replicas that make ops, end and start again with their disk or without it,
 * on a network that loses, delays and cuts. Whatever is acknowledged or shown to subscribers is on
 * a majority's disks at that moment, and is not lost with any minority of them; once the network is
 * whole and all run, all have the same, and all of it may be shown.
 */
class AntiEntropySimulationTest {
  private static final Duration FAULTS = Duration.ofSeconds(8);
  private static final Duration LATE = Duration.ofSeconds(12);
  private static final Duration WHOLE = Duration.ofSeconds(40);

  @Property(tries = 500)
  void whatIsShownOrAcknowledgedIsOnAMajorityAndNotLostAndAllAgreeInTheEnd(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int minority) {
    var world = new ReplicaWorld(new Random(seed), 2 * minority + 1, Faults.ALL);
    world.run(FAULTS.toMillis());
    world.heal();
    world.run(FAULTS.plus(WHOLE).toMillis());
    world.promises.assertEqualAndShown();
    world.promises.assertFollowedAnywhere();
    world.promises.assertShort();
  }

  /** Each has fetched what the other had, and that is nothing. */
  @Test
  void twoErasedDisksDoNotMakeEachOtherComplete() {
    var world = new ReplicaWorld(new Random(1), 5, Faults.NONE);
    ReplicaWorld.Server first = world.server("s0");
    world.run(5_000);
    world.split(Set.of("s0", "s1", "s2"));
    first.make(1);
    world.run(10_000);
    assertThat(world.promises.acknowledged()).hasSize(1);
    world.split(Set.of("s0"));
    for (String gone : List.of("s1", "s2")) {
      world.erase(world.server(gone));
      world.server(gone).start();
    }
    world.run(30_000);
    assertThat(world.server("s1").log.complete()).isFalse();
    assertThat(world.server("s2").log.complete()).isFalse();
    world.heal();
    world.run(60_000);
    world.promises.assertEqualAndShown();
  }

  /** Publications take as long as repairs wait, and nothing is lost. */
  @ParameterizedTest
  @CsvSource({"1, 3", "2, 3", "3, 3", "4, 3", "5, 3", "1, 5", "2, 5", "3, 5", "4, 5", "5, 5"})
  void whatIsOnlyLateIsNotSentAgain(long seed, int size) {
    var world = new ReplicaWorld(new Random(seed), size, Faults.LATE);
    world.run(LATE.toMillis());
    assertThat(world.sentAgain()).isLessThan(0.02);
    world.heal();
    world.run(LATE.plus(WHOLE).toMillis());
    world.promises.assertEqualAndShown();
  }
}
