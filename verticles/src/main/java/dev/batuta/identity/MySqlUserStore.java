package dev.batuta.identity;

import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link UserStore} in MySQL or MariaDB. */
public final class MySqlUserStore implements UserStore {
  private static final Logger LOG = LoggerFactory.getLogger(MySqlUserStore.class);

  private static final Map<String, String> DEMO_PASSWORDS =
      Map.of("alice", "password1", "bob", "password2", "carol", "pwd3", "admin", "admin");

  private final Database database;
  private final PasswordHashes hashes;
  private final SigningKeys keys;
  private final LoginFailures failures;

  public MySqlUserStore(Database database) {
    this.database = database;
    this.hashes = new PasswordHashes(database.vertx());
    this.keys = new MySqlSigningKeys(database);
    this.failures = new MySqlLoginFailures(database);
  }

  @Override
  public Future<Optional<StoredUser>> find(String user) {
    return database
        .query(
            "SELECT user, password_hash, roles, password_number FROM login WHERE user = ?",
            Tuple.of(user))
        .map(
            rows -> {
              var row = rows.iterator();
              return row.hasNext() ? Optional.of(stored(row.next())) : Optional.<StoredUser>empty();
            })
        // The database compares without blanks at the end.
        .map(found -> found.filter(stored -> stored.user().equals(user)));
  }

  private static StoredUser stored(Row row) {
    return new StoredUser(
        row.getString(0),
        row.getString(1),
        List.of(row.getString(2).split(",", -1)),
        row.getInteger(3));
  }

  @Override
  public Future<Optional<StoredUser>> authenticate(String user, String password) {
    return find(user)
        .compose(
            found ->
                hashes
                    .check(password, found.map(StoredUser::hash).orElse(PasswordHashes.NOBODY))
                    .compose(
                        right ->
                            right && found.isPresent()
                                ? upgraded(found.get(), password).map(Optional::of)
                                : Future.succeededFuture(Optional.empty())));
  }

  /** The user, whose password is hashed anew where that was done by an older rule. */
  private Future<StoredUser> upgraded(StoredUser user, String password) {
    if (!PasswordHashes.isOld(user.hash())) {
      return Future.succeededFuture(user);
    }
    return hashes
        .hash(password)
        .compose(
            hash ->
                database
                    // Not over a password that has been changed meanwhile.
                    .update(
                        "UPDATE login SET password_hash = ? WHERE user = ? AND password_hash = ?",
                        Tuple.of(hash, user.user(), user.hash()))
                    .map(new StoredUser(user.user(), hash, user.roles(), user.passwordNumber())))
        .onSuccess(
            stored ->
                LOG.atInfo().addKeyValue("user", user.user()).log("a password was hashed anew"))
        .recover(
            error -> {
              LOG.atWarn()
                  .addKeyValue("user", user.user())
                  .addKeyValue("why", error.getMessage())
                  .log("a password could not be hashed anew");
              return Future.succeededFuture(user);
            });
  }

  @Override
  public Future<StoredUser> put(String user, String password, List<String> roles) {
    boolean keeps = roles.isEmpty();
    return Future.succeededFuture(user)
        .map(given -> UserName.checked("user", given))
        .compose(kept -> hashes.hash(password))
        .compose(
            hash ->
                database.update(
                    """
                    INSERT INTO login (user, password_hash, roles, changed_at)
                    VALUES (?, ?, ?, UTC_TIMESTAMP(3))
                    ON DUPLICATE KEY UPDATE password_hash = VALUES(password_hash),
                        roles = IF(?, login.roles, VALUES(roles)),
                        password_number = password_number + 1, changed_at = VALUES(changed_at)
                    """,
                    Tuple.of(user, hash, keeps ? "user" : String.join(",", roles), keeps)))
        .compose(written -> find(user))
        .map(Optional::orElseThrow);
  }

  @Override
  public Future<Map<String, Integer>> renewed(Duration within) {
    return database
        .query(
            "SELECT user, password_number FROM login"
                + " WHERE changed_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND AND password_number > 1",
            Tuple.of(within.toSeconds()))
        .map(
            rows -> {
              Map<String, Integer> numbers = new HashMap<>();
              rows.forEach(row -> numbers.put(row.getString(0), row.getInteger(1)));
              return Map.copyOf(numbers);
            });
  }

  @Override
  public LoginFailures failures() {
    return failures;
  }

  @Override
  public SigningKeys keys() {
    return keys;
  }

  @Override
  public Future<Void> seedDemo() {
    return Future.all(DEMO_PASSWORDS.keySet().stream().map(this::seed).toList()).mapEmpty();
  }

  private Future<Void> seed(String user) {
    String role = user.equals("admin") ? "admin" : "user";
    return find(user)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture()
                    : hashes
                        .hash(String.valueOf(DEMO_PASSWORDS.get(user)))
                        .compose(
                            hash ->
                                database.update(
                                    """
                                    INSERT INTO login (user, password_hash, roles, changed_at)
                                    VALUES (?, ?, ?, UTC_TIMESTAMP(3))
                                    ON DUPLICATE KEY UPDATE login.user = login.user
                                    """,
                                    Tuple.of(user, hash, role))))
        .mapEmpty();
  }
}
