package dev.batuta.gateway.services;

import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.bus.Requests;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.orchestrator.Placement;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Which server answers what this gateway asks: its own node if it is one, else any live one. */
public final class Servers {
  private final Bus bus;
  private final Supplier<List<Member>> live;

  /**
   * @param live servers by rank
   */
  public Servers(Bus bus, Supplier<List<Member>> live) {
    this.bus = bus;
    this.live = live;
  }

  /** An answer and the server that gave it. */
  public record Answered<M>(String server, M answer) {}

  /** Asks a server; another one only where nobody was there to hear it. */
  public <M extends Message> Future<Answered<M>> ask(
      Function<String, String> address, Message message, Class<M> answer, Duration timeout) {
    List<String> candidates = candidates();
    if (candidates.isEmpty()) {
      return Future.failedFuture(nobody());
    }
    return ask(candidates, address, message, answer, timeout);
  }

  /**
   * Asks one server, and only where nobody is there to hear it another one.
   *
   * @param first whom to ask first, if it is known
   */
  public <M extends Message> Future<Answered<M>> askFirst(
      Optional<String> first,
      Function<String, String> address,
      Message message,
      Class<M> answer,
      Duration timeout) {
    List<String> order = candidates();
    first.ifPresent(
        server -> {
          order.remove(server);
          order.addFirst(server);
        });
    return order.isEmpty()
        ? Future.failedFuture(nobody())
        : ask(order, address, message, answer, timeout);
  }

  /**
   * Asks one server and no other.
   *
   * @param whose what it is asked for, and what to do while it is away, for the refusal
   */
  public <M extends Message> Future<M> askOnly(
      String server,
      Function<String, String> address,
      Message message,
      Class<M> answer,
      Duration timeout,
      String whose) {
    return bus.request(address.apply(server), message, answer, timeout)
        .recover(
            error ->
                Future.failedFuture(
                    Requests.isWithoutHandler(error)
                        ? Refused.unavailable(
                            "server-away",
                            "There is nobody at "
                                + server
                                + ", "
                                + whose
                                + "; nothing happened, try again then.")
                        : error));
  }

  /** What came of asking one of several servers. */
  public sealed interface Heard<M> {
    /** It answered. */
    record Told<M>(M answer) implements Heard<M> {}

    /** It did not, or refused. */
    record Silent<M>(String server, Failure why) implements Heard<M> {}
  }

  /**
   * Asks every live server, and no other for it; see {@link #askOnly}.
   *
   * @return what came of each, once all have answered or are known not to
   */
  public <M extends Message> Future<List<Heard<M>>> askEach(
      Function<String, String> address,
      Message message,
      Class<M> answer,
      Duration timeout,
      String whose) {
    List<Future<Heard<M>>> answers =
        candidates().stream()
            .map(
                server ->
                    askOnly(server, address, message, answer, timeout, whose)
                        .<Heard<M>>map(Heard.Told::new)
                        .otherwise(why -> new Heard.Silent<>(server, failure(why))))
            .toList();
    return Future.join(answers).map(all -> answers.stream().map(Future::result).toList());
  }

  private static Failure failure(Throwable why) {
    return why instanceof Refused refused
        ? refused.failure()
        : new Failure(Failure.Kind.INTERNAL, "internal", String.valueOf(why.getMessage()));
  }

  /** A server that somebody named, if it lives; else it is not found. */
  public String live(String server) {
    List<String> live = candidates();
    if (!live.contains(server)) {
      throw Refused.notFound(
          "server-not-found",
          "No server \""
              + Refused.shown(server)
              + "\" lives; there are "
              + String.join(", ", live)
              + ".");
    }
    return server;
  }

  /** See {@link Placement#submission}, for this node. */
  public Optional<String> placement(Predicate<String> takes) {
    return Placement.submission(bus.node(), live.get(), takes);
  }

  /** The name of this node. */
  public String here() {
    return bus.node();
  }

  /** The live servers, this node first if it is one. */
  public List<String> candidates() {
    List<String> names = new ArrayList<>(live.get().stream().map(Member::name).toList());
    if (names.remove(bus.node())) {
      names.addFirst(bus.node());
    }
    return names;
  }

  private <M extends Message> Future<Answered<M>> ask(
      List<String> candidates,
      Function<String, String> address,
      Message message,
      Class<M> answer,
      Duration timeout) {
    String server = candidates.getFirst();
    List<String> others = candidates.subList(1, candidates.size());
    return bus.request(address.apply(server), message, answer, timeout)
        .map(given -> new Answered<>(server, given))
        .recover(
            error -> {
              if (!Requests.isWithoutHandler(error)) {
                return Future.failedFuture(error);
              }
              return others.isEmpty()
                  ? Future.failedFuture(nobody())
                  : ask(others, address, message, answer, timeout);
            });
  }

  private static Refused nobody() {
    return Refused.unavailable(
        "no-server", "No server of the cluster is ready for this; try again in a moment.");
  }
}
