package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Replicate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Replicas on a network and on disks that do what chance says, and what they promise: what is shown
 * or acknowledged is on a majority's disks at that moment, and none of it is lost.
 */
final class ReplicaWorld {
  private static final Duration ANSWER = Duration.ofSeconds(3);

  private final Random random;
  private final List<String> names;
  private final List<Server> servers;
  private final Agenda agenda = new Agenda();
  private final Set<String> cut = new HashSet<>();
  private final List<OpId> acknowledged = new ArrayList<>();
  private final Faults faults;
  private final double loss;
  private boolean whole;
  private long made;
  private long sentAgain;
  private long numbers;

  ReplicaWorld(Random random, int size, Faults faults) {
    this.random = random;
    this.faults = faults;
    this.names = IntStream.range(0, size).mapToObj(i -> "s" + i).toList();
    this.loss = faults == Faults.ALL ? random.nextDouble() * 0.4 : 0;
    boolean isNew = faults == Faults.ALL && random.nextBoolean();
    this.servers = names.stream().map(name -> new Server(name, !isNew)).toList();
    servers.forEach(Server::start);
    if (faults != Faults.NONE) {
      names.forEach(name -> trouble(server(name)));
    }
    if (faults == Faults.ALL) {
      split();
    }
  }

  Server server(String name) {
    return servers.get(names.indexOf(name));
  }

  void run(long until) {
    agenda.run(until);
  }

  /** What happens to a server, and what its authors do, now and then. */
  private void trouble(Server server) {
    agenda.after(
        random.nextInt(faults == Faults.ALL ? 400 : 80),
        () -> {
          if (whole) {
            return;
          }
          switch (faults == Faults.ALL ? random.nextInt(12) : 12) {
            case 0 -> server.end();
            case 1, 2, 3 -> server.start();
            case 4, 5 -> erase(random.nextBoolean() ? server : any(holdersOfRarest()));
            default -> server.make(1 + random.nextInt(3));
          }
          trouble(server);
        });
  }

  /** The network falls into two parts, or is whole again. */
  private void split() {
    if (!whole) {
      List<Server> rare = holdersOfRarest();
      split(
          switch (random.nextInt(4)) {
            case 0 -> Set.of();
            case 1 -> Set.of(any(rare).name);
            case 2 -> rare.stream().map(server -> server.name).collect(Collectors.toSet());
            default ->
                names.stream().filter(name -> random.nextBoolean()).collect(Collectors.toSet());
          });
      agenda.after(random.nextInt(2_500), this::split);
    }
  }

  /** Those who have what is nearest to being lost, of what was acknowledged lately. */
  private List<Server> holdersOfRarest() {
    return acknowledged.stream()
        .skip(Math.max(0, acknowledged.size() - 10))
        .map(this::holders)
        .min(Comparator.comparingInt(List::size))
        .orElse(servers);
  }

  private List<Server> holders(OpId op) {
    return servers.stream()
        .filter(server -> server.log.vector().covers(op.origin(), op.sequence()))
        .toList();
  }

  private Server any(List<Server> some) {
    return some.get(random.nextInt(some.size()));
  }

  /** Nothing passes between some servers and the others. */
  void split(Set<String> part) {
    cut.clear();
    for (String one : part) {
      names.stream()
          .filter(other -> !part.contains(other))
          .forEach(other -> cut.add(link(one, other)));
    }
  }

  /** Takes a server's disk, unless as many are gone as may be at once. */
  void erase(Server server) {
    long gone = servers.stream().filter(other -> other != server && !other.log.complete()).count();
    if (gone < names.size() / 2) {
      server.end();
      server.log = new MemoryLog(server.log.self, false);
      acknowledged.forEach(this::assertNotLost);
    }
  }

  private void assertNotLost(OpId op) {
    assertThat(holders(op)).as("%s was acknowledged", op).isNotEmpty();
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
      after(
          from + to,
          1 + random.nextInt(whole ? 5 : 300),
          () -> {
            if (server(to).up) {
              what.accept(server(to));
            }
          });
    }
  }

  private void after(String way, long delay, Runnable action) {
    if (faults == Faults.LATE) {
      agenda.inOrder(way, delay, action);
    } else {
      agenda.after(delay, action);
    }
  }

  /** Where a disk is gone, it may be that it had it when it said so. */
  private void assertOnMajority(String shownBy, Origin origin, long sequence) {
    long holders =
        servers.stream()
            .filter(
                server ->
                    server.name.equals(shownBy)
                        || !server.log.complete()
                        || server.log.vector().covers(origin, sequence))
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
      assertThat(server.log.complete()).as("%s counts", server.name).isTrue();
    }
    acknowledged.forEach(this::assertNotLost);
  }

  /** What a majority was said to have. */
  List<OpId> acknowledged() {
    return acknowledged;
  }

  /** How often an op was sent by a comparison, of the times that one had to be sent at all. */
  double sentAgain() {
    return (double) sentAgain / (made * (names.size() - 1));
  }

  final class Server {
    final String name;
    MemoryLog log;
    VersionVector shown = new VersionVector();
    boolean up;
    private AntiEntropy rules;
    private int life;
    private final Map<Long, OpId> awaited = new HashMap<>();
    private final Map<Long, Consumer<ChatMessage>> asked = new HashMap<>();

    Server(String name, boolean complete) {
      this.name = name;
      this.log = new MemoryLog(new Origin(name, 0), complete);
      this.rules = rules();
    }

    private AntiEntropy rules() {
      return new AntiEntropy(
          new ReplicationSettings(log.self, names, AckPolicy.MAJORITY, Duration.ofSeconds(5)),
          log.complete());
    }

    void start() {
      if (up) {
        return;
      }
      MemoryLog disk = new MemoryLog(new Origin(name, ++life), log.complete());
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
      agenda.after(
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
      made += count;
      step(new AntiEntropyInput.Made(log.make(count)));
      OpId last = new OpId(log.self, log.vector().of(log.self));
      long ticket = numbers++;
      awaited.put(ticket, last);
      step(new AntiEntropyInput.Awaited(ticket, last, false));
    }

    private void step(AntiEntropyInput input) {
      List<AntiEntropyEffect> effects =
          new ArrayList<>(rules.step(Duration.ofMillis(agenda.now()).toNanos(), log, input));
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
        case AntiEntropyEffect.Push(var peer, var ops) -> {
          sentAgain += ops.ops().size();
          ask(peer, request -> new AntiEntropyInput.PushedBy(request, ops));
        }
        case AntiEntropyEffect.Take(var use, var ops) -> logged(() -> log.take(use, ops));
        case AntiEntropyEffect.Read(var use, var beyond, var limit) ->
            logged(() -> new AntiEntropyInput.Found(use, log.beyond(beyond, limit)));
        case AntiEntropyEffect.Answer(var request, var message) ->
            Objects.requireNonNull(asked.remove(request)).accept(message);
        case AntiEntropyEffect.Confirm(var ticket) -> {
          OpId op = Objects.requireNonNull(awaited.remove(ticket));
          assertOnMajority(name, op.origin(), op.sequence());
          acknowledged.add(op);
        }
        case AntiEntropyEffect.Safe(var origin, var sequence) -> {
          assertOnMajority(name, origin, sequence);
          assertThat(sequence).isGreaterThan(shown.of(origin));
          shown.put(origin, sequence);
        }
        case AntiEntropyEffect.GiveUp(var ticket, var why) -> awaited.remove(ticket);
        case AntiEntropyEffect.Mark(var complete) ->
            logged(
                () -> {
                  log.complete = complete;
                  return new AntiEntropyInput.MarkEnded();
                });
        case AntiEntropyEffect.Refuse _ -> throw new AssertionError(effect);
        case AntiEntropyEffect.Compared _,
            AntiEntropyEffect.NotCompared _,
            AntiEntropyEffect.NotKept _ -> {}
      }
    }

    /** The disk takes its time; nobody hears of what it did who has ended meanwhile. */
    private void logged(Supplier<AntiEntropyInput> work) {
      int mine = life;
      after(
          name,
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
      agenda.after(
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

    private AntiEntropyInput input(String peer, ChatMessage message) {
      return switch (message) {
        case Have have -> new AntiEntropyInput.PeerHas(peer, have);
        case Replicate ops -> {
          sentAgain += ops.ops().size();
          yield new AntiEntropyInput.PeerGave(peer, ops);
        }
        default -> throw new AssertionError(message);
      };
    }
  }
}
