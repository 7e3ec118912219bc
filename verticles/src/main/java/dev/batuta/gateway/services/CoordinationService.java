package dev.batuta.gateway.services;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ClockMessage.AskRound;
import dev.batuta.codec.ClockMessage.Round;
import dev.batuta.codec.Done;
import dev.batuta.codec.ElectionMessage.AskElection;
import dev.batuta.codec.Refused;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Elections and clock rounds that an admin asks for. Belongs to the gateway's event loop. */
public final class CoordinationService {
  /** From the request until a new coordinator is announced. */
  private static final Duration ELECTION = Duration.ofSeconds(5);

  private static final Duration ROUND = Duration.ofSeconds(3);

  private final Vertx vertx;
  private final Bus bus;
  private final Servers servers;
  private final Supplier<JsonObject> coordinator;
  private final Function<Consumer<JsonObject>, Runnable> announcements;

  /**
   * @param coordinator the body of the last {@code events.coordinator}
   * @param announcements gives those that follow to who asks, until the answer is run
   */
  public CoordinationService(
      Vertx vertx,
      Bus bus,
      Servers servers,
      Supplier<JsonObject> coordinator,
      Function<Consumer<JsonObject>, Runnable> announcements) {
    this.vertx = vertx;
    this.bus = bus;
    this.servers = servers;
    this.coordinator = coordinator;
    this.announcements = announcements;
  }

  /**
   * Has an election held: asks the coordinator, else any server, and waits for what this node hears
   * then. An answer that was lost is no matter: what counts is the announcement. UNKNOWN without
   * one within 5 s.
   */
  public Future<Announcement> elect(Caller caller) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return elect(now());
        });
  }

  private Future<Announcement> elect(Announcement before) {
    Promise<Announcement> decided = Promise.promise();
    Runnable unsubscribe =
        announcements.apply(
            body -> {
              Announcement heard = new Announcement(body);
              if (heard.follows(before)) {
                decided.tryComplete(heard);
              }
            });
    long timer = vertx.setTimer(ELECTION.toMillis(), late -> decided.tryFail(undecided()));
    servers
        .askFirst(
            before.coordinator(), Addresses::election, new AskElection(), Done.class, ELECTION)
        .onFailure(
            error -> {
              if (!Refused.isUnknown(error)) {
                decided.tryFail(error);
              }
            });
    return decided
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              unsubscribe.run();
            });
  }

  /** Has the coordinator hold a Berkeley round, and answers what it measured. */
  public Future<Round> synchronizeClocks(Caller caller) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          Announcement now = now();
          String holder = now.coordinator().orElseThrow(() -> nobody(now));
          return bus.request(Addresses.clock(holder), new AskRound(), Round.class, ROUND);
        });
  }

  private Announcement now() {
    return new Announcement(coordinator.get());
  }

  private static Refused nobody(Announcement now) {
    return Refused.unavailable(
        "no-coordinator",
        "There is no coordinator to hold a round ("
            + (now.reason().isEmpty() ? "none was announced" : now.reason())
            + "); try again once one is elected.");
  }

  private Refused undecided() {
    return Refused.unknown(
        "election-undecided",
        "No coordinator was announced under a new epoch within "
            + ELECTION.toSeconds()
            + " s; "
            + described(now())
            + ". Look at the status, then ask again.");
  }

  private static String described(Announcement now) {
    return now.coordinator()
        .map(
            holder ->
                now.isActing()
                    ? holder + " acts without the database, which alone gives new epochs"
                    : "this node knows " + holder + " in epoch " + now.epoch())
        .orElseGet(() -> "there is none now: " + now.reason());
  }
}
