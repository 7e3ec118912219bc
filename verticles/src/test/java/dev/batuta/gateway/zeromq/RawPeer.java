package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** What tests say to a port byte by byte, as no library would. */
final class RawPeer {
  private RawPeer() {}

  static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** ZMTP 3.0, as a client. */
  static byte[] greeting(String mechanism) {
    byte[] greeting = new byte[64];
    greeting[0] = (byte) 0xff;
    greeting[8] = 1;
    greeting[9] = 0x7f;
    greeting[10] = 3;
    System.arraycopy(mechanism.getBytes(US_ASCII), 0, greeting, 12, mechanism.length());
    return greeting;
  }

  /** Reads until the other side has ended the connection. */
  static void awaitEnd(Socket peer) {
    try {
      InputStream in = peer.getInputStream();
      while (in.read() >= 0) {
        // What it says before is no matter.
      }
    } catch (IOException reset) {
      assertThat(reset).isNotInstanceOf(SocketTimeoutException.class);
    }
  }
}
