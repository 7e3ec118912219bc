package dev.batuta.gateway.zeromq;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;

/**
 * The one thread that owns all sockets, which are for one thread only. It waits for messages and
 * for what others give it to do; without both it sleeps.
 */
final class SocketThread {
  private static final Logger LOG = LoggerFactory.getLogger(SocketThread.class);
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_SOCKETS = 4;
  private static final int MOST_ACTIONS = 4_096;

  private final Queue<Runnable> actions = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final Promise<Void> ended = Promise.promise();
  private final Pipe wakeUp;
  private final LibraryContext context;
  private final Thread thread;

  /** The ports that are served, each with its place in the poller, -1 while it is not polled. */
  private static final class Served {
    final SocketPort port;
    int place = -1;

    Served(SocketPort port) {
      this.port = port;
    }
  }

  private final List<Served> ports = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * @param key by which the sockets speak CURVE; null where they speak in the clear
   */
  SocketThread(String name, @Nullable CurveKey key) {
    try {
      wakeUp = Pipe.open();
      wakeUp.source().configureBlocking(false);
      wakeUp.sink().configureBlocking(false);
    } catch (IOException noPipe) {
      throw new UncheckedIOException(noPipe);
    }
    context = new LibraryContext(MOST_SOCKETS, key);
    thread = Thread.ofPlatform().name(name).daemon().unstarted(this::serve);
  }

  /** For the making of sockets, on this thread. */
  LibraryContext context() {
    return context;
  }

  void start() {
    thread.start();
  }

  /** Has the thread do something, after what it was given before; it is not done after the end. */
  void run(Runnable action) {
    actions.add(action);
    wake();
  }

  /** The same, and what comes of it. */
  <T> Future<T> call(Callable<T> action) {
    Promise<T> promise = Promise.promise();
    run(
        () -> {
          try {
            promise.complete(action.call());
          } catch (Exception failed) {
            promise.fail(failed);
          }
        });
    return promise.future();
  }

  /** Serves a port from now on; on this thread. */
  void serve(SocketPort port) {
    ports.add(new Served(port));
  }

  /** Closes all sockets; completes when the thread has ended. */
  Future<Void> stop() {
    stopped = true;
    wake();
    return ended.future();
  }

  private void wake() {
    if (woken.compareAndSet(false, true)) {
      try {
        wakeUp.sink().write(ByteBuffer.wrap(new byte[1]));
      } catch (IOException closed) {
        LOG.debug("the thread of the sockets has ended", closed);
      }
    }
  }

  private void serve() {
    ZMQ.Poller poller = context.poller(8);
    poller.register(wakeUp.source(), ZMQ.Poller.POLLIN);
    long tickedNanos = System.nanoTime();
    while (!stopped) {
      try {
        ports.forEach(each -> poll(poller, each));
        poller.poll(actions.isEmpty() ? TimeUnit.NANOSECONDS.toMillis(TICK_NANOS) : 0);
        carryOut();
        for (Served each : ports) {
          if (each.place >= 0 && poller.pollin(each.place)) {
            each.port.receive();
          }
        }
        if (System.nanoTime() - tickedNanos > TICK_NANOS) {
          tickedNanos = System.nanoTime();
          ports.forEach(each -> each.port.tick());
        }
      } catch (RuntimeException defect) {
        LOG.error("the thread of the sockets goes on after a defect", defect);
      }
    }
    carryOut();
    close();
  }

  /** A port that wants no input must not wake the thread by having some. */
  private static void poll(ZMQ.Poller poller, Served served) {
    boolean wanted = served.port.wantsInput();
    if (wanted && served.place < 0) {
      served.place = poller.register(served.port.socket().socket(), ZMQ.Poller.POLLIN);
    } else if (!wanted && served.place >= 0) {
      poller.unregister(served.port.socket().socket());
      served.place = -1;
    }
  }

  private void carryOut() {
    try {
      ByteBuffer signals = ByteBuffer.allocate(64);
      while (wakeUp.source().read(signals) > 0) {
        signals.clear();
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    woken.set(false);
    for (int i = 0; i < MOST_ACTIONS; i++) {
      Runnable action = actions.poll();
      if (action == null) {
        return;
      }
      action.run();
    }
  }

  private void close() {
    try {
      context.close();
      wakeUp.sink().close();
      wakeUp.source().close();
    } catch (IOException | RuntimeException broken) {
      LOG.warn("sockets were not closed in order", broken);
    }
    ended.complete();
  }
}
