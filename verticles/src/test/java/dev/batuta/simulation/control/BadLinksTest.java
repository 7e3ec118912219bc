package dev.batuta.simulation.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.election.Policy;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Links that flap, or that work one way only: back-off bounds how many elections they cost, and the
 * database's evidence bounds what those do.
 */
class BadLinksTest {
  private static final int MINUTES = 5;
  private static final int SETTLED = 15;

  private static final long SECOND = 1_000_000;

  /** Which links of the coordinator c are bad, and what that may cost in a minute. */
  enum Shape {
    NOBODY_HEARS_THE_COORDINATOR("c>a c>b", 18, 1),
    THE_COORDINATOR_HEARS_NOBODY("a>c b>c", 2, 0),
    ONE_DOES_NOT_HEAR_THE_COORDINATOR("c>a", 18, 0),
    THE_NEXT_BEST_DOES_NOT_HEAR_THE_COORDINATOR("c>b", 18, 1),
    CUT_FROM_ONE("c>a a>c", 18, 0),
    CUT_FROM_ALL("c>a a>c c>b b>c", 18, 1);

    private final String links;
    private final int elections;
    private final int epochs;

    Shape(String links, int elections, int epochs) {
      this.links = links;
      this.elections = elections;
      this.epochs = epochs;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBrokenLinkCostsFewElectionsAndHardlyAnEpoch(Shape shape) {
    World world = settled(1);
    cut(world, shape, true);
    long before = world.database.epoch();
    world.runUntil(SETTLED + 60 * MINUTES);
    bounded(world, shape, before);
  }

  @ParameterizedTest
  @EnumSource
  void aFlappingLinkCostsFewElectionsAndHardlyAnEpoch(Shape shape) {
    for (long seed = 1; seed <= 10; seed++) {
      World world = settled(seed);
      long before = world.database.epoch();
      long end = (SETTLED + 60 * MINUTES) * SECOND;
      boolean down = false;
      for (long t = SETTLED * SECOND; t < end; t += 300_000 + world.random.nextLong(2 * SECOND)) {
        boolean next = !down;
        down = next;
        world.timeline.after(t - world.timeline.nowMicros(), () -> cut(world, shape, next));
      }
      world.runUntilMicros(end);
      bounded(world, shape, before);
    }
  }

  private static World settled(long seed) {
    World world =
        new World(
            seed, List.of("a", "b", "c"), Policy.HIGHEST_RANK, Mutation.NONE, new World.Untraced());
    for (SimulatedServer server : world.servers) {
      server.start();
      world.runUntilMicros(world.timeline.nowMicros() + SECOND);
    }
    world.runUntil(SETTLED);
    world.invariants.agreed();
    world.invariants.countFromHere();
    return world;
  }

  private static void cut(World world, Shape shape, boolean down) {
    for (String link : shape.links.split(" ", -1)) {
      int from = world.server(link.substring(0, 1)).index();
      int to = world.server(link.substring(2)).index();
      if (down) {
        world.network.cut(from, to);
      } else {
        world.network.heal(from, to);
      }
    }
  }

  private static void bounded(World world, Shape shape, long before) {
    assertThat(world.invariants.mostElections())
        .as("elections of one server within a minute")
        .isLessThanOrEqualTo(shape.elections);
    assertThat(world.database.epoch() - before)
        .as("epochs in %d minutes", MINUTES)
        .isLessThanOrEqualTo((long) shape.epochs * MINUTES);
  }
}
