package dev.batuta.gateway.zeromq;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.regex.Pattern;
import javax.crypto.KeyAgreement;
import org.zeromq.ZMQ;

/**
 * By what the door of ZeroMQ says who it is, and encrypts: CURVE, as ZMTP 3.0 has it (RFC 26). A
 * client has to know the public half before it comes; any key of its own is good.
 */
public final class CurveKey {
  private static final int BYTES = 32;
  private static final BigInteger BASE_POINT = BigInteger.valueOf(9);
  private static final Pattern Z85 =
      Pattern.compile("[0-9a-zA-Z.\\-:+=^!/*?&<>()\\[\\]{}@%$#]{40}");
  private static final int MOST_FILE_BYTES = 1_024;

  private final byte[] secret;
  private final byte[] shared;

  private CurveKey(byte[] secret) {
    this.secret = secret;
    this.shared = publicOf(secret);
  }

  /** A new one. */
  public static CurveKey random() {
    byte[] secret = new byte[BYTES];
    new SecureRandom().nextBytes(secret);
    return new CurveKey(secret);
  }

  /**
   * Reads the secret half, as {@link #secret} has it.
   *
   * @throws IllegalArgumentException that says what is wrong with the file, and nothing of what it
   *     holds
   */
  public static CurveKey read(Path file) {
    String text = content(file);
    byte[] secret = Z85.matcher(text).matches() ? ZMQ.Curve.z85Decode(text) : null;
    if (secret == null || !ZMQ.Curve.z85Encode(secret).equals(text)) {
      throw new IllegalArgumentException(
          "what it holds is not the 40 characters of a secret CURVE key in Z85");
    }
    return new CurveKey(secret);
  }

  /** Of its beginning, which is longer than a key. */
  private static String content(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MOST_FILE_BYTES), StandardCharsets.ISO_8859_1).strip();
    } catch (IOException unreadable) {
      throw new IllegalArgumentException("there is no such file that can be read", unreadable);
    }
  }

  /** X25519 (RFC 7748) of the base point; a secret key is any 32 bytes. */
  private static byte[] publicOf(byte[] secret) {
    try {
      KeyFactory keys = KeyFactory.getInstance("X25519");
      KeyAgreement agreement = KeyAgreement.getInstance("X25519");
      agreement.init(
          keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret)));
      agreement.doPhase(
          keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BASE_POINT)), true);
      return agreement.generateSecret();
    } catch (GeneralSecurityException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  /** The secret half in Z85; for the file of its server alone. */
  public String secret() {
    return ZMQ.Curve.z85Encode(secret);
  }

  /** The public half in Z85, which clients have to know. */
  public String publicKey() {
    return ZMQ.Curve.z85Encode(shared);
  }

  byte[] secretBytes() {
    return secret.clone();
  }

  byte[] publicBytes() {
    return shared.clone();
  }

  @Override
  public String toString() {
    return "CurveKey[" + publicKey() + "]";
  }
}
