package dev.batuta.identity;

import com.password4j.Argon2Function;
import com.password4j.BadParametersException;
import com.password4j.BcryptFunction;
import com.password4j.HashingFunction;
import com.password4j.Password;
import com.password4j.types.Argon2;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;

/**
 * Hashes of passwords: Argon2id (RFC 9106) with the parameters that OWASP's Password Storage Cheat
 * Sheet recommends (19 MiB, 2 passes, 1 lane; about 50 ms). Those of other parameters, and of
 * bcrypt, are still read. Safe on any thread: it hashes on a few threads of its own, so that
 * neither an event loop waits nor the memory of many hashes is taken at once.
 */
final class PasswordHashes {
  private static final int MEMORY_KIB = 19 * 1024;
  private static final int PASSES = 2;
  private static final int LANES = 1;
  private static final int HASH_BYTES = 32;
  private static final int SALT_BYTES = 16;
  private static final String PREFIX =
      "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=" + LANES + "$";

  /** Of nothing: it is compared when there is no such user, so that both take the same time. */
  static final String NOBODY = PREFIX + "A".repeat(22) + "$" + "A".repeat(43);

  private static final Argon2Function HASH =
      Argon2Function.getInstance(MEMORY_KIB, PASSES, LANES, HASH_BYTES, Argon2.ID);

  /** Hashes at once. */
  private static final int THREADS = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4);

  private final WorkerExecutor threads;

  PasswordHashes(Vertx vertx) {
    this.threads = vertx.createSharedWorkerExecutor("batuta-passwords", THREADS);
  }

  /** The hash of a password, with its algorithm, parameters and a salt of its own. */
  Future<String> hash(String password) {
    return threads.executeBlocking(
        () -> Password.hash(password).addRandomSalt(SALT_BYTES).with(HASH).getResult(), false);
  }

  /** Whether this is the password; what it compares takes the same time wherever they differ. */
  Future<Boolean> check(String password, String hash) {
    return threads.executeBlocking(
        () -> Password.check(password, hash).with(function(hash)), false);
  }

  /** Whether a hash has been made otherwise than {@link #hash} makes one now. */
  static boolean isOld(String hash) {
    return !hash.startsWith(PREFIX);
  }

  /**
   * @throws BadParametersException for what is no hash, or of another kind
   */
  private static HashingFunction function(String hash) {
    return hash.startsWith("$argon2")
        ? Argon2Function.getInstanceFromHash(hash)
        : BcryptFunction.getInstanceFromHash(hash);
  }
}
