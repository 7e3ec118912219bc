package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ChatMessage.Replicate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Replicas on a network and on disks that do what chance says. */
final class ReplicaWorld {
  private static final Duration ANSWER = Duration.ofSeconds(3);

  private final Random random;
  private final List<String> names;
  private final List<Server> servers;
  final ReplicaPromises promises;
  private final Agenda agenda = new Agenda();
  private final Set<String> cut = new HashSet<>();
  private final Follower follower = new Follower();
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
    this.promises = new ReplicaPromises(servers, follower);
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
          switch (faults == Faults.ALL ? random.nextInt(14) : 14) {
            case 0 -> server.end();
            case 1, 2, 3 -> server.start();
            case 4, 5 -> erase(random.nextBoolean() ? server : any(promises.holdersOfRarest()));
            case 6, 7 -> follow(server);
            default -> server.make(1 + random.nextInt(3));
          }
          trouble(server);
        });
  }

  /** The network falls into two parts, or is whole again. */
  private void split() {
    if (!whole) {
      List<Server> rare = promises.holdersOfRarest();
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
      server.log = new MemoryLog(server.log.self, false, server.readsFolds);
      promises.assertNothingLost();
    }
  }

  /** Whether a subscriber went on at a server: if that is there, and has what was delivered. */
  boolean follow(Server server) {
    return server.up && server.readsFolds && follower.follow(server.log, server.marks);
  }

  long now() {
    return agenda.now();
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
    if (faults == Faults.ALL) {
      agenda.after(delay, action);
    } else {
      agenda.inOrder(way, delay, action);
    }
  }

  /** How often an op was sent by a comparison, of the times that one had to be sent at all. */
  double sentAgain() {
    return (double) sentAgain / (made * (names.size() - 1));
  }

  final class Server {
    final String name;
    MemoryLog log;
    HighWatermark marks = new HighWatermark(false);
    boolean up;

    /** False for a server of the release before. */
    boolean readsFolds = true;

    /** How many origins it told others the last time. */
    int told;

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
      MemoryLog disk = new MemoryLog(new Origin(name, ++life), log.complete(), readsFolds);
      disk.take(new LogUse.PulledBy(0), log.ops);
      log = disk;
      marks = new HighWatermark(false);
      marks.startWith(log.vector());
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
      String peer =
          coordinator()
              .filter(coordinator -> !coordinator.equals(name))
              .orElseGet(() -> others().get(random.nextInt(names.size() - 1)));
      step(new AntiEntropyInput.CompareAsked(peer));
    }

    /** The last of those that run in its part of the network: another one now and then. */
    private Optional<String> coordinator() {
      return servers.stream()
          .filter(server -> server.up && (whole || !cut.contains(link(name, server.name))))
          .map(server -> server.name)
          .reduce((one, behind) -> behind);
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
            send(name, peer, to -> to.step(new AntiEntropyInput.Told(read(to, have))));
        case AntiEntropyEffect.Compare(var peer, var have) ->
            ask(
                peer,
                request -> new AntiEntropyInput.ComparedBy(request, read(server(peer), have)));
        case AntiEntropyEffect.Pull(var peer, var fetch) ->
            ask(peer, request -> new AntiEntropyInput.PulledBy(request, read(server(peer), fetch)));
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
          promises.assertOnMajority(name, op.origin(), op.sequence());
          promises.acknowledged().add(op);
        }
        case AntiEntropyEffect.Safe(var origin, var sequence) -> {
          promises.assertOnMajority(name, origin, sequence);
          assertThat(marks.covers(origin, sequence))
              .as("%s %d is news", origin, sequence)
              .isFalse();
          marks.rise(origin, sequence);
        }
        case AntiEntropyEffect.GiveUp(var ticket, var why) -> awaited.remove(ticket);
        case AntiEntropyEffect.Mark(var complete) -> {
          promises.marked(complete);
          logged(
              () -> {
                log.complete = complete;
                return new AntiEntropyInput.MarkEnded();
              });
        }
        case AntiEntropyEffect.Fold(var parents, var lasts) -> {
          lasts.forEach(last -> promises.assertOnMajority(name, last.origin(), last.sequence()));
          logged(
              () -> {
                made++;
                step(new AntiEntropyInput.Made(List.of(log.fold(parents, lasts))));
                return new AntiEntropyInput.FoldEnded();
              });
        }
        case AntiEntropyEffect.Refuse(var request, var why) -> {
          assertThat(faults).as(why.getMessage()).isEqualTo(Faults.ALL);
          asked.remove(request);
        }
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

    /** What another server reads of what this one says. */
    private Have read(Server by, Have have) {
      told = have.vector().size();
      return readsFolds && by.readsFolds ? have : ReleaseBefore.read(have);
    }

    private Fetch read(Server by, Fetch fetch) {
      return readsFolds && by.readsFolds ? fetch : ReleaseBefore.read(fetch);
    }

    private AntiEntropyInput input(String peer, ChatMessage message) {
      return switch (message) {
        case Have have -> new AntiEntropyInput.PeerHas(peer, server(peer).read(this, have));
        case Replicate ops -> {
          sentAgain += ops.ops().size();
          yield new AntiEntropyInput.PeerGave(peer, ops);
        }
        default -> throw new AssertionError(message);
      };
    }
  }
}
