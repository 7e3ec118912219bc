package dev.batuta.gateway.zeromq;

import dev.batuta.gateway.HeldBytes;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import zmq.Msg;

/**
 * A frame as the library reads it, which knows the connection that it came by. A message may have
 * any number of frames, and the library keeps them until the last one comes, so its size is watched
 * here, where each frame passes.
 */
final class ReceivedFrame extends Msg {
  /** What a frame takes beside its bytes, about. */
  static final int COST_BYTES = 128;

  private final Connections connections;
  private final HeldBytes.@Nullable Share share;
  private boolean passed;
  private @Nullable Connection connection;

  /** A frame whose bytes are kept. */
  ReceivedFrame(int size, Connections connections, HeldBytes.Share share) {
    super(size);
    this.connections = connections;
    this.share = share;
    // One of a connection that ends in the middle of it is let go by the library without a word.
    share.livesWith(this);
  }

  /**
   * A frame that is read and not kept: of it only the size is of use.
   *
   * @param waste takes its bytes, those of all such frames
   */
  ReceivedFrame(ByteBuffer waste, Connections connections) {
    super(waste);
    this.connections = connections;
    this.share = null;
  }

  /** A frame whose bytes came out of an encrypted one, and are kept. */
  ReceivedFrame(Msg decrypted, Connections connections, HeldBytes.Share share) {
    super(decrypted);
    this.connections = connections;
    this.share = share;
    share.livesWith(this);
  }

  /** Whether its bytes are what was sent. */
  boolean isKept() {
    return share != null;
  }

  /** Its bytes are of no more use. */
  void release() {
    if (share != null) {
      share.giveBack();
    }
  }

  /**
   * It passes on its way to who receives, once its flags are known; maybe again, where there was no
   * room there.
   *
   * @param address from where its connection is
   */
  void passes(String address) {
    if (!passed) {
      passed = true;
      connection = connections.passed(address, isKept() ? size() : 0, !hasMore());
    }
  }

  /**
   * Called by the library's thread when it decrypts it: its bytes have been taken out by its end.
   */
  @Override
  public void transfer(ByteBuffer to, int offset, int length) {
    super.transfer(to, offset, length);
    if (offset + length == size()) {
      release();
    }
  }

  /** By which it came; null for one that has ended. */
  @Nullable Connection connection() {
    return connection;
  }
}
