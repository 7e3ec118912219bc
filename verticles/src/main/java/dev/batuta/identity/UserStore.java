package dev.batuta.identity;

import dev.batuta.codec.Bytes;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Users with passwords, and the key that signs their tokens. */
public interface UserStore {

  /**
   * A user.
   *
   * @param hash of the password, with its algorithm and salt
   */
  record StoredUser(String user, String hash, List<String> roles) {}

  /** The key of HMAC-SHA-256, 32 bytes. */
  record SigningKey(Bytes secret) {
    @Override
    public String toString() {
      return "SigningKey[secret]";
    }
  }

  Future<Optional<StoredUser>> find(String user);

  /** The user, if this is the password. Takes as long for a user that does not exist. */
  Future<Optional<StoredUser>> authenticate(String user, String password);

  /** Adds a user, or gives it another password and roles. */
  Future<Void> put(String user, String password, List<String> roles);

  /** Made once, at random, by whoever asks first; the same for all servers from then on. */
  Future<SigningKey> signingKey();

  /** Adds the demonstration users where they are missing, and changes nothing else. */
  Future<Void> seedDemo();
}
