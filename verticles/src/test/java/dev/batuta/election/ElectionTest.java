package dev.batuta.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ElectionMessage;
import dev.batuta.election.Election.Effect;
import dev.batuta.election.Election.Input;
import dev.batuta.election.Election.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * The election of several servers over a network that loses, delays and reorders, and against an
 * epoch row as the database keeps it.
 */
class ElectionTest {
  private static final long STEP = 25;

  /** The epoch row, with the database's own evidence. */
  private static final class Row {
    boolean honoursLease = true;
    long epoch;
    String holder = "";
    long renewed = -10_000;
    boolean released = true;
  }

  private record Delivery(long at, long order, String to, Input input) {}

  /** A world of servers that is stepped in time; all chance comes from the seed. */
  private static final class World {
    final Random random;
    final Policy policy;
    final Row row = new Row();
    final Map<String, State> servers = new TreeMap<>();
    final Map<String, Integer> ranks = new TreeMap<>();
    final Map<String, Boolean> alive = new HashMap<>();
    final Map<Long, String> actedUnder = new HashMap<>();
    final PriorityQueue<Delivery> network =
        new PriorityQueue<>(
            Comparator.comparingLong(Delivery::at).thenComparingLong(Delivery::order));
    long now;
    long order;
    int elections;
    double loss;

    World(long seed, Policy policy, String... names) {
      this.random = new Random(seed);
      this.policy = policy;
      for (String name : names) {
        ranks.put(name, ranks.size() + 1);
        start(name);
      }
    }

    void start(String name) {
      Peer self = new Peer(name, ranks.getOrDefault(name, 0), true);
      servers.put(name, State.initial(self, policy, Election.Times.DEFAULT, now));
      alive.put(name, true);
    }

    void kill(String name) {
      alive.put(name, false);
      servers.remove(name);
      network.removeIf(delivery -> delivery.to().equals(name));
    }

    void run(long millis) {
      for (long end = now + millis; now < end; now += STEP) {
        while (!network.isEmpty() && network.peek().at() <= now) {
          Delivery delivery = network.remove();
          take(delivery.to(), delivery.input());
        }
        for (String name : List.copyOf(servers.keySet())) {
          take(name, new Input.Tick(true));
        }
      }
    }

    private void take(String name, Input input) {
      State state = servers.get(name);
      if (state == null) {
        return;
      }
      Election.Step step = Election.step(state, now, peers(name), input);
      servers.put(name, step.next());
      step.next().mayAct().ifPresent(epoch -> acts(name, epoch));
      step.effects().forEach(effect -> carryOut(name, effect));
    }

    /** At most one coordinator an epoch. */
    private void acts(String name, long epoch) {
      String other = actedUnder.putIfAbsent(epoch, name);
      if (other != null && !other.equals(name)) {
        throw new AssertionError(name + " and " + other + " both acted under epoch " + epoch);
      }
    }

    private List<Peer> peers(String name) {
      return servers.keySet().stream()
          .filter(other -> !other.equals(name))
          .map(other -> new Peer(other, ranks.getOrDefault(other, 0), true))
          .toList();
    }

    private void carryOut(String name, Effect effect) {
      switch (effect) {
        case Effect.Send(var server, var message) -> deliver(server, message);
        case Effect.Publish(var message) -> publish(name, message);
        case Effect.Claim claim -> later(name, claim(name));
        case Effect.Renew(var epoch) -> {
          boolean held = row.epoch == epoch && row.holder.equals(name);
          if (held) {
            row.renewed = now;
          }
          later(name, held ? new Input.Renewed(epoch, now) : new Input.RenewRefused(epoch));
        }
        case Effect.Release(var epoch, var then) -> {
          if (row.epoch == epoch) {
            row.released = true;
            publish(name, then);
          }
        }
        case Effect.Note(var event, var detail) -> {
          if (event.equals("election started")) {
            elections++;
          }
        }
      }
    }

    private Input claim(String name) {
      boolean free = row.released || !servers.containsKey(row.holder);
      if (row.honoursLease && !free && now - row.renewed <= 1_000) {
        return new Input.ClaimRefused(row.epoch, row.holder, "renewed lately");
      }
      row.epoch += row.honoursLease ? 1 : 0;
      row.holder = name;
      row.renewed = now;
      row.released = false;
      return new Input.Claimed(row.epoch);
    }

    private void publish(String from, ElectionMessage message) {
      servers.keySet().stream().filter(to -> !to.equals(from)).forEach(to -> deliver(to, message));
    }

    private void deliver(String to, ElectionMessage message) {
      if (random.nextDouble() >= loss) {
        later(to, new Input.Heard(message));
      }
    }

    private void later(String to, Input input) {
      network.add(new Delivery(now + random.nextInt(60), order++, to, input));
    }

    Optional<String> coordinator() {
      List<String> leading = new ArrayList<>();
      servers.forEach((name, state) -> state.mayAct().ifPresent(epoch -> leading.add(name)));
      return leading.size() == 1 ? Optional.of(leading.getFirst()) : Optional.empty();
    }

    boolean agreedOn(String leader) {
      return servers.entrySet().stream()
          .allMatch(
              e ->
                  e.getKey().equals(leader)
                      ? e.getValue().phase() instanceof Phase.Leading
                      : e.getValue().phase() instanceof Phase.Following(var whom, var epoch)
                          && whom.equals(leader)
                          && epoch == row.epoch);
    }
  }

  @Test
  void theHighestRankCoordinatesAndAllAgree() {
    World world = new World(1, Policy.HIGHEST_RANK, "a", "b", "c");
    world.run(3_000);
    assertThat(world.coordinator()).contains("c");
    assertThat(world.agreedOn("c")).isTrue();
  }

  @Test
  void withTheOtherPolicyTheLowestRankCoordinates() {
    World world = new World(1, Policy.LOWEST_RANK, "a", "b", "c");
    world.run(3_000);
    assertThat(world.agreedOn("a")).isTrue();
  }

  @Test
  void theNextBestTakesOverWhenTheCoordinatorDiesAndGivesBackWhenItReturns() {
    World world = new World(2, Policy.HIGHEST_RANK, "a", "b", "c");
    world.run(3_000);
    long first = world.row.epoch;
    world.kill("c");
    world.run(1_000);
    assertThat(world.agreedOn("b")).isTrue();
    assertThat(world.row.epoch).isGreaterThan(first);
    world.start("c");
    world.run(3_000);
    assertThat(world.agreedOn("c")).isTrue();
  }

  @Test
  void aQuietClusterHoldsNoElections() {
    World world = new World(3, Policy.HIGHEST_RANK, "a", "b", "c");
    world.run(3_000);
    int before = world.elections;
    world.run(60_000);
    assertThat(world.elections).isEqualTo(before);
  }

  @Test
  void aStoppingCoordinatorLeavesNoGapToSpeakOf() {
    World world = new World(4, Policy.HIGHEST_RANK, "a", "b", "c");
    world.run(3_000);
    world.take("c", new Input.Stop());
    assertThat(world.coordinator()).isEmpty();
    world.kill("c");
    world.run(300);
    assertThat(world.coordinator()).contains("b");
  }

  @Property(tries = 200)
  void whateverIsLostOrKilledAtMostOneActsInAnEpochAndInTheEndTheBestOneDoes(@ForAll long seed) {
    World world = new World(seed, Policy.HIGHEST_RANK, "a", "b", "c", "d", "e");
    chaos(world);
    world.loss = 0;
    for (String name : world.ranks.keySet()) {
      if (!world.servers.containsKey(name)) {
        world.start(name);
      }
    }
    world.run(8_000);
    assertThat(world.agreedOn("e")).as("seed %d", seed).isTrue();
    int settled = world.elections;
    world.run(10_000);
    assertThat(world.elections).as("seed %d", seed).isEqualTo(settled);
  }

  @Test
  void theInvariantFindsADatabaseThatLetsTwoWinOneEpoch() {
    assertThatThrownBy(
            () -> {
              for (long seed = 0; seed < 200; seed++) {
                World world = new World(seed, Policy.HIGHEST_RANK, "a", "b", "c");
                world.row.honoursLease = false;
                world.row.epoch = 1;
                chaos(world);
              }
            })
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("both acted under epoch");
  }

  private static void chaos(World world) {
    List<String> names = List.copyOf(world.ranks.keySet());
    world.loss = 0.3;
    for (int i = 0; i < 30; i++) {
      String name = names.get(world.random.nextInt(names.size()));
      if (world.servers.containsKey(name)) {
        world.kill(name);
      } else {
        world.start(name);
      }
      world.run(world.random.nextInt(2_000));
    }
  }
}
