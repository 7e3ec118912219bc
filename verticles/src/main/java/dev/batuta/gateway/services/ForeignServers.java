package dev.batuta.gateway.services;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.codec.Done;
import dev.batuta.codec.ReferenceMessage.Alive;
import dev.batuta.codec.ReferenceMessage.AskList;
import dev.batuta.codec.ReferenceMessage.AskRank;
import dev.batuta.codec.ReferenceMessage.Rank;
import dev.batuta.codec.ReferenceMessage.Server;
import dev.batuta.codec.ReferenceMessage.Servers;
import dev.batuta.codec.Refused;
import dev.batuta.identity.UserName;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The reference service for servers that are none of this cluster's. They get a rank, for ever, and
 * are listed while they are heard of; elections are held among members only, so that no rank of
 * theirs counts there. What is said in the name of a member changes nothing. Any thread may ask.
 */
public final class ForeignServers {
  /** Ranks are never taken back, so not everybody gets one by asking. */
  private static final int MOST_RANKED = 1_000;

  private final Bus bus;
  private final Supplier<List<Member>> members;
  private final Duration answer;
  private final Set<String> ranked = ConcurrentHashMap.newKeySet();

  /**
   * @param members all known nodes
   * @param answer within which a server has to answer
   */
  public ForeignServers(Bus bus, Supplier<List<Member>> members, Duration answer) {
    this.bus = bus;
    this.members = members;
    this.answer = answer;
  }

  /** The rank of a server, the same one for ever; from now on it is listed. */
  public Future<Integer> rank(String name) {
    return Thrown.asFailure(
        () -> {
          UserName.checked("user", name);
          if (isMember(name)) {
            return asked(name);
          }
          if (ranked.size() >= MOST_RANKED && !ranked.contains(name)) {
            throw Refused.busy(
                "busy",
                "This node gave " + MOST_RANKED + " ranks; ask another one.",
                Duration.ofMinutes(1));
          }
          return asked(name)
              .compose(
                  rank -> {
                    ranked.add(name);
                    return alive(name).map(listed -> rank);
                  });
        });
  }

  /** "I live": keeps a server on the list; one that came to this node without a rank gets it. */
  public Future<Void> heartbeat(String name) {
    return Thrown.asFailure(
        () -> {
          if (isMember(name)) {
            return Future.succeededFuture();
          }
          return ranked.contains(name) ? alive(name) : rank(name).mapEmpty();
        });
  }

  /** Live servers by rank, of this cluster and others. */
  public Future<List<Server>> list() {
    return bus.request(Addresses.REFERENCE, new AskList(), Servers.class, answer)
        .map(Servers::servers);
  }

  private Future<Integer> asked(String name) {
    return bus.request(Addresses.REFERENCE, new AskRank(name), Rank.class, answer).map(Rank::rank);
  }

  private Future<Void> alive(String name) {
    return bus.request(Addresses.REFERENCE, new Alive(name, "", 0), Done.class, answer).mapEmpty();
  }

  private boolean isMember(String name) {
    return members.get().stream().anyMatch(member -> member.name().equals(name));
  }
}
