package dev.batuta.gateway.zeromq;

import dev.batuta.gateway.DoorSettings;

/** One of the ports whose sockets a {@link SocketThread} owns; called by that thread only. */
interface SocketPort {
  LibrarySocket socket();

  DoorSettings settings();

  /** Whether it may receive more now: what it does not read waits in the clients. */
  boolean wantsInput();

  /** Takes what has come, in bounded time. */
  void receive();

  /** Looks after its connections, once a second. */
  void tick();
}
