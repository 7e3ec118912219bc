package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Replicate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Replicas that make ops, end and start again, on a network that loses, delays and cuts. Whatever
 * is acknowledged or shown to subscribers is on a majority's disks at that moment; once the network
 * is whole and all run, all have the same, and all of it may be shown.
 */
class AntiEntropySimulationTest {
  private static final Duration FAULTS = Duration.ofSeconds(8);
  private static final Duration WHOLE = Duration.ofSeconds(40);
  private static final Duration ANSWER = Duration.ofSeconds(3);

  @Property(tries = 500)
  void whatIsShownOrAcknowledgedIsOnAMajorityAndAllAgreeInTheEnd(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int minority) {
    World world = new World(new Random(seed), 2 * minority + 1);
    world.run(FAULTS.toMillis());
    world.heal();
    world.run(FAULTS.plus(WHOLE).toMillis());
    world.assertEqualAndShown();
  }

  private record Event(long at, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
    }
  }

  private static final class World {
    private final Random random;
    private final List<String> names;
    private final List<Server> servers;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Set<String> cut = new HashSet<>();
    private final double loss;
    private boolean whole;
    private long now;
    private long numbers;

    World(Random random, int size) {
      this.random = random;
      this.names = IntStream.range(0, size).mapToObj(i -> "s" + i).toList();
      this.loss = random.nextDouble() * 0.4;
      this.servers = names.stream().map(Server::new).toList();
      servers.forEach(Server::start);
      names.forEach(this::trouble);
    }

    private Server server(String name) {
      return servers.get(names.indexOf(name));
    }

    void at(long delay, Runnable action) {
      events.add(new Event(now + delay, numbers++, action));
    }

    void run(long until) {
      while (!events.isEmpty() && events.element().at() <= until) {
        Event next = events.remove();
        now = next.at();
        next.action().run();
      }
      now = until;
    }

    /** What happens to a server, and what its authors do, now and then. */
    private void trouble(String name) {
      at(
          random.nextInt(400),
          () -> {
            if (whole) {
              return;
            }
            Server server = server(name);
            String other = names.get(random.nextInt(names.size()));
            switch (random.nextInt(12)) {
              case 0 -> server.end();
              case 1, 2 -> server.start();
              case 3 -> cut.add(link(name, other));
              case 4, 5 -> cut.remove(link(name, other));
              default -> server.make(1 + random.nextInt(3));
            }
            trouble(name);
          });
    }

    void heal() {
      whole = true;
      cut.clear();
      servers.forEach(Server::start);
    }

    private static String link(String one, String other) {
      return one.compareTo(other) < 0 ? one + other : other + one;
    }

    private boolean passes(String from, String to) {
      return whole || (!cut.contains(link(from, to)) && random.nextDouble() >= loss);
    }

    /** A message on its way; whoever runs there then gets it. */
    void send(String from, String to, Consumer<Server> what) {
      if (passes(from, to)) {
        at(
            1 + random.nextInt(whole ? 5 : 300),
            () -> {
              if (server(to).up) {
                what.accept(server(to));
              }
            });
      }
    }

    private void assertOnMajority(String shownBy, Origin origin, long sequence) {
      long holders =
          servers.stream()
              .filter(
                  server ->
                      server.name.equals(shownBy) || server.log.vector().covers(origin, sequence))
              .count();
      assertThat(holders)
          .as("%s counts %s %d as safe", shownBy, origin, sequence)
          .isGreaterThan(names.size() / 2);
    }

    void assertEqualAndShown() {
      VersionVector all = servers.getFirst().log.vector();
      for (Server server : servers) {
        assertThat(server.log.vector()).as(server.name).isEqualTo(all);
        assertThat(server.shown.covers(all)).as("%s shows all", server.name).isTrue();
      }
    }

    private final class Server {
      final String name;
      MemoryLog log;
      VersionVector shown = new VersionVector();
      boolean up;
      private AntiEntropy rules;
      private int life;
      private final Map<Long, OpId> awaited = new HashMap<>();
      private final Map<Long, Consumer<ChatMessage>> asked = new HashMap<>();

      Server(String name) {
        this.name = name;
        this.log = new MemoryLog(new Origin(name, 0));
        this.rules = rules();
      }

      private AntiEntropy rules() {
        return new AntiEntropy(
            new ReplicationSettings(log.self, names, AckPolicy.MAJORITY, Duration.ofSeconds(5)),
            true);
      }

      void start() {
        if (up) {
          return;
        }
        MemoryLog disk = new MemoryLog(new Origin(name, ++life));
        disk.take(new LogUse.PulledBy(0), log.ops);
        log = disk;
        shown = new VersionVector();
        awaited.clear();
        asked.clear();
        rules = rules();
        up = true;
        others().forEach(other -> step(new AntiEntropyInput.CompareAsked(other)));
        repeat(250, this::tick);
        repeat(10_000, this::sync);
      }

      void end() {
        up = false;
      }

      private void repeat(long millis, Runnable action) {
        int mine = life;
        at(
            millis,
            () -> {
              if (up && life == mine) {
                action.run();
                repeat(millis, action);
              }
            });
      }

      private void tick() {
        step(new AntiEntropyInput.Tick());
      }

      private void sync() {
        String peer = others().get(random.nextInt(names.size() - 1));
        step(new AntiEntropyInput.CompareAsked(peer));
      }

      private List<String> others() {
        return names.stream().filter(other -> !other.equals(name)).toList();
      }

      void make(int count) {
        if (!up) {
          return;
        }
        List<Op> made = log.make(count);
        step(new AntiEntropyInput.Made(made));
        OpId last = new OpId(log.self, log.vector().of(log.self));
        long ticket = numbers++;
        awaited.put(ticket, last);
        step(new AntiEntropyInput.Awaited(ticket, last, false));
      }

      private void step(AntiEntropyInput input) {
        List<AntiEntropyEffect> effects =
            new ArrayList<>(rules.step(Duration.ofMillis(now).toNanos(), log, input));
        effects.forEach(this::carryOut);
      }

      private void carryOut(AntiEntropyEffect effect) {
        switch (effect) {
          case AntiEntropyEffect.Publish(var ops) -> {
            for (String other : others()) {
              send(name, other, to -> to.step(new AntiEntropyInput.Published(ops)));
            }
          }
          case AntiEntropyEffect.Tell(var peer, var have) ->
              send(name, peer, to -> to.step(new AntiEntropyInput.Told(have)));
          case AntiEntropyEffect.Compare(var peer, var have) ->
              ask(peer, request -> new AntiEntropyInput.ComparedBy(request, have));
          case AntiEntropyEffect.Pull(var peer, var fetch) ->
              ask(peer, request -> new AntiEntropyInput.PulledBy(request, fetch));
          case AntiEntropyEffect.Push(var peer, var ops) ->
              ask(peer, request -> new AntiEntropyInput.PushedBy(request, ops));
          case AntiEntropyEffect.Take(var use, var ops) -> logged(() -> log.take(use, ops));
          case AntiEntropyEffect.Read(var use, var beyond, var limit) ->
              logged(() -> new AntiEntropyInput.Found(use, log.beyond(beyond, limit)));
          case AntiEntropyEffect.Answer(var request, var message) ->
              Objects.requireNonNull(asked.remove(request)).accept(message);
          case AntiEntropyEffect.Confirm(var ticket) -> {
            OpId op = Objects.requireNonNull(awaited.remove(ticket));
            assertOnMajority(name, op.origin(), op.sequence());
          }
          case AntiEntropyEffect.Safe(var origin, var sequence) -> {
            assertOnMajority(name, origin, sequence);
            assertThat(sequence).isGreaterThan(shown.of(origin));
            shown.put(origin, sequence);
          }
          case AntiEntropyEffect.GiveUp(var ticket, var why) -> awaited.remove(ticket);
          case AntiEntropyEffect.MarkComplete _, AntiEntropyEffect.Refuse _ ->
              throw new AssertionError(effect);
          case AntiEntropyEffect.Compared _,
              AntiEntropyEffect.NotCompared _,
              AntiEntropyEffect.NotKept _ -> {}
        }
      }

      /** The disk takes its time; nobody hears of what it did who has ended meanwhile. */
      private void logged(Supplier<AntiEntropyInput> work) {
        int mine = life;
        at(
            random.nextInt(20),
            () -> {
              if (up && life == mine) {
                step(work.get());
              }
            });
      }

      private void ask(String peer, LongFunction<AntiEntropyInput> question) {
        int mine = life;
        boolean[] over = new boolean[1];
        Consumer<AntiEntropyInput> answered =
            input -> {
              if (up && life == mine && !over[0]) {
                over[0] = true;
                step(input);
              }
            };
        at(
            ANSWER.toMillis(),
            () ->
                answered.accept(
                    new AntiEntropyInput.PeerFailed(peer, new IllegalStateException("late"))));
        send(
            name,
            peer,
            to -> {
              long request = numbers++;
              to.asked.put(
                  request,
                  message -> send(peer, name, from -> answered.accept(input(peer, message))));
              to.step(question.apply(request));
            });
      }

      private static AntiEntropyInput input(String peer, ChatMessage message) {
        return switch (message) {
          case Have have -> new AntiEntropyInput.PeerHas(peer, have);
          case Replicate ops -> new AntiEntropyInput.PeerGave(peer, ops);
          default -> throw new AssertionError(message);
        };
      }
    }
  }
}
