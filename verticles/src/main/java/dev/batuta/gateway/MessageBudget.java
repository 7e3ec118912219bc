package dev.batuta.gateway;

import java.util.concurrent.TimeUnit;

/**
 * How many messages a connection may send: so many in each second, which begins with the first of
 * them. Belongs to one thread.
 */
public final class MessageBudget {
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final int perSecond;
  private long beganNanos;
  private int taken;

  public MessageBudget(int perSecond) {
    this.perSecond = perSecond;
  }

  /**
   * Takes one message in, if there is room for it in this second.
   *
   * @param nowNanos of a clock that does not run back
   */
  public boolean take(long nowNanos) {
    if (taken == 0 || nowNanos - beganNanos >= SECOND_NANOS) {
      beganNanos = nowNanos;
      taken = 0;
    }
    if (taken == perSecond) {
      return false;
    }
    taken++;
    return true;
  }

  /** When the next second begins, from now on. */
  public long leftMillis(long nowNanos) {
    long left = beganNanos + SECOND_NANOS - nowNanos;
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(left) + 1);
  }
}
