package dev.batuta.gateway.foreign;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.ForeignMaster;
import dev.batuta.codec.LendingMessage.LendingNews;
import dev.batuta.codec.LendingMessage.NoWorkers;
import dev.batuta.codec.LendingMessage.ReleaseAck;
import dev.batuta.codec.LendingMessage.ReleaseCompleted;
import dev.batuta.codec.LendingMessage.WorkerRequest;
import dev.batuta.codec.LendingMessage.WorkersLent;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.gateway.foreign.Said.Greeting;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Masters of other implementations, for the lending of this node's server: what it says to one goes
 * out in the protocol of those, what they say comes to it as from a peer of its own. The rules of
 * lending are there, not here. Belongs to the event loop of the door.
 */
final class ForeignPeers {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignPeers.class);

  /** Masters that nobody configured and that have asked for workers. */
  private static final int MAX_STRANGERS = 1_000;

  /** Within 5 s a borrower decides. */
  private static final long ANSWERED_MILLIS = 4_000;

  private static final List<Greeting> GREETINGS =
      List.of(Greeting.SERVER_UUID, Greeting.SERVER_ALIVE, Greeting.SERVER_ID);

  private static final class Master {
    final String name;
    final boolean configured;
    Transport transport;
    @Nullable Endpoint endpoint;

    /** Address from which it is seen to come. */
    String address = "";

    /** Whether its name is known on the bus. */
    Future<Void> listened = Future.succeededFuture();

    int greeting;

    /** Its last request, until it is answered. */
    @Nullable Talk asking;

    long number;
    @Nullable Talk releasing;

    /** The request of this node's server, and what came of it; null while it is not known. */
    long borrowing;

    @Nullable LendingMessage lent;
    boolean givingBack;

    Master(String name, boolean configured, Transport transport) {
      this.name = name;
      this.configured = configured;
      this.transport = transport;
    }
  }

  private final Timers timers;
  private final Bus bus;
  private final MasterLine line;
  private final OwnEndpoints own;
  private final Borrowed borrowed;
  private final Predicate<String> isNode;
  private final BooleanSupplier isServer;
  private final Map<String, Master> masters = new LinkedHashMap<>();
  private final Map<String, String> names = new HashMap<>();
  private long numbers = System.currentTimeMillis();

  /**
   * @param borrowed is told of the workers that come
   * @param isNode whether a name is that of a node of this cluster, which no other master may take
   * @param isServer whether this node is a server: none other lends or borrows
   */
  ForeignPeers(
      Timers timers,
      Bus bus,
      MasterLine line,
      List<ForeignPeer> configured,
      OwnEndpoints own,
      Borrowed borrowed,
      Predicate<String> isNode,
      BooleanSupplier isServer) {
    this.timers = timers;
    this.bus = bus;
    this.line = line;
    this.own = own;
    this.borrowed = borrowed;
    this.isNode = isNode;
    this.isServer = isServer;
    for (ForeignPeer peer : configured) {
      Master master = new Master(peer.name(), true, peer.transport());
      master.endpoint = peer.endpoint();
      master.address = peer.host();
      masters.put(peer.name(), master);
    }
  }

  /** Hears the lending of this node's server from now on. */
  Future<Void> start() {
    return Future.all(List.copyOf(masters.values()).stream().map(this::listen).toList()).mapEmpty();
  }

  Future<Void> stop() {
    return Future.join(
            masters.keySet().stream()
                .map(name -> bus.withdraw(Addresses.foreignMaster(bus.node(), name)))
                .toList())
        .mapEmpty();
  }

  private Future<Void> listen(Master master) {
    return bus.listen(
        Addresses.foreignMaster(bus.node(), master.name), envelope -> say(master, envelope));
  }

  /** Where a master is, by its name. */
  Optional<Endpoint> endpoint(String name, Transport transport) {
    Master master = masters.get(name);
    return master == null || master.endpoint == null || master.transport != transport
        ? Optional.empty()
        : Optional.of(master.endpoint);
  }

  /** The name of a master by the id that it gives itself; where it has none, the id. */
  String nameOf(String id) {
    return names.getOrDefault(id, id);
  }

  // --- what they say

  void heartbeat(Talk talk, Said.Heartbeat said) {
    talk.say(Words.alive(said, bus.node()));
    Master master = known(said.server(), null, talk);
    if (master != null && master.configured) {
      master.greeting = GREETINGS.indexOf(said.greeting());
      alive(master, said.server(), talk.remoteHost());
    }
  }

  void request(Talk talk, Said.WorkerRequest said) {
    Master asks = isServer.getAsBoolean() ? asking(talk, said) : null;
    if (asks == null) {
      talk.say(Words.workerResponse(bus.node(), List.of()));
      return;
    }
    if (!asks.configured && said.from() != null) {
      asks.endpoint = said.from();
      asks.transport = talk.transport();
    }
    long number = ++numbers;
    asks.asking = talk;
    asks.number = number;
    asks.listened.onSuccess(
        listened -> {
          toLending(new ForeignMaster(asks.name, asks.configured));
          toLending(new WorkerRequest(asks.name, number, said.needed()));
        });
    timers.after(ANSWERED_MILLIS, () -> respond(asks, number, List.of()));
  }

  private @Nullable Master asking(Talk talk, Said.WorkerRequest said) {
    Master known = known(said.server(), said.from(), talk);
    return known != null ? known : stranger(talk, said);
  }

  void release(Talk talk, Said.Release said) {
    Master master = known(said.server(), null, talk);
    if (master == null || !isServer.getAsBoolean()) {
      talk.say(Words.released(bus.node(), "RELEASE_ACK", said.workers()));
      return;
    }
    master.releasing = talk;
    toLending(new ForeignMaster(master.name, master.configured));
    toLending(new CommandRelease(master.name, said.workers()));
  }

  void completed(Talk talk, Said.ReleaseCompleted said) {
    Master master = known(said.server(), null, talk);
    if (master != null) {
      toLending(new ReleaseCompleted(master.name, said.workers()));
    }
  }

  /** By its id, else by where it says that it is, else by where it comes from. */
  private @Nullable Master known(@Nullable String id, @Nullable Endpoint from, Talk talk) {
    Master byId = id == null ? null : masters.get(nameOf(id));
    if (byId != null) {
      return byId;
    }
    List<Master> there =
        masters.values().stream()
            .filter(
                master ->
                    from != null
                        ? from.equals(master.endpoint)
                        : master.configured && master.address.equals(talk.remoteHost()))
            .toList();
    return there.size() == 1 ? there.getFirst() : null;
  }

  /** One that nobody configured, by what it says of itself. */
  private @Nullable Master stranger(Talk talk, Said.WorkerRequest said) {
    String id = said.server();
    String name = id != null ? id : said.from() != null ? said.from().text() : null;
    if (name == null || name.length() > 64 || isNode.test(name)) {
      return null;
    }
    makeRoom();
    Transport transport = talk.transport();
    Master stranger = new Master(name, false, transport);
    masters.put(name, stranger);
    stranger.listened = listen(stranger);
    return stranger;
  }

  /** The stranger that came first goes when there are too many. */
  private void makeRoom() {
    List<String> strangers =
        masters.values().stream().filter(each -> !each.configured).map(each -> each.name).toList();
    if (strangers.size() >= MAX_STRANGERS) {
      masters.remove(strangers.getFirst());
      bus.withdraw(Addresses.foreignMaster(bus.node(), strangers.getFirst()));
    }
  }

  private void alive(Master master, @Nullable String id, String address) {
    learn(master, id);
    master.address = address.isEmpty() ? master.address : address;
    toLending(new ForeignMaster(master.name, true));
  }

  /** Some echo the id of whoever greets them; a node of this cluster is no other master. */
  private void learn(Master master, @Nullable String id) {
    if (id != null && !isNode.test(id) && names.size() < MAX_STRANGERS) {
      names.put(id, master.name);
    }
  }

  private void toLending(LendingMessage message) {
    bus.send(Addresses.lending(bus.node()), message);
  }

  // --- what the lending of this node's server says

  private void say(Master to, Envelope envelope) {
    if (envelope.message() instanceof LendingMessage message) {
      switch (message) {
        case WorkersLent(_, long number, List<String> workers) -> respond(to, number, workers);
        case NoWorkers(_, long number, _) -> respond(to, number, List.of());
        case ReleaseAck(_, List<String> workers) -> {
          Talk talk = to.releasing;
          to.releasing = null;
          if (talk != null) {
            talk.say(Words.released(bus.node(), "RELEASE_ACK", workers));
          }
        }
        case ReleaseCompleted(_, List<String> workers) ->
            tell(to, Words.released(bus.node(), "RELEASE_COMPLETED", workers));
        case WorkerRequest(_, long number, int needed) -> borrow(to, number, needed);
        case CommandRelease(_, List<String> workers) -> giveBack(to, workers);
        case ForeignMaster _, LendingNews _ -> {}
      }
    }
  }

  private void respond(Master to, long number, List<String> workers) {
    Talk talk = to.asking;
    if (talk != null && to.number == number) {
      to.asking = null;
      talk.say(Words.workerResponse(bus.node(), workers));
    }
  }

  /** Once for each number: asked again, a master of another implementation may lend again. */
  private void borrow(Master from, long number, int needed) {
    if (from.borrowing == number) {
      if (from.lent != null) {
        toLending(from.lent);
      }
      return;
    }
    from.borrowing = number;
    from.lent = null;
    ask(from, local -> Words.workerRequest(bus.node(), needed, own.of(from.transport, local)))
        .onComplete(answer -> borrowed(from, number, answer.succeeded() ? answer.result() : null));
  }

  private void borrowed(Master from, long number, @Nullable Said answer) {
    List<String> workers = List.of();
    if (answer instanceof Said.WorkerResponse response) {
      workers = response.workers();
      learn(from, response.server());
    }
    workers.forEach(worker -> borrowed.expect(worker, from.name));
    LendingMessage news =
        workers.isEmpty()
            ? new NoWorkers(from.name, number, "it has none to spare")
            : new WorkersLent(from.name, number, workers);
    if (from.borrowing == number) {
      from.lent = news;
    }
    toLending(news);
  }

  private void giveBack(Master to, List<String> workers) {
    if (to.givingBack) {
      return;
    }
    to.givingBack = true;
    ask(to, local -> Words.release(bus.node(), workers))
        .onComplete(
            answer -> {
              to.givingBack = false;
              if (answer.succeeded()
                  && answer.result() instanceof Said.ReleaseAck(_, List<String> noted)) {
                toLending(new ReleaseAck(to.name, noted.isEmpty() ? workers : noted));
              }
            });
  }

  // --- connections to them

  /** Greets all that are configured; to be called every few seconds. */
  void greet() {
    for (Master master : masters.values()) {
      if (master.configured) {
        Greeting greeting = GREETINGS.get(master.greeting);
        ask(master, local -> Words.heartbeat(greeting, bus.node()))
            .onComplete(
                answer -> {
                  if (answer.succeeded() && answer.result() instanceof Said.HeartbeatAnswer said) {
                    alive(master, said.server(), "");
                  } else {
                    // It may speak another dialect.
                    master.greeting = (master.greeting + 1) % GREETINGS.size();
                  }
                });
      }
    }
  }

  private Future<Said> ask(Master master, Function<String, JsonObject> question) {
    Endpoint to = master.endpoint;
    return to == null
        ? Future.failedFuture("it did not say where it is")
        : line.ask(to, master.transport, question).onFailure(lost -> note(master, lost));
  }

  private void tell(Master master, JsonObject message) {
    Endpoint to = master.endpoint;
    if (to != null) {
      line.tell(to, master.transport, message).onFailure(lost -> note(master, lost));
    }
  }

  private static void note(Master master, Throwable lost) {
    LOG.atDebug()
        .addKeyValue("master", master.name)
        .addKeyValue("why", lost.getMessage())
        .log("a foreign master did not answer");
  }
}
