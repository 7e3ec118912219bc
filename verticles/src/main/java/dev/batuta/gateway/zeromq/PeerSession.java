package dev.batuta.gateway.zeromq;

import zmq.Msg;
import zmq.Options;
import zmq.SocketBase;
import zmq.io.IOThread;
import zmq.io.SessionBase;
import zmq.msg.MsgAllocator;

/**
 * A connection, where the library's reading of it passes. It is what says by which one a frame
 * came, and not what is noted with the frame. For the library's thread.
 */
class PeerSession extends SessionBase implements MsgAllocator {
  final Connections connections;
  final String address;

  /**
   * @param address where it comes from, with the port
   */
  PeerSession(
      IOThread thread,
      SocketBase socket,
      Options options,
      Connections connections,
      String address) {
    super(thread, false, socket, options, null);
    this.connections = connections;
    this.address = address;
  }

  @Override
  public Msg allocate(int size) {
    return connections.allocate(size, address);
  }

  @Override
  protected boolean pushMsg(Msg msg) {
    if (msg instanceof ReceivedFrame frame && !frame.isIdentity() && !frame.isCommand()) {
      frame.passes(address);
    }
    return super.pushMsg(msg);
  }
}
