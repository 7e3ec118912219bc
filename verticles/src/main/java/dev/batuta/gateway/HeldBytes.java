package dev.batuta.gateway;

import dev.batuta.codec.Refused;
import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the messages hold that one door has begun to read and not handled yet. A client that sends
 * half of one costs nothing but memory, so all of a door together may have so much and no more.
 * Safe on any thread.
 */
public final class HeldBytes {
  /** Messages up to here are not counted; one of each connection is few bytes. */
  public static final int SMALL = 1_024;

  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Cleaner CLEANER = Cleaner.create();

  private final long most;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param most that all messages may hold together
   */
  public HeldBytes(long most) {
    this.most = most;
  }

  /** Room for a message; null if there is none now. */
  public @Nullable Share take(int bytes) {
    Share share = share();
    return share.hold(bytes) ? share : null;
  }

  /** Room for messages that come one after the other, nothing at first. */
  public Share share() {
    return new Share();
  }

  /** How much is held now. */
  public long held() {
    return held.get();
  }

  /** The room of one message, or of the one that a connection is about to send. */
  public final class Share {
    private final AtomicInteger bytes = new AtomicInteger();

    private Share() {}

    /**
     * Holds so much from now on, whatever it was before. By one thread at a time.
     *
     * @return false if there is no room for more now; then nothing has changed
     */
    public boolean hold(int size) {
      int counted = size <= SMALL ? 0 : size;
      int more = counted - bytes.get();
      if (more == 0) {
        return true;
      }
      if (held.addAndGet(more) > most && more > 0) {
        held.addAndGet(-more);
        return false;
      }
      bytes.set(counted);
      return true;
    }

    /** What a client is told for which there is no room. */
    public Refused full() {
      return Refused.busy(
          "busy",
          "Messages that are not complete hold the %d bytes that this door has for them; send it again in a second."
              .formatted(most),
          SOON);
    }

    /** It is given back at the latest when nobody has the message any more. */
    public void livesWith(Object message) {
      if (bytes.get() > 0) {
        CLEANER.register(message, this::giveBack);
      }
    }

    /** Gives all of it back; more than once is once. */
    public void giveBack() {
      held.addAndGet(-bytes.getAndSet(0));
    }
  }
}
