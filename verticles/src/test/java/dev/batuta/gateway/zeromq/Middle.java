package dev.batuta.gateway.zeromq;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Between clients and a port of this machine, where it harms what each client sends. */
final class Middle implements Closeable {
  private final ServerSocket listening;
  private final int port;
  private final long changedAt;
  private final long stopsAt;
  private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
  private final AtomicLong passed = new AtomicLong();

  private Middle(int port, long changedAt, long stopsAt) throws IOException {
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.port = port;
    this.changedAt = changedAt;
    this.stopsAt = stopsAt;
    Thread.ofVirtual().start(this::accept);
  }

  /** Changes one byte of each connection. */
  static Middle changing(int port, long at) throws IOException {
    return new Middle(port, at, Long.MAX_VALUE);
  }

  /** Keeps to itself what follows so many bytes of each connection. */
  static Middle stopping(int port, long after) throws IOException {
    return new Middle(port, Long.MAX_VALUE, after);
  }

  String endpoint() {
    return "tcp://127.0.0.1:" + listening.getLocalPort();
  }

  /** How many bytes of clients have passed, in all. */
  long passed() {
    return passed.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        open.add(client);
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(server);
        Thread.ofVirtual().start(() -> copy(client, server, true));
        Thread.ofVirtual().start(() -> copy(server, client, false));
      }
    } catch (IOException closed) {
      // It is closed.
    }
  }

  private void copy(Socket from, Socket to, boolean harm) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      long position = 0;
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (!harm || position < stopsAt) {
          out.write(harm && position == changedAt ? next ^ 0x10 : next);
          passed.addAndGet(harm ? 1 : 0);
        }
        position++;
      }
    } catch (IOException ended) {
      // The other side will notice.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
