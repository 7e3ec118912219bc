package dev.batuta.identity;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Users with passwords, and the keys that sign their tokens. Safe on any thread. */
public interface UserStore {

  /**
   * A user.
   *
   * @param hash of the password, with its algorithm and salt
   * @param passwordNumber how many passwords it has been given, this one included
   */
  record StoredUser(String user, String hash, List<String> roles, int passwordNumber) {
    @Override
    public String toString() {
      return "StoredUser[" + user + "]";
    }
  }

  Future<Optional<StoredUser>> find(String user);

  /**
   * The user, if this is the password, whose hash is then brought to the present rule. Takes as
   * long for a user that does not exist.
   */
  Future<Optional<StoredUser>> authenticate(String user, String password);

  /**
   * Adds a user, or gives it another password and roles; what tokens its password gave before are
   * none any more.
   *
   * @param roles none if those that it has stay, which for a new one are {@code user}
   */
  Future<StoredUser> put(String user, String password, List<String> roles);

  /** Who was given another password within that time, and {@link StoredUser#passwordNumber}. */
  Future<Map<String, Integer>> renewed(Duration within);

  /** What passwords were wrong. */
  LoginFailures failures();

  /** The keys that sign tokens. */
  SigningKeys keys();

  /** Adds the demonstration users where they are missing, and changes nothing else. */
  Future<Void> seedDemo();
}
