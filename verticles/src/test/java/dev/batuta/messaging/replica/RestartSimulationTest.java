package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that are started many times, each time as another origin. */
class RestartSimulationTest {
  private final Random random = new Random(1);

  /** A subscriber goes from server to server meanwhile. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5, 7})
  void afterHundredsOfStartsAVectorIsNoLongerThanBeforeAndATokenIsGoodAnywhere(int size) {
    var world = new ReplicaWorld(random, size, Faults.NONE);
    run(world, 2_000);
    for (int start = 0; start < 300; start++) {
      ReplicaWorld.Server server = world.server("s" + start % size);
      server.make(1 + random.nextInt(2));
      run(world, 400);
      if (start % 20 == 7) {
        world.erase(server);
      }
      server.end();
      run(world, 50);
      server.start();
      run(world, 400);
      world.follow(world.server("s" + random.nextInt(size)));
      if (start % 50 == 49) {
        run(world, 30_000);
        world.promises.assertShort();
        world.promises.assertShortlyTold();
      }
    }
    run(world, 40_000);
    world.promises.assertEqualAndShown();
    world.promises.assertFollowedAnywhere();
    assertThat(world.server("s0").log.vector().entries()).hasSizeGreaterThan(250);
    assertThat(world.server("s0").log.vector().heads()).hasSizeLessThan(3);
  }

  /** For so long that there are folds while messages are lost, links cut and disks erased. */
  @Property(tries = 30)
  void foldsThatAreMadeWhileAnythingGoesWrongAreReadAsTheyWereMeant(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int minority) {
    var world = new ReplicaWorld(new Random(seed), 2 * minority + 1, Faults.ALL);
    run(world, 30_000);
    world.heal();
    run(world, 50_000);
    world.promises.assertEqualAndShown();
    world.promises.assertFollowedAnywhere();
    world.promises.assertShort();
    assertThat(world.server("s0").log.vector().level()).isPositive();
  }

  /** While one is away the others fold on: what it has is told to it when it is back. */
  @Test
  void whoWasAwayWhileTheOthersWereStartedOftenIsServedAndFetchesWhatItMissed() {
    var world = new ReplicaWorld(random, 3, Faults.NONE);
    restart(world, List.of("s0", "s1", "s2"), 12);
    run(world, 20_000);
    ReplicaWorld.Server away = world.server("s2");
    assertThat(away.log.vector().level()).as("folds before it is away").isPositive();
    away.make(2);
    run(world, 2_000);
    away.end();
    restart(world, List.of("s0", "s1"), 60);
    run(world, 10_000);
    world.follow(world.server("s0"));
    assertThat(world.server("s0").log.vector().recent()).hasSizeLessThan(3 + Folding.ENOUGH);
    away.start();
    assertThat(world.follow(away)).as("it lacks what was delivered").isFalse();
    run(world, 60_000);
    world.promises.assertEqualAndShown();
    world.promises.assertFollowedAnywhere();
    world.promises.assertShort();
  }

  /**
   * It is the coordinator again, whom each of the others asks, so that none of those hears from
   * another that it has it too; and its former life is folded without it.
   */
  @Test
  void whatOneMadeWhileItWasCutOffIsShownByAllOnceItIsBack() {
    var world = new ReplicaWorld(random, 5, Faults.NONE);
    restart(world, List.of("s0", "s1", "s2", "s3"), 12);
    run(world, 20_000);
    ReplicaWorld.Server away = world.server("s4");
    away.make(2);
    OpId late = new OpId(away.log.self, 3);
    run(world, 3_000);
    world.split(Set.of("s4"));
    away.make(1);
    run(world, 500);
    away.end();
    world.split(Set.of());
    restart(world, List.of("s0", "s1", "s2", "s3"), 16);
    run(world, 20_000);
    assertThat(world.server("s0").log.vector().folds().covers(late.origin(), 2)).isTrue();
    away.start();
    run(world, 60_000);
    world.promises.assertEqualAndShown();
    assertThat(world.server("s0").marks.covers(late.origin(), late.sequence())).isTrue();
  }

  /** As in a rolling upgrade; and one is set back to the release before after it. */
  @Property(tries = 12)
  void aServerOfTheReleaseBeforeStaysInTheClusterAndNobodyTakesItForSetBack(
      @ForAll long seed, @ForAll @IntRange(min = 10, max = 40) int starts) {
    var world = new ReplicaWorld(new Random(seed), 3, Faults.NONE);
    ReplicaWorld.Server old = world.server("s2");
    restart(old, false);
    restart(world, List.of("s0", "s1"), starts);
    assertThat(world.server("s0").log.vector().level()).as("folds while it is there").isZero();
    world.follow(world.server("s0"));
    restart(old, true);
    restart(world, List.of("s0", "s1", "s2"), starts);
    run(world, 20_000);
    assertThat(world.server("s0").log.vector().level()).as("folds after it").isPositive();
    world.follow(world.server("s1"));
    restart(old, false);
    restart(world, List.of("s0", "s1"), starts);
    run(world, 40_000);
    world.promises.assertEqualAndShown();
    world.promises.assertNobodyWasTakenForSetBack();
    restart(old, true);
    run(world, 40_000);
    world.promises.assertEqualAndShown();
    world.promises.assertFollowedAnywhere();
    world.promises.assertShort();
  }

  private static void restart(ReplicaWorld.Server server, boolean readsFolds) {
    server.end();
    server.readsFolds = readsFolds;
    server.start();
  }

  private static void restart(ReplicaWorld world, List<String> names, int times) {
    for (int start = 0; start < times; start++) {
      ReplicaWorld.Server server = world.server(names.get(start % names.size()));
      server.make(1);
      run(world, 800);
      server.end();
      server.start();
      run(world, 800);
    }
  }

  private static void run(ReplicaWorld world, long millis) {
    world.run(world.now() + millis);
  }
}
