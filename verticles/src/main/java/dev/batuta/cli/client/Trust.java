package dev.batuta.cli.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Whose certificates a command takes from a server that speaks HTTPS. */
public final class Trust {
  private Trust() {}

  /**
   * Those that Java trusts, and the certificates of a PEM file: of an authority of one's own, or of
   * the servers themselves.
   *
   * @throws Problem {@code bad-certificate}, when the file has none
   */
  public static SSLContext also(Path pem) {
    try {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (var issuer : trusted()) {
        store.setCertificateEntry("java-" + number++, issuer);
      }
      try (var file = Files.newInputStream(pem)) {
        for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
          store.setCertificateEntry("own-" + number++, certificate);
        }
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw Problem.unsure(
          "bad-certificate",
          "%s is no PEM file with certificates (%s): name another by --ca"
              .formatted(pem, e.getMessage()));
    }
  }

  /** By Java itself. */
  private static X509Certificate[] trusted() throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager trusted) {
        return trusted.getAcceptedIssuers();
      }
    }
    return new X509Certificate[0];
  }
}
