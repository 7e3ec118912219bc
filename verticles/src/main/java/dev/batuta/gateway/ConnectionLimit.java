package dev.batuta.gateway;

import dev.batuta.codec.Refused;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many clients a door lets in at once. Where no more may, the one gives way that has been there
 * longest without a word: who only opens connections keeps nobody out, and who has spoken stays.
 * Safe on any thread.
 */
public final class ConnectionLimit {
  private static final Duration FULL_FOR = Duration.ofSeconds(1);

  private final int max;

  /** Those that have said nothing yet, who came first in front. */
  private final Set<Seat> silent = new LinkedHashSet<>();

  private int taken;

  /**
   * @param max connections at once, at least 1
   */
  public ConnectionLimit(int max) {
    this.max = max;
  }

  /** A connection's right to stay. */
  public final class Seat {
    private final Runnable end;
    private volatile boolean spoken;
    private boolean left;

    private Seat(Runnable end) {
      this.end = end;
    }

    /** It said something that this door understands; from now on it gives way to nobody. */
    public void spoke() {
      if (!spoken) {
        spoken = true;
        synchronized (ConnectionLimit.this) {
          silent.remove(this);
        }
      }
    }

    /** It is closed; more than once is once. */
    public void left() {
      synchronized (ConnectionLimit.this) {
        if (!left) {
          left = true;
          silent.remove(this);
          taken--;
        }
      }
    }
  }

  /**
   * Lets a connection in if there is room or one gives way.
   *
   * @param end closes it, when it has to give way; called on the thread of the one that comes
   * @return empty if it may not stay: then it is told {@link #full} and closed
   */
  public Optional<Seat> admit(Runnable end) {
    Seat seat = new Seat(end);
    Seat gone = null;
    synchronized (this) {
      if (taken >= max) {
        gone = oldestSilent();
        if (gone == null) {
          return Optional.empty();
        }
        gone.left();
      }
      taken++;
      silent.add(seat);
    }
    if (gone != null) {
      gone.end.run();
    }
    return Optional.of(seat);
  }

  private @Nullable Seat oldestSilent() {
    Iterator<Seat> first = silent.iterator();
    return first.hasNext() ? first.next() : null;
  }

  /** What a client is told that comes when no more may. */
  public Refused full() {
    return Refused.busy(
        "too-many-connections",
        "%d connections are open, the most that this node takes here: try again, or use another node."
            .formatted(max),
        FULL_FOR);
  }
}
