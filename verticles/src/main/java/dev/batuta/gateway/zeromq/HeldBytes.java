package dev.batuta.gateway.zeromq;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the frames hold that one port has begun to read and not handled yet. Frames of connections
 * that ended in the middle of one are let go by the library without a word; they count until the
 * heap is rid of them. Safe on any thread.
 */
final class HeldBytes {
  /** Frames up to here are not counted; as many as may wait for each connection are few bytes. */
  static final int SMALL = 1_024;

  private static final Cleaner CLEANER = Cleaner.create();

  private final long most;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param most that all frames may hold together
   */
  HeldBytes(long most) {
    this.most = most;
  }

  /** Room for a frame; null if there is none now. */
  @Nullable Share take(int bytes) {
    if (bytes <= SMALL) {
      return new Share(0);
    }
    if (held.addAndGet(bytes) > most) {
      held.addAndGet(-bytes);
      return null;
    }
    return new Share(bytes);
  }

  /** The room of one frame. */
  final class Share implements Runnable {
    private final int bytes;
    private final AtomicBoolean released = new AtomicBoolean();

    private Share(int bytes) {
      this.bytes = bytes;
    }

    /** It is given back at the latest when nobody has the frame any more. */
    void livesWith(Object frame) {
      if (bytes > 0) {
        CLEANER.register(frame, this);
      }
    }

    /** Gives it back, once. */
    @Override
    public void run() {
      if (released.compareAndSet(false, true)) {
        held.addAndGet(-bytes);
      }
    }
  }
}
