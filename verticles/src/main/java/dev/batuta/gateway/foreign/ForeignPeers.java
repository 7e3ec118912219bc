package dev.batuta.gateway.foreign;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.ForeignMaster;
import dev.batuta.codec.LendingMessage.HomeTold;
import dev.batuta.codec.LendingMessage.LendingNews;
import dev.batuta.codec.LendingMessage.NoWorkers;
import dev.batuta.codec.LendingMessage.ReleaseAck;
import dev.batuta.codec.LendingMessage.ReleaseCompleted;
import dev.batuta.codec.LendingMessage.WorkerRequest;
import dev.batuta.codec.LendingMessage.WorkersLent;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.gateway.foreign.Said.Greeting;
import dev.batuta.gateway.foreign.Unanswered.Question;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
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

  /** Within 5 s a borrower decides. */
  private static final long ANSWERED_MILLIS = 4_000;

  private static final List<Greeting> GREETINGS =
      List.of(Greeting.SERVER_UUID, Greeting.SERVER_ALIVE, Greeting.SERVER_ID);

  private final Timers timers;
  private final Bus bus;
  private final MasterLine line;
  private final OwnEndpoints own;
  private final Borrowed borrowed;
  private final BooleanSupplier isServer;
  private final MasterRoster roster;
  private long numbers = System.currentTimeMillis();

  /**
   * @param borrowed is told of the workers that come
   * @param isServer whether this node is a server: none other lends or borrows
   */
  ForeignPeers(
      Timers timers,
      Bus bus,
      MasterLine line,
      List<ForeignPeer> configured,
      OwnEndpoints own,
      Borrowed borrowed,
      BooleanSupplier isServer) {
    this.timers = timers;
    this.bus = bus;
    this.line = line;
    this.own = own;
    this.borrowed = borrowed;
    this.isServer = isServer;
    this.roster = new MasterRoster(configured);
  }

  /** Hears the lending of this node's server from now on. */
  Future<Void> start() {
    return Future.all(roster.all().stream().map(this::listen).toList()).mapEmpty();
  }

  Future<Void> stop() {
    return Future.join(roster.all().stream().map(this::withdraw).toList()).mapEmpty();
  }

  private Future<Void> listen(OtherMaster master) {
    return bus.listen(
        Addresses.foreignMaster(bus.node(), master.name), envelope -> say(master, envelope));
  }

  private Future<Void> withdraw(OtherMaster master) {
    return bus.withdraw(Addresses.foreignMaster(bus.node(), master.name));
  }

  /** Where a master is, by its name. */
  Optional<Endpoint> endpoint(String name, Transport transport) {
    OtherMaster master = roster.named(name);
    return master == null || master.endpoint == null || master.transport != transport
        ? Optional.empty()
        : Optional.of(master.endpoint);
  }

  /**
   * The name of a master by the id that it gives itself; where nobody is known by that, the id.
   * This node's own name is its own, whoever else calls itself so.
   */
  String nameOf(String id) {
    OtherMaster known = id.equals(bus.node()) ? null : roster.withId(id);
    return known == null ? id : known.name;
  }

  /** Whether the master of this name calls itself so. */
  boolean isIdOf(String id, String name) {
    OtherMaster known = roster.named(name);
    return known != null && id.equals(known.id);
  }

  // --- what they say

  void heartbeat(Talk talk, Said.Heartbeat said) {
    talk.say(Words.alive(said, bus.node()));
    String id = said.server();
    OtherMaster master = roster.greets(id, talk);
    if (master != null && master.configured) {
      if (id != null) {
        master.address = talk.remoteHost();
      }
      if (!master.answers) {
        master.greeting = GREETINGS.indexOf(said.greeting());
      }
      lives(master, true);
    }
  }

  void request(Talk talk, Said.WorkerRequest said) {
    OtherMaster asks = isServer.getAsBoolean() ? asking(talk, said) : null;
    if (asks != null && !asks.configured && said.from() != null) {
      asks.endpoint = said.from();
      asks.transport = talk.transport();
    }
    if (asks == null || asks.endpoint == null) { // No worker could find it.
      respond(talk, List.of());
      return;
    }
    long number = ++numbers;
    Question<Long> first = asks.requests.add(number, talk);
    if (first != null) {
      respond(first.talk(), List.of());
    }
    asks.listened.onSuccess(
        listened -> {
          lives(asks, asks.configured);
          toLending(new WorkerRequest(asks.name, number, said.needed()));
        });
    timers.after(
        ANSWERED_MILLIS,
        () -> {
          if (asks.requests.giveUp(number, talk)) {
            respond(talk, List.of());
          }
        });
  }

  private @Nullable OtherMaster asking(Talk talk, Said.WorkerRequest said) {
    OtherMaster known = roster.asks(said.server(), said.from(), talk);
    return known != null ? known : stranger(talk, said);
  }

  void release(Talk talk, Said.Release said) {
    OtherMaster master = roster.tells(said.server(), talk);
    if (master == null || !isServer.getAsBoolean()) {
      acknowledge(talk, said.workers());
      return;
    }
    List<String> workers = said.workers();
    Question<List<String>> first = master.releases.add(workers, talk);
    if (first != null) {
      acknowledge(first.talk(), first.key());
    }
    lives(master, master.configured);
    toLending(new CommandRelease(master.name, workers));
    // They are welcome also while the server has no farm to note it in.
    timers.after(
        ANSWERED_MILLIS,
        () -> {
          if (master.releases.giveUp(workers, talk)) {
            acknowledge(talk, workers);
          }
        });
  }

  void completed(Talk talk, Said.ReleaseCompleted said) {
    OtherMaster master = roster.tells(said.server(), talk);
    if (master != null) {
      toLending(new ReleaseCompleted(master.name, said.workers()));
    }
  }

  /** One that nobody configured, by what it says of itself. */
  private @Nullable OtherMaster stranger(Talk talk, Said.WorkerRequest said) {
    OtherMaster stranger = roster.stranger(said.server(), said.from(), talk);
    if (stranger != null) {
      stranger.listened = listen(stranger);
      roster.removeOverflow().ifPresent(this::withdraw);
    }
    return stranger;
  }

  private void lives(OtherMaster master, boolean lends) {
    toLending(new ForeignMaster(master.name, lends, master.transport.via));
  }

  private void toLending(LendingMessage message) {
    bus.send(Addresses.lending(bus.node()), message);
  }

  // --- what the lending of this node's server says

  private void say(OtherMaster to, Envelope envelope) {
    if (envelope.message() instanceof LendingMessage message) {
      switch (message) {
        case WorkersLent(_, long number, List<String> workers) ->
            respond(to.requests.take(number), workers);
        case NoWorkers(_, long number, _) -> respond(to.requests.take(number), List.of());
        case ReleaseAck(_, List<String> workers) -> acknowledge(to.releases.take(workers), workers);
        case ReleaseCompleted(_, List<String> workers) ->
            tell(to, Words.released(bus.node(), "RELEASE_COMPLETED", workers));
        case WorkerRequest(_, long number, int needed) -> borrow(to, number, needed);
        case CommandRelease(_, List<String> workers) -> giveBack(to, workers);
        case ForeignMaster _, LendingNews _, HomeTold _ -> {}
      }
    }
  }

  private void respond(@Nullable Talk talk, List<String> workers) {
    if (talk != null) {
      talk.say(Words.workerResponse(bus.node(), workers));
    }
  }

  private void acknowledge(@Nullable Talk talk, List<String> workers) {
    if (talk != null) {
      talk.say(Words.released(bus.node(), "RELEASE_ACK", workers));
    }
  }

  /** Once for each number: asked again, a master of another implementation may lend again. */
  private void borrow(OtherMaster from, long number, int needed) {
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

  private void borrowed(OtherMaster from, long number, @Nullable Said answer) {
    List<String> workers = List.of();
    if (answer instanceof Said.WorkerResponse response) {
      workers = response.workers();
      String id = response.server();
      if (id != null) {
        roster.learn(from, id);
      }
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

  private void giveBack(OtherMaster to, List<String> workers) {
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
    for (OtherMaster master : roster.all()) {
      if (master.configured) {
        Greeting greeting = GREETINGS.get(master.greeting);
        ask(master, local -> Words.heartbeat(greeting, bus.node()))
            .onComplete(answer -> greeted(master, answer.succeeded() ? answer.result() : null));
      }
    }
  }

  private void greeted(OtherMaster master, @Nullable Said answer) {
    master.answers = answer instanceof Said.HeartbeatAnswer;
    if (answer instanceof Said.HeartbeatAnswer alive) {
      String id = alive.server();
      if (id != null && !id.equals(bus.node())) { // Some echo the id of whoever greets them.
        roster.learn(master, id);
      }
      lives(master, true);
    } else {
      // It may speak another dialect.
      master.greeting = (master.greeting + 1) % GREETINGS.size();
    }
  }

  private Future<Said> ask(OtherMaster master, Function<String, JsonObject> question) {
    Endpoint to = master.endpoint;
    return to == null
        ? Future.failedFuture("it did not say where it is")
        : line.ask(to, master.transport, question)
            .map(answer -> heard(master, answer))
            .onFailure(lost -> note(master, lost));
  }

  private static Said heard(OtherMaster master, MasterLine.Answer answer) {
    master.answersAt = answer.host();
    return answer.said();
  }

  private void tell(OtherMaster master, JsonObject message) {
    Endpoint to = master.endpoint;
    if (to != null) {
      line.tell(to, master.transport, message).onFailure(lost -> note(master, lost));
    }
  }

  private static void note(OtherMaster master, Throwable lost) {
    LOG.atDebug()
        .addKeyValue("master", master.name)
        .addKeyValue("why", lost.getMessage())
        .log("a foreign master did not answer");
  }
}
