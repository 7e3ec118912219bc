package dev.batuta.gateway;

import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.election.CoordinatorWatch.View;
import dev.batuta.gateway.events.MessageSource;
import dev.batuta.identity.UserStore;
import dev.batuta.ledger.LedgerStore;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What the gateway shows to the world: the rest of its node. All of it is safe on any thread.
 *
 * @param members all known nodes, {@code Membership::view}
 * @param servers live servers by rank, {@code Membership::servers}
 * @param coordinator who coordinates, as this node knows it
 * @param clock the body of the last {@code events.clock} of a round, if there was one
 * @param messages those of channels and direct ones, of this node's server, if it is one
 * @param kinds that handlers of this node add
 * @param countRequest is told of every request of a client, by whatever door
 */
public record GatewayParts(
    Bus bus,
    Supplier<List<Member>> members,
    Supplier<List<Member>> servers,
    LedgerStore ledger,
    UserStore users,
    Supplier<View> coordinator,
    Supplier<Optional<JsonObject>> clock,
    Optional<MessageSource> messages,
    Set<String> kinds,
    Runnable countRequest) {}
