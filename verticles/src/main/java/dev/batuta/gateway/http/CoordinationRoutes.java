package dev.batuta.gateway.http;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.clock.ClockWatch;
import dev.batuta.codec.ClockMessage.AskRound;
import dev.batuta.codec.ClockMessage.Round;
import dev.batuta.codec.Done;
import dev.batuta.codec.ElectionMessage.AskElection;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.events.EventHub;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.services.Servers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Elections and clock rounds that an operator asks for. */
final class CoordinationRoutes {
  /** From the request until a new coordinator is announced. */
  private static final Duration ELECTION = Duration.ofSeconds(5);

  private static final Duration ROUND = Duration.ofSeconds(3);

  private final Vertx vertx;
  private final Bus bus;
  private final Servers servers;
  private final EventHub hub;
  private final Supplier<JsonObject> coordinator;

  /**
   * @param coordinator the body of the last {@code events.coordinator}
   */
  CoordinationRoutes(
      Vertx vertx, Bus bus, Servers servers, EventHub hub, Supplier<JsonObject> coordinator) {
    this.vertx = vertx;
    this.bus = bus;
    this.servers = servers;
    this.hub = hub;
    this.coordinator = coordinator;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "election", this::election);
    Routes.bind(builder, "clockSync", this::clockSync);
  }

  /**
   * Asks the coordinator, else any server, and waits for what this node hears then. An answer that
   * was lost is no matter: what counts is the announcement.
   */
  private Future<Answer> election(RoutingContext rc) {
    JsonObject before = coordinator.get();
    Promise<JsonObject> decided = Promise.promise();
    Consumer<EventHub.Event> watch =
        event -> {
          if (event.type().equals("coordinator") && isNew(event.body(), before)) {
            decided.tryComplete(event.body());
          }
        };
    hub.subscribe(watch);
    long timer = vertx.setTimer(ELECTION.toMillis(), late -> decided.tryFail(undecided()));
    servers
        .askFirst(
            Optional.ofNullable(before.getString("coordinator")),
            Addresses::election,
            new AskElection(),
            Done.class,
            ELECTION)
        .onFailure(
            error -> {
              if (!isUnknown(error)) {
                decided.tryFail(error);
              }
            });
    return decided
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              hub.unsubscribe(watch);
            })
        .map(Answer::ok);
  }

  /** A newer term, or without the database, where epochs stand still, another acting one. */
  private static boolean isNew(JsonObject now, JsonObject before) {
    if (now.getString("coordinator") == null) {
      return false;
    }
    return now.getLong("epoch", 0L) > before.getLong("epoch", 0L)
        || (now.getBoolean("acting", false) && !now.equals(before));
  }

  private static boolean isUnknown(Throwable error) {
    return error instanceof Refused refused && refused.failure().kind() == Failure.Kind.UNKNOWN;
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

  private static String described(JsonObject now) {
    String holder = now.getString("coordinator");
    if (holder == null) {
      return "there is none now: " + now.getString("reason", "");
    }
    return now.getBoolean("acting", false)
        ? holder + " acts without the database, which alone gives new epochs"
        : "this node knows " + holder + " in epoch " + now.getLong("epoch", 0L);
  }

  private Future<Answer> clockSync(RoutingContext rc) {
    JsonObject now = coordinator.get();
    String holder = now.getString("coordinator");
    if (holder == null) {
      return Future.failedFuture(
          Refused.unavailable(
              "no-coordinator",
              "There is no coordinator to hold a round ("
                  + now.getString("reason", "none was announced")
                  + "); try again once one is elected."));
    }
    return bus.request(Addresses.clock(holder), new AskRound(), Round.class, ROUND)
        .map(round -> Answer.ok(ClockWatch.toJson(round)));
  }
}
