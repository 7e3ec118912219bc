package dev.batuta.simulation.dispatch;

import dev.batuta.codec.Message;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import dev.batuta.simulation.control.Timeline;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** Servers, workers, who submits, the network between them and the database. */
final class World {
  /** A user whose tasks always fail. */
  static final String POISON = "poison";

  static final List<String> USERS = List.of("u1", "u2", "u3", "u4", "u5");

  private static final long MILLI = 1_000;
  private static final long SECOND = 1_000_000;
  private static final long START_MILLIS = 1_700_000_000_000L;

  /** How long a server is away before its queue is taken. */
  private static final long GRACE_MILLIS = 2_000;

  final Timeline timeline = new Timeline();
  final Random random;
  final Mutation mutation;
  final Invariants invariants;
  final StoreModel model;
  final LedgerProcedures ledger;
  final SimulatedNetwork network;
  final SimulatedDatabase database;
  final List<SimulatedServer> servers = new ArrayList<>();
  final List<SimulatedWorker> workers = new ArrayList<>();
  final SimulatedClient client;

  /** All faults are over, and nobody decides on tasks any more. */
  boolean calm;

  private final QueueProcedures queues;
  private final List<Long> awaySince = new ArrayList<>();
  private final List<String> trace;

  /**
   * @param seed all chance comes from it
   * @param trace gets a line for each thing that happens, when wanted
   */
  World(long seed, int servers, int workers, Mutation mutation, List<String> trace) {
    this.random = new Random(seed);
    this.mutation = mutation;
    this.trace = trace;
    this.invariants = new Invariants(this);
    this.model = new StoreModel(this::nowMillis, invariants, mutation);
    this.queues = new QueueProcedures(model);
    this.ledger = new LedgerProcedures(model);
    this.network = new SimulatedNetwork(this);
    this.database = new SimulatedDatabase(this);
    ledger.poison = POISON;
    USERS.forEach(user -> ledger.create(user, new BigDecimal("100"), BigDecimal.ZERO));
    for (int i = 1; i <= servers; i++) {
      this.servers.add(new SimulatedServer(this, "s" + i));
      awaySince.add(0L);
    }
    for (int i = 1; i <= workers; i++) {
      // Each server has one at least: nobody lends it any here.
      String home = "s" + (i <= servers ? i : 1 + random.nextInt(servers));
      this.workers.add(new SimulatedWorker(this, "w" + i, home, 1 + random.nextInt(25)));
    }
    this.client = new SimulatedClient(this, "client");
    client.start();
    coordinate();
  }

  /** Somebody gives the queues of servers that are away to others. */
  private void coordinate() {
    for (int i = 0; i < servers.size(); i++) {
      SimulatedServer server = servers.get(i);
      if (server.runs() && !server.isPaused()) {
        awaySince.set(i, nowMillis());
      } else if (nowMillis() - awaySince.get(i) >= GRACE_MILLIS) {
        take(server);
      }
    }
    timeline.after(SECOND / 2, this::coordinate);
  }

  /** Takes the queue of a server, for somebody who lives, whether that server is away or not. */
  void take(SimulatedServer server) {
    List<SimulatedServer> living =
        servers.stream().filter(other -> other != server && other.runs()).toList();
    if (!living.isEmpty() && !database.down) {
      SimulatedServer heir = living.get(random.nextInt(living.size()));
      if (queues.take(server.name, heir.name)) {
        note(server.name, "loses its queue", "to " + heir.name);
      }
    }
  }

  /**
   * Who may have the tasks of a server, as that believes: some other, which may have gone since.
   */
  Optional<String> relief(SimulatedServer of) {
    List<SimulatedServer> others =
        servers.stream()
            .filter(other -> other != of && other.runs())
            .filter(other -> other.queue().farm().stream().anyMatch(farm -> farm.serving() > 0))
            .toList();
    return others.isEmpty()
        ? Optional.empty()
        : Optional.of(others.get(random.nextInt(others.size())).name);
  }

  /** As workers see them: one that hangs is in sight for a while. */
  List<String> liveServers() {
    List<String> live = new ArrayList<>();
    for (int i = 0; i < servers.size(); i++) {
      if (servers.get(i).runs() && nowMillis() - awaySince.get(i) < SECOND / MILLI) {
        live.add(servers.get(i).name);
      }
    }
    return live;
  }

  boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  long nowMillis() {
    return START_MILLIS + timeline.nowMicros() / MILLI;
  }

  void runUntil(long micros) {
    timeline.runUntil(micros, invariants::check);
  }

  void note(String who, String event, String detail) {
    if (!(trace instanceof Untraced)) {
      double at = timeline.nowMicros() / 1e6;
      trace.add(
          String.format(
              Locale.ROOT,
              "%8.3f  %-6s %s%s",
              at,
              who,
              event,
              detail.isEmpty() ? "" : ": " + detail));
    }
  }

  /** What is asked, in short. */
  void tell(String from, String to, Message message) {
    if (!(trace instanceof Untraced) && !(message instanceof WorkerAlive)) {
      String detail =
          switch (message) {
            case Run run ->
                "term %d, registration %d, tasks %s"
                    .formatted(
                        run.term(),
                        run.registration(),
                        run.tasks().stream()
                            .map(task -> Invariants.show(task.id()) + "/" + task.attempt())
                            .toList());
            case Report report ->
                "registration %d, tasks %s"
                    .formatted(
                        report.registration(),
                        report.outcomes().stream()
                            .map(task -> Invariants.show(task.id()) + "/" + task.attempt())
                            .toList());
            case Submit submit -> submit.key() + ", " + submit.tasks().size() + " tasks";
            default -> message.toString();
          };
      note(from, message.getClass().getSimpleName() + " to " + to, detail);
    }
  }

  void tellRefusal(String from, Message message, Throwable why) {
    note(from, "refuses " + message.getClass().getSimpleName(), String.valueOf(why.getMessage()));
  }

  /** Where traces go that nobody wants: nothing is formatted for it. */
  static final class Untraced extends ArrayList<String> {
    private static final long serialVersionUID = 1;
  }
}
