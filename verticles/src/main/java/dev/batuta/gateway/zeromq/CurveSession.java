package dev.batuta.gateway.zeromq;

import org.jspecify.annotations.Nullable;
import zmq.Msg;
import zmq.Options;
import zmq.SocketBase;
import zmq.io.IOThread;
import zmq.io.StreamEngine.ErrorReason;

/**
 * A connection that is encrypted, where the library's reading of it passes: what a frame holds
 * comes out of another one, whose bytes say nothing before. For the library's thread.
 */
final class CurveSession extends PeerSession {
  /** What a frame has more than what it holds (RFC 26: command, nonce, signature, flags). */
  static final int OVERHEAD_BYTES = 33;

  /** The longest command of a handshake has 513 bytes; the library relies on it. */
  private static final int MOST_HANDSHAKE_BYTES = 513;

  /** Whether its handshake has succeeded. */
  private boolean ready;

  private boolean refused;

  /** What came out of a frame and found no room yet in what the door has to receive. */
  private @Nullable Msg waiting;

  /**
   * @param address where it comes from, with the port
   */
  CurveSession(
      IOThread thread,
      SocketBase socket,
      Options options,
      Connections connections,
      String address) {
    super(thread, socket, options, connections, address);
  }

  /** A length is only announced so far; what is too much for a frame ends the connection. */
  @Override
  public Msg allocate(int size) {
    if (size >= 0 && size <= (ready ? connections.mostEncryptedBytes() : MOST_HANDSHAKE_BYTES)) {
      return ready ? connections.allocateEncrypted(size) : new Msg(size);
    }
    countRefused(ready ? "too-large" : "curve-failed");
    return new Msg(0); // which no frame of CURVE can be
  }

  /** Takes the identity, and each frame as it came out of its encrypted one. */
  @Override
  protected boolean pushMsg(Msg msg) {
    ready = true;
    if (msg.isIdentity() || msg.isCommand()) {
      return super.pushMsg(msg);
    }
    // The library (JeroMQ 0.6.0) comes again with the encrypted frame when there was no room.
    Msg frame = waiting == null ? connections.decrypted(msg, address) : waiting;
    boolean taken = super.pushMsg(frame);
    waiting = taken ? null : frame;
    return taken;
  }

  /** Only asked for when the handshake has succeeded. */
  @Override
  protected Msg pullMsg() {
    ready = true;
    return super.pullMsg();
  }

  /**
   * Its connection has ended.
   *
   * @param handshaked also when it was told that the handshake has failed
   */
  @Override
  public void engineError(boolean handshaked, ErrorReason reason) {
    if (!refused && (reason == ErrorReason.PROTOCOL || (handshaked && !ready))) {
      countRefused("curve-failed");
    }
    super.engineError(handshaked, reason);
  }

  private void countRefused(String why) {
    refused = true;
    connections.refused(why);
  }
}
