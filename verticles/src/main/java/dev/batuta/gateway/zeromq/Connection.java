package dev.batuta.gateway.zeromq;

import dev.batuta.codec.Bytes;
import dev.batuta.gateway.ConnectionLimit.Seat;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection to a port. The library owns its channel; here it is only ended, by a
 * shutdown that the library takes for the client's own. The fields belong to the thread of the
 * sockets, except where said.
 */
final class Connection {
  /** What may wait for one client that does not read. */
  private static final long MOST_WAITING_BYTES = 4 << 20;

  /** What may wait for each when all together wait for more than they should. */
  private static final long LEAST_WAITING_BYTES = 64 << 10;

  /** What may wait for all clients of a port. */
  private static final long MOST_OF_ALL_BYTES = 48 << 20;

  private final SocketChannel channel;
  private final String address;
  private final int messagesPerSecond;

  /** How much of a message came whose end has not come yet; of the library's thread. */
  private long openBytes;

  private final AtomicLong waitingOfAll;

  /** Bytes that were sent and not written yet. */
  private long waitingBytes;

  private boolean ended;
  private double allowance;
  private long allowanceNanos = System.nanoTime();
  private volatile long heardNanos = System.nanoTime();

  /** By what the library calls it, once it has said something. */
  @Nullable Bytes identity;

  private final long openedNanos = System.nanoTime();
  private volatile boolean hasGreeted;
  private volatile boolean hasSpoken;

  private volatile @Nullable Seat seat;

  /** Whether it was said that it says nothing any more. */
  boolean toldQuiet;

  /** Messages that it was too slow for, in all and when that was said last. */
  long dropped;

  long toldDropped;
  long toldDroppedNanos;

  /**
   * @param waitingOfAll bytes that wait for clients of the same port
   */
  Connection(
      SocketChannel channel, String address, int messagesPerSecond, AtomicLong waitingOfAll) {
    this.channel = channel;
    this.address = address;
    this.messagesPerSecond = messagesPerSecond;
    this.waitingOfAll = waitingOfAll;
    this.allowance = messagesPerSecond;
  }

  /** Where it comes from, with the port. */
  String address() {
    return address;
  }

  /**
   * A part of a message came; called by the library's thread.
   *
   * @param bytes that are kept of it
   * @return how many bytes the message has so far, with what each part costs beside them
   */
  long part(int bytes, boolean last) {
    long size = openBytes + bytes + ReceivedFrame.COST_BYTES;
    openBytes = last ? 0 : size;
    return size;
  }

  /** A whole message was received; false if that is more than it may say in a second. */
  boolean heard() {
    long now = System.nanoTime();
    Seat own = seat;
    if (own != null) {
      own.spoke();
    }
    hasSpoken = true;
    toldQuiet = false;
    heardNanos = now;
    allowance =
        Math.min(messagesPerSecond, allowance + (now - allowanceNanos) * (messagesPerSecond / 1e9));
    allowanceNanos = now;
    if (allowance < 1) {
      return false;
    }
    allowance--;
    return true;
  }

  /** For how long it has said nothing; any thread. */
  long silentMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNanos);
  }

  /** Whether it may be sent so much, beside what it has not read yet. */
  synchronized boolean mayWait(int bytes) {
    long after = waitingBytes + bytes;
    return waitingBytes == 0
        || after <= LEAST_WAITING_BYTES
        || (after <= MOST_WAITING_BYTES && waitingOfAll.get() + bytes <= MOST_OF_ALL_BYTES);
  }

  /** Something was sent to it. */
  synchronized void waits(int bytes) {
    if (!ended) {
      waitingBytes += bytes;
      waitingOfAll.addAndGet(bytes);
    }
  }

  /** Something that was sent is being written. */
  synchronized void taken(int bytes) {
    if (!ended) {
      waitingBytes -= bytes;
      waitingOfAll.addAndGet(-bytes);
    }
  }

  /** It has ended; what waits for it is forgotten. */
  synchronized void ended() {
    ended = true;
    waitingOfAll.addAndGet(-waitingBytes);
    waitingBytes = 0;
    Seat own = seat;
    if (own != null) {
      own.left();
    }
  }

  /** It was let in; before anything is heard of it. */
  void takeSeat(Seat own) {
    seat = own;
  }

  /** Its greeting came; any thread. */
  void greeted() {
    hasGreeted = true;
  }

  /** Whether its greeting has not come within this time; any thread. */
  boolean isLate(Duration opening) {
    return !hasGreeted && System.nanoTime() - openedNanos > opening.toNanos();
  }

  /** Whether it said anything since it came; any thread. */
  boolean hasSpoken() {
    return hasSpoken;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Ends it; any thread. */
  void end() {
    try {
      channel.shutdownInput();
      channel.shutdownOutput();
    } catch (IOException gone) {
      // It has ended by itself.
    }
  }
}
