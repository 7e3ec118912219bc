package dev.batuta.gateway.foreign;

import dev.batuta.bus.Timers;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one port: holds them to their limits, and gives what they say to workers and
 * masters. Belongs to the event loop of the door.
 */
final class Clients {
  /** Messages that are none, after which a connection is closed. */
  private static final int MAX_FLAWS = 8;

  private final Timers timers;
  private final DoorSettings settings;
  private final DoorCounts counts;
  private final Runnable countRequest;
  private final ForeignWorkers workers;
  private final ForeignPeers peers;
  private final Set<Client> open = new HashSet<>();

  /**
   * @param countRequest is told of every message
   */
  Clients(
      Timers timers,
      DoorSettings settings,
      DoorCounts counts,
      Runnable countRequest,
      ForeignWorkers workers,
      ForeignPeers peers) {
    this.timers = timers;
    this.settings = settings;
    this.counts = counts;
    this.countRequest = countRequest;
    this.workers = workers;
    this.peers = peers;
  }

  static long nowMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  void opened(Client client) {
    counts.opened();
    open.add(client);
    workers.opened(client.talk);
  }

  void closed(Client client) {
    if (open.remove(client)) {
      client.seat.left();
      counts.closed();
      workers.closed(client.talk);
    }
  }

  /**
   * It sends nothing more.
   *
   * @param waits whether it waits for an answer, as far as can be seen, or may be gone
   */
  void ended(Client client, boolean waits) {
    workers.ended(client.talk, waits);
  }

  /** Bytes came, and what of a message is not complete. */
  void received(Client client, boolean isWithin) {
    long now = nowMillis();
    client.heardAt = now;
    if (!isWithin) {
      client.beganAt = 0;
    } else if (client.beganAt == 0) {
      client.beganAt = now;
    }
  }

  /** A whole message. */
  void said(Client client, String json) {
    if (client.closing) {
      return;
    }
    long now = nowMillis();
    client.heardAt = now;
    counts.received();
    countRequest.run();
    if (!client.budget.take(System.nanoTime())) {
      slowDown(client);
      return;
    }
    Said said = Dialect.read(json);
    if (!(said instanceof Said.Malformed || said instanceof Said.TooComplex)) {
      client.spoke = true;
      client.seat.spoke();
    }
    hear(client, said);
  }

  private void hear(Client client, Said said) {
    Talk talk = client.talk;
    switch (said) {
      case Said.Present present -> workers.present(talk, present);
      case Said.Result result -> workers.result(talk, result);
      case Said.Heartbeat heartbeat -> peers.heartbeat(talk, heartbeat);
      case Said.WorkerRequest request -> peers.request(talk, request);
      case Said.Release release -> peers.release(talk, release);
      case Said.ReleaseCompleted completed -> {
        peers.completed(talk, completed);
        talk.passOver();
      }
      // An answer is never answered; whoever asked for one waits on a connection of its own.
      case Said.HeartbeatAnswer _, Said.WorkerResponse _, Said.ReleaseAck _ -> talk.passOver();
      case Said.Unknown() ->
          refuse(client, "unknown-request", "the message is none of this protocol");
      case Said.Malformed() -> flaw(client, Framing.Fault.MALFORMED);
      case Said.TooComplex() -> flaw(client, Framing.Fault.TOO_COMPLEX);
    }
  }

  /** What is no message. */
  void flaw(Client client, Framing.Fault fault) {
    if (client.closing) {
      return;
    }
    refuse(client, fault.code, fault.sentence);
    if (fault != Framing.Fault.MALFORMED || ++client.flaws >= MAX_FLAWS) {
      end(client);
    }
  }

  /** Tells it why it may not stay, and closes it. */
  void end(Client client, Refused why) {
    if (!client.closing) {
      refuse(client, why.failure().code(), why.failure().message());
      end(client);
    }
  }

  private void slowDown(Client client) {
    refuse(
        client,
        "busy",
        "more than "
            + settings.messagesPerSecond()
            + " messages in a second: wait until the next one");
    if (!client.paused) {
      client.paused = true;
      client.pause.accept(true);
      timers.after(client.budget.leftMillis(System.nanoTime()), () -> goOn(client));
    }
  }

  private static void goOn(Client client) {
    client.paused = false;
    client.pause.accept(false);
  }

  private void refuse(Client client, String code, String why) {
    client.talk.refuse(code, why);
  }

  /** Closes those that have been silent, or slow, for too long; to be called every second or so. */
  void sweep() {
    long now = nowMillis();
    for (Client client : List.copyOf(open)) {
      long opening = settings.opening().toMillis();
      if (client.closing) {
        client.close.run();
      } else if (!client.spoke && now - client.openedAt >= opening) {
        refuse(client, "too-slow", "no message came within " + opening + " ms");
        end(client);
      } else if (client.beganAt != 0 && now - client.beganAt >= opening) {
        refuse(client, "too-slow", "the message was not complete in time");
        end(client);
      } else if (now - client.heardAt >= settings.idle().toMillis()) {
        refuse(
            client,
            "idle",
            "nothing came for " + settings.idle().toMillis() + " ms: connect again");
        end(client);
      }
    }
  }

  /** Ends a connection after what was said to it. */
  private static void end(Client client) {
    client.closing = true;
    client.close.run();
  }

  void closeAll() {
    List.copyOf(open).forEach(Clients::end);
  }

  boolean isEmpty() {
    return open.isEmpty();
  }
}
