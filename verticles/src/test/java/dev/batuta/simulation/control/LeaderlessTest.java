package dev.batuta.simulation.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.election.Policy;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How long a cluster is without a coordinator after one fault, in simulated time: SPEC 5. */
class LeaderlessTest {
  private static final int SEEDS = 200;
  private static final long SECOND = 1_000_000;
  private static final long LOOK = 5_000;

  /** What happens to the coordinator, and how long it may take until another may act. */
  enum Fault {
    KILL(SimulatedServer::kill, SECOND),
    HANG(SimulatedServer::pause, 5 * SECOND / 2),
    STOP(SimulatedServer::stop, SECOND / 5);

    @SuppressWarnings("ImmutableEnumChecker")
    private final Consumer<SimulatedServer> happens;

    private final long bound;

    Fault(Consumer<SimulatedServer> happens, long bound) {
      this.happens = happens;
      this.bound = bound;
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherMayActInTime(Fault fault) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      World world = settled(seed);
      SimulatedServer before = coordinator(world);
      long start = world.timeline.nowMicros();
      fault.happens.accept(before);
      long now = start;
      while (now - start <= fault.bound && !isReplaced(world, before)) {
        now += LOOK;
        world.runUntilMicros(now);
      }
      assertThat(now - start).as("%s, seed %d", fault, seed).isLessThanOrEqualTo(fault.bound);
    }
  }

  private static World settled(long seed) {
    World world =
        new World(
            seed,
            List.of("a", "b", "c", "d", "e"),
            Policy.HIGHEST_RANK,
            Mutation.NONE,
            new World.Untraced());
    for (SimulatedServer server : world.servers) {
      server.start();
      world.runUntilMicros(world.timeline.nowMicros() + SECOND + world.random.nextLong(SECOND));
    }
    world.runUntil(40);
    world.invariants.agreed();
    return world;
  }

  private static SimulatedServer coordinator(World world) {
    return world.servers.stream().filter(LeaderlessTest::mayAct).findFirst().orElseThrow();
  }

  private static boolean isReplaced(World world, SimulatedServer before) {
    return world.servers.stream().anyMatch(server -> server != before && mayAct(server));
  }

  private static boolean mayAct(SimulatedServer server) {
    return server.runs() && server.state().mayAct(server.nowMillis()).isPresent();
  }
}
