package dev.batuta.messaging.replica;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** The public id of a message: of its author and that author's message id, so of all its ops. */
public final class MessageId {
  /** Only copied, by any thread. */
  private static final MessageDigest SHA_256 = found();

  private MessageId() {}

  public static String of(Content.Said said, Origin origin, long sequence) {
    MessageDigest sha256 = sha256();
    if (said.messageId().isEmpty()) {
      sha256.update(origin.server().getBytes(StandardCharsets.UTF_8));
      sha256.update(ByteBuffer.allocate(16).putLong(origin.incarnation()).putLong(sequence).flip());
    } else {
      sha256.update(Name.fold(said.author()).getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) '\n');
      sha256.update(said.messageId().getBytes(StandardCharsets.UTF_8));
    }
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Arrays.copyOf(sha256.digest(), 15));
  }

  /** A new one; a copy of one costs less than to look for the algorithm. */
  public static MessageDigest sha256() {
    try {
      return (MessageDigest) SHA_256.clone();
    } catch (CloneNotSupportedException uncloned) {
      throw new IllegalStateException("SHA-256 of this platform cannot be copied", uncloned);
    }
  }

  private static MessageDigest found() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java platform has SHA-256", absent);
    }
  }
}
