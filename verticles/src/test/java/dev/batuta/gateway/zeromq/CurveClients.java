package dev.batuta.gateway.zeromq;

import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;
import org.zeromq.ZMQ.Socket;

/** What clients need for CURVE. */
final class CurveClients {
  private CurveClients() {}

  /**
   * Has a socket encrypt, by a new key of its own.
   *
   * @param serverKey null in the clear
   */
  static void encrypt(Socket socket, @Nullable String serverKey) {
    if (serverKey != null) {
      ZMQ.Curve.KeyPair own = ZMQ.Curve.generateKeyPair();
      socket.setCurvePublicKey(ZMQ.Curve.z85Decode(own.publicKey));
      socket.setCurveSecretKey(ZMQ.Curve.z85Decode(own.secretKey));
      socket.setCurveServerKey(ZMQ.Curve.z85Decode(serverKey));
    }
  }
}
