package dev.batuta.bus;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Knows whether this process stood still a short while ago: stopped, or without processor time. One
 * that did sees the others as gone though they only stopped to wait for it, so what it concludes
 * about them must wait until it has heard from them again.
 *
 * <p>A thread that does nothing else notes the time several times a second; a gap is a pause. Who
 * asks before that thread runs again after a pause is told so too. Safe on any thread.
 */
public final class PauseMonitor implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(200);

  private final Duration pause;
  private final Duration memory;
  private final LongSupplier nanos;
  private final Thread ticking;
  private volatile boolean closed;
  private long lastTickNanos;
  private long pausedUntilNanos;
  private boolean paused;

  /**
   * One that sees the time when it is asked; also meanwhile once it is {@link #start started}.
   *
   * @param pause gap from which on it counts
   * @param memory how long after its end a pause counts as recent
   * @param nanos the clock, as {@link System#nanoTime}
   */
  public PauseMonitor(Duration pause, Duration memory, LongSupplier nanos) {
    this.pause = pause;
    this.memory = memory;
    this.nanos = nanos;
    this.lastTickNanos = nanos.getAsLong();
    this.ticking = Thread.ofPlatform().daemon().name("pause-monitor").unstarted(this::run);
  }

  /** Begins to watch. */
  public PauseMonitor start() {
    ticking.start();
    return this;
  }

  private void run() {
    while (!closed) {
      LockSupport.parkNanos(TICK.toNanos());
      tick();
    }
  }

  synchronized void tick() {
    long now = nanos.getAsLong();
    if (now - lastTickNanos >= pause.toNanos()) {
      paused = true;
      pausedUntilNanos = now;
    }
    lastTickNanos = now;
  }

  /** Whether this process has just woken, or did so within the memory. */
  public synchronized boolean recentlyPaused() {
    tick();
    return paused && nanos.getAsLong() - pausedUntilNanos < memory.toNanos();
  }

  /** Whether a pause of this process has ended after an instant of {@link System#nanoTime}. */
  public synchronized boolean pausedSince(long instantNanos) {
    tick();
    return paused && pausedUntilNanos - instantNanos > 0;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(ticking);
  }
}
