package dev.batuta.gateway;

import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The rules that every door keeps with a port: how long it tries for one that is taken, what it
 * says when it cannot have it. Safe on any thread.
 */
public final class Listening {
  /** Where Linux begins to take ports for outgoing connections. */
  private static final int FIRST_EPHEMERAL_PORT = 32_768;

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(250);

  /**
   * Where a door listens.
   *
   * @param host address of this machine
   * @param port 0 for a free one
   * @param hostSetting key of the host, such as {@code http.host}
   * @param portSetting what gives the port another number, as a sentence names it, such as {@code
   *     --http-port (key http.port)}
   */
  public record Place(String host, int port, String hostSetting, String portSetting) {}

  private final Vertx vertx;
  private final Place place;
  private final Duration patience;

  public Listening(Vertx vertx, Place place) {
    this(vertx, place, PATIENCE);
  }

  /**
   * @param patience with a taken port of the ephemeral range
   */
  Listening(Vertx vertx, Place place, Duration patience) {
    this.vertx = vertx;
    this.place = place;
    this.patience = patience;
  }

  /**
   * Takes the port. One of the ephemeral range may be held for a moment by an outgoing connection:
   * it is tried for 5 s. Any other one that is taken is a server's, and refused at once.
   *
   * @param bind makes one try, with a new server each time
   * @return what {@code bind} gave; fails with {@code port-taken} or {@code cannot-listen}
   */
  public <S> Future<S> take(Supplier<Future<S>> bind) {
    return take(bind, System.nanoTime());
  }

  private <S> Future<S> take(Supplier<Future<S>> bind, long firstTryNanos) {
    return bind.get().recover(error -> again(bind, firstTryNanos, error));
  }

  private <S> Future<S> again(Supplier<Future<S>> bind, long firstTryNanos, Throwable error) {
    if (!(error instanceof BindException) && !(error.getCause() instanceof BindException)) {
      return Future.failedFuture(cannotListen(error));
    }
    boolean patient = System.nanoTime() - firstTryNanos < patience.toNanos();
    if (!patient || place.port() < FIRST_EPHEMERAL_PORT) {
      return Future.failedFuture(taken());
    }
    return vertx
        .timer(PAUSE.toMillis(), TimeUnit.MILLISECONDS)
        .compose(waited -> take(bind, firstTryNanos));
  }

  private Refused taken() {
    return Refused.unavailable(
        "port-taken",
        "Port %d of %s is taken: stop the program that listens on it, or move this node with %s."
            .formatted(place.port(), place.host(), place.portSetting()));
  }

  private Refused cannotListen(Throwable error) {
    return Refused.unavailable(
        "cannot-listen",
        "Cannot listen on %s:%d: %s; see %s."
            .formatted(place.host(), place.port(), error.getMessage(), place.hostSetting()));
  }
}
