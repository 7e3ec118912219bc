package dev.batuta.gateway.zeromq;

import java.nio.ByteBuffer;
import zmq.Msg;

/** The last frame of a message to a client: counted until the library's thread writes it. */
final class SentFrame extends Msg {
  private final Connection to;
  private boolean taken;

  /**
   * @param body nobody changes any more
   */
  SentFrame(byte[] body, Connection to) {
    super(body);
    this.to = to;
    to.waits(body.length);
  }

  /** Called by the library's thread when it begins to write the frame, and by nobody before. */
  @Override
  public ByteBuffer buf() {
    take();
    return super.buf();
  }

  /** The same, where it encrypts the frame before. */
  @Override
  public void transfer(ByteBuffer destination, int offset, int length) {
    take();
    super.transfer(destination, offset, length);
  }

  private void take() {
    if (!taken) {
      taken = true;
      to.taken(size());
    }
  }
}
