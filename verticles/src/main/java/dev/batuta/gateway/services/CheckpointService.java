package dev.batuta.gateway.services;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.TaskMessage.AskCheckpoint;
import dev.batuta.codec.TaskMessage.Checkpoint;
import dev.batuta.gateway.services.Servers.Heard;
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
  private static final String WHOSE = "whose state was asked for: see whether it lives";

  private final Servers servers;
  private final Duration answer;

  /**
   * @param answer within which a server has to answer
   */
  public CheckpointService(Servers servers, Duration answer) {
    this.servers = servers;
    this.answer = answer;
  }

  /** The first page of every live server. */
  public Future<List<Heard<Checkpoint>>> all(Caller caller, int limit) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          AskCheckpoint ask = new AskCheckpoint(0, limit);
          return servers.askEach(Addresses::tasks, ask, Checkpoint.class, answer, WHOSE);
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
          AskCheckpoint ask = new AskCheckpoint(PageStart.after(after), limit);
          return servers.askOnly(
              servers.live(server), Addresses::tasks, ask, Checkpoint.class, answer, WHOSE);
        });
  }
}
