package dev.batuta.gateway.services;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ClockMessage.AskRound;
import dev.batuta.codec.ClockMessage.Round;
import dev.batuta.codec.Done;
import dev.batuta.codec.ElectionMessage.AskElection;
import dev.batuta.codec.Refused;
import dev.batuta.election.CoordinatorWatch.View;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Elections and clock rounds that an admin asks for. Any thread may ask. */
public final class CoordinationService {
  /** From the request until a new coordinator is announced. */
  private static final Duration ELECTION = Duration.ofSeconds(5);

  private static final Duration ROUND = Duration.ofSeconds(3);

  private final Vertx vertx;
  private final Bus bus;
  private final Servers servers;
  private final Supplier<View> coordinator;
  private final Function<Runnable, Runnable> changes;

  /**
   * @param coordinator who coordinates, as this node knows it
   * @param changes runs what it is given, on the context of the caller, whenever that is another,
   *     until the answer is run
   */
  public CoordinationService(
      Vertx vertx,
      Bus bus,
      Servers servers,
      Supplier<View> coordinator,
      Function<Runnable, Runnable> changes) {
    this.vertx = vertx;
    this.bus = bus;
    this.servers = servers;
    this.coordinator = coordinator;
    this.changes = changes;
  }

  /**
   * Has an election held: asks the coordinator, else any server, and waits for what this node hears
   * then. An answer that was lost is no matter: what counts is the announcement. UNKNOWN without
   * one within 5 s.
   */
  public Future<View> elect(Caller caller) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return elect(coordinator.get());
        });
  }

  private Future<View> elect(View before) {
    Promise<View> decided = Promise.promise();
    Runnable unsubscribe =
        changes.apply(
            () -> {
              View now = coordinator.get();
              if (follows(before, now)) {
                decided.tryComplete(now);
              }
            });
    long timer = vertx.setTimer(ELECTION.toMillis(), late -> decided.tryFail(undecided()));
    servers
        .askFirst(
            Optional.ofNullable(before.coordinator()),
            Addresses::election,
            new AskElection(),
            Done.class,
            ELECTION)
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
          View now = coordinator.get();
          String holder = now.coordinator();
          if (holder == null) {
            throw nobody(now);
          }
          return bus.request(Addresses.clock(holder), new AskRound(), Round.class, ROUND);
        });
  }

  /** Whether this is of a newer term, or without the database of another acting coordinator. */
  private static boolean follows(View before, View now) {
    return now.coordinator() != null
        && (now.epoch() > before.epoch() || (now.acting() && !now.equals(before)));
  }

  private static Refused nobody(View now) {
    return Refused.unavailable(
        "no-coordinator",
        "There is no coordinator to hold a round ("
            + now.reason().sentence()
            + "); try again once one is elected.");
  }

  private Refused undecided() {
    return Refused.unknown(
        "election-undecided",
        "No coordinator was announced under a new epoch within "
            + ELECTION.toSeconds()
            + " s; "
            + described(coordinator.get())
            + ". Look at the status, then ask again.");
  }

  private static String described(View now) {
    String holder = now.coordinator();
    if (holder == null) {
      return "there is none now: " + now.reason().sentence();
    }
    return now.acting()
        ? holder + " acts without the database, which alone gives new epochs"
        : "this node knows " + holder + " in epoch " + now.epoch();
  }
}
