package dev.batuta.gateway.foreign;

import dev.batuta.gateway.Farewell;
import dev.batuta.gateway.HalfClosure;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * When a connection ends whose client sends nothing more: as soon as no answer is owed to it, and
 * after a while where answers do not come. Belongs to the event loop of the door.
 *
 * <p>That a client sends nothing more looks the same where it is gone, and a worker that is gone
 * must not take a task with it. Who wants more than the answer that there is none ends its side
 * right behind the question; who ends it later is answered at once.
 */
final class OwedAnswers {
  /** Clients give up after as long. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Right behind a question. */
  private static final Duration AT_ONCE = Duration.ofMillis(20);

  private final Vertx vertx;
  private final NetSocket socket;
  private int owed;
  private long askedNanos;
  private boolean wasPaused;
  private Consumer<Boolean> onEnd = waits -> {};
  private boolean ended;
  private long timer = -1;

  OwedAnswers(Vertx vertx, NetSocket socket) {
    this.vertx = vertx;
    this.socket = socket;
    HalfClosure.allow(vertx, socket, this::end);
  }

  /**
   * Has someone told of the end.
   *
   * @param told whether the client may be waiting, or may be gone
   */
  void onEnd(Consumer<Boolean> told) {
    onEnd = told;
  }

  /** A message is heard; while there are more, of one that has ended, there is time. */
  void asked() {
    owed++;
    askedNanos = System.nanoTime();
    if (ended) {
      vertx.cancelTimer(timer);
      closeLater();
    }
  }

  /** One is answered, or will have no answer. */
  void answered() {
    owed = Math.max(0, owed - 1);
    closeIfDone();
  }

  /**
   * The connection is not read for a moment: there may be messages that have come, and are not
   * heard.
   */
  void paused() {
    wasPaused = true;
  }

  private void end() {
    ended = true;
    onEnd.accept(System.nanoTime() - askedNanos <= AT_ONCE.toNanos());
    closeLater();
    closeIfDone();
  }

  private void closeLater() {
    timer = vertx.setTimer(PATIENCE.toMillis(), over -> Farewell.close(vertx, socket));
  }

  private void closeIfDone() {
    if (ended && owed == 0 && !wasPaused) {
      Farewell.close(vertx, socket);
    }
  }

  /** It is closed. */
  void closed() {
    if (ended) {
      vertx.cancelTimer(timer);
    }
  }
}
