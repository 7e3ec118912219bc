package dev.batuta.gateway.zeromq;

import dev.batuta.gateway.HeldBytes;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import zmq.Msg;
import zmq.io.Metadata;

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
  private final boolean broken;
  private @Nullable Connection connection;

  /** A frame whose bytes are kept. */
  ReceivedFrame(int size, Connections connections, HeldBytes.Share share) {
    super(size);
    this.connections = connections;
    this.share = share;
    this.broken = false;
    // One of a connection that ends in the middle of it is let go by the library without a word.
    share.livesWith(this);
  }

  /**
   * A frame that is read and not kept: of it only the size is of use.
   *
   * @param waste takes its bytes, those of all such frames
   * @param broken whether its length can be none, so that nothing that follows can be read
   */
  ReceivedFrame(ByteBuffer waste, Connections connections, boolean broken) {
    super(waste);
    this.connections = connections;
    this.share = null;
    this.broken = broken;
  }

  /** A frame whose bytes came out of an encrypted one, and are kept. */
  ReceivedFrame(Msg decrypted, Connections connections, HeldBytes.Share share) {
    super(decrypted);
    this.connections = connections;
    this.share = share;
    this.broken = false;
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

  /** Called by the library's thread, for each frame of a message once its flags are known. */
  @Override
  public Msg setMetadata(@Nullable Metadata metadata) {
    String address = metadata == null ? null : metadata.get(Metadata.PEER_ADDRESS);
    if (broken && address != null) {
      connections.broken(address);
    } else if (address != null && connection == null && !isCommand()) {
      passes(address);
    }
    return super.setMetadata(metadata);
  }

  /** It comes by the connection from an address. */
  void passes(String address) {
    connection = connections.passed(address, isKept() ? size() : 0, !hasMore());
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
