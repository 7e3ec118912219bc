package dev.batuta.gateway;

import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * By what a door of TCP, WebSocket or HTTP says who it is, and encrypts. ZeroMQ has no TLS, but an
 * encryption of its own, CURVE.
 *
 * @param certificate PEM file with the certificate of this node, and those between it and its
 *     authority
 * @param key PEM file with its private key, as PKCS #8 and without a password
 */
public record TlsSettings(Path certificate, Path key) {
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

  /**
   * @throws IllegalArgumentException that names the file that cannot be read
   */
  public TlsSettings {
    for (Path file : new Path[] {certificate, key}) {
      if (!Files.isReadable(file) || Files.isDirectory(file)) {
        throw new IllegalArgumentException("there is no file " + file + " that can be read");
      }
    }
  }

  /**
   * Has a server speak TLS and nothing else; the files are read when it listens.
   *
   * @param opening within which a handshake has to end
   * @param handshakes of this server alone
   */
  public <O extends NetServerOptions> O applyTo(
      O options, Duration opening, Handshakes handshakes) {
    options
        .setSsl(true)
        .setKeyCertOptions(
            new PemKeyCertOptions().addCertPath(certificate.toString()).addKeyPath(key.toString()))
        .setEnabledSecureTransportProtocols(PROTOCOLS)
        .setSslEngineOptions(handshakes.engine())
        .setSslHandshakeTimeout(opening.toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    return options;
  }
}
