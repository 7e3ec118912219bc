package dev.batuta.gateway.services;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.AskCheckpoint;
import dev.batuta.codec.TaskMessage.Checkpoint;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of orchestrators, for admins, page by page: an answer holds one page of unfinished
 * tasks of each server that was asked, and no more, however many there are. Any thread may ask.
 */
public final class CheckpointService {
  private final Servers servers;
  private final Duration answer;

  /**
   * @param answer within which a server has to answer
   */
  public CheckpointService(Servers servers, Duration answer) {
    this.servers = servers;
    this.answer = answer;
  }

  /** What came of asking one server. */
  public sealed interface ServerState {
    /** It answered. */
    record Told(Checkpoint page) implements ServerState {}

    /** It did not, or refused. */
    record Silent(String server, Failure why) implements ServerState {}
  }

  /** The first page of every live server. */
  public Future<List<ServerState>> all(Caller caller, int limit) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          AskCheckpoint ask = new AskCheckpoint(0, limit);
          List<Future<ServerState>> pages =
              servers.candidates().stream()
                  .map(
                      server ->
                          ask(server, ask)
                              .<ServerState>map(ServerState.Told::new)
                              .otherwise(why -> new ServerState.Silent(server, failure(why))))
                  .toList();
          return Future.join(pages).map(all -> pages.stream().map(Future::result).toList());
        });
  }

  /**
   * A page of one server.
   *
   * @param after the {@code next} of the page before, null at the start
   */
  public Future<Checkpoint> of(Caller caller, String server, @Nullable String after, int limit) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          List<String> live = servers.candidates();
          if (!live.contains(server)) {
            throw Refused.notFound(
                "server-not-found",
                "No server \""
                    + Refused.shown(server)
                    + "\" lives; there are "
                    + String.join(", ", live)
                    + ".");
          }
          return ask(server, new AskCheckpoint(PageStart.after(after), limit));
        });
  }

  private Future<Checkpoint> ask(String server, AskCheckpoint ask) {
    return servers.askOnly(
        server,
        Addresses::tasks,
        ask,
        Checkpoint.class,
        answer,
        "whose state was asked for: see whether it lives");
  }

  private static Failure failure(Throwable why) {
    return why instanceof Refused refused
        ? refused.failure()
        : new Failure(Failure.Kind.INTERNAL, "internal", String.valueOf(why.getMessage()));
  }
}
